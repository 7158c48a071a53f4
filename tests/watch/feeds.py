"""Follows all executions as a client does, and compares what came with what is on record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from tests.harness import Server, SseEvent

WATCH = "/invocations/v1/executions:watch"
PAGE = "/events?page_size=1000"


class Feed:
    """One stream of events that has begun: what happens from now on comes."""

    def __init__(self, server: Server, cursor: str = "", **query: Any) -> None:
        headers = {"Last-Event-ID": cursor} if cursor else {}
        path = f"{WATCH}?{urlencode(query, doseq=True)}" if query else WATCH
        self._events = server.stream("GET", path, headers=headers)
        first = next(self._events)
        assert first.name == "bookmark", first
        self.cursor = first.id

    def __iter__(self) -> Iterator[SseEvent]:
        for event in self._events:
            self.cursor = event.id
            if event.name == "recorded":
                yield event

    def until(self, kind: str, execution_id: str) -> list[SseEvent]:
        """Events up to this one."""
        found = []
        for event in self:
            found.append(event)
            if (event.json["event"]["type"], event.json["execution_id"]) == (kind, execution_id):
                break
        return found

    def close(self) -> None:
        self._events.close()


def log_of(server: Server, execution_id: str) -> list[Any]:
    return list(server.execution(execution_id, PAGE)["events"])


def by_execution(events: list[SseEvent]) -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for event in events:
        found.setdefault(event.json["execution_id"], []).append(event.json["event"])
    return found
