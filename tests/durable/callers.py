"""Callers who go on with what they want when the server is killed under them, as careful clients do."""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from tests.durable.stage import EXECUTIONS, PATIENCE_S, STREAM
from tests.harness import Server, SseEvent

WAIT_S = 300
"""Longer than any test: whoever waits waits for the end."""

_T = TypeVar("_T")


@dataclass(slots=True)
class Told:
    """What callers were told. Only acknowledged executions are in it."""

    started: set[str] = field(default_factory=set)
    """Acknowledged with 202, or by a first frame."""
    results: dict[str, Any] = field(default_factory=dict)
    """Result of those that somebody waited for, by execution."""
    requests: dict[str, list[str]] = field(default_factory=dict)
    """Executions that each request id was answered with."""
    streams: dict[str, list[SseEvent]] = field(default_factory=dict)
    """Frames that a caller got, in the order of arrival, over all its connections."""
    logs: dict[str, list[SseEvent]] = field(default_factory=dict)
    """Everything that a follower got."""


class Callers:
    """`count` threads of each kind, which begin new executions until `rest` is called."""

    def __init__(self, server: Server, lines: Path, seed: str, count: int) -> None:
        self.told = Told()
        self._server = server
        self._lines = lines
        self._up = threading.Event()
        self._resting = threading.Event()
        self._lock = threading.Lock()
        self._errors: list[BaseException] = []
        kinds = (self._wait, self._leave, self._stream, self._follow)
        self._threads = [
            threading.Thread(
                target=self._run, args=(kind, random.Random(f"{seed} {kind.__name__} {number}")), daemon=True
            )
            for kind in kinds
            for number in range(count)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def server_is_up(self) -> None:
        self._up.set()

    def server_is_down(self) -> None:
        self._up.clear()

    def rest(self) -> Told:
        """Lets everybody finish what is begun. Raises what a caller could not explain."""
        self._resting.set()
        deadline = time.monotonic() + PATIENCE_S
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0))
        if self._errors:
            raise self._errors[0]
        waiting_count = sum(thread.is_alive() for thread in self._threads)
        assert waiting_count == 0, f"{waiting_count} callers still wait\n{self._server.log}"
        return self.told

    def _run(self, kind: Callable[[random.Random], None], dice: random.Random) -> None:
        try:
            while not self._resting.is_set():
                kind(dice)
        except BaseException as error:
            self._errors.append(error)

    def _until_answered(self, ask: Callable[[], _T]) -> _T:
        while True:
            answer = self._once(ask)
            if answer is not None:
                return answer

    def _once(self, ask: Callable[[], _T]) -> _T | None:
        """None when the server went away."""
        self._up.wait(WAIT_S)
        try:
            return ask()
        except (OSError, http.client.HTTPException):
            return None

    def _work(self, dice: random.Random, number_max: int) -> dict[str, Any]:
        return {"lines": str(self._lines), "number": dice.randint(1, number_max), "nap_ms": dice.randint(1, 120)}

    # Kinds.

    def _wait(self, dice: random.Random) -> None:
        """Waits for the result, and asks again with the same request id."""
        given, request_id = self._work(dice, 9), str(UUID(int=dice.getrandbits(128)))
        ids: list[str] = []

        def ask() -> Any:
            answer = self._server.invoke("steps", given, request_id=request_id, timeout_seconds=WAIT_S)
            ids.append(answer["execution_id"])
            return answer

        answer = self._until_answered(ask)
        with self._lock:
            self.told.requests[request_id] = ids
            self.told.started.add(answer["execution_id"])
            self.told.results[answer["execution_id"]] = answer["result"]

    def _leave(self, dice: random.Random) -> None:
        """Begins some, and waits for them only when all are begun."""
        begun = []
        for _ in range(dice.randint(1, 4)):
            given = self._work(dice, 9)
            execution_id = self._once(lambda given=given: self._server.begin("steps", given))  # type: ignore[misc]
            if execution_id is not None:
                begun.append(execution_id)
        with self._lock:
            self.told.started.update(begun)
        for execution_id in begun:
            self._until_answered(lambda one=execution_id: self._server.wait(one, WAIT_S))  # type: ignore[misc]

    def _stream(self, dice: random.Random) -> None:
        """Reads frames, and goes on behind the last one."""
        given = {**self._work(dice, 12), "nap_ms": dice.randint(1, 60)}
        frames: list[SseEvent] = []
        body = {"flow": "marks", "input": given, "timeout_seconds": WAIT_S}
        self._once(lambda: self._read(frames, "POST", STREAM, body))
        if not frames:
            # Nobody told the caller of an execution.
            return
        execution_id = frames[0].json["execution_id"]
        while not frames[-1].json.get("is_final"):
            self._once(lambda: self._resume(frames, execution_id))
        with self._lock:
            self.told.started.add(execution_id)
            self.told.streams[execution_id] = [frame for frame in frames if frame.name == "message"]

    def _follow(self, dice: random.Random) -> None:
        """Begins one and follows its whole log."""
        given = self._work(dice, 9)
        execution_id = self._once(lambda: self._server.begin("steps", given))
        if execution_id is None:
            return
        seen: list[SseEvent] = []
        while not (seen and seen[-1].json.get("is_final")):
            self._once(lambda: self._resume(seen, execution_id))
        with self._lock:
            self.told.started.add(execution_id)
            self.told.logs[execution_id] = seen

    def _resume(self, seen: list[SseEvent], execution_id: str) -> bool:
        last = {"Last-Event-ID": seen[-1].id} if seen else {}
        return self._read(seen, "GET", f"{EXECUTIONS}/{execution_id}/stream", None, last)

    def _read(
        self, seen: list[SseEvent], method: str, path: str, body: Any, headers: dict[str, str] | None = None
    ) -> bool:
        # Each as it comes: what came before the connection broke counts.
        seen.extend(self._server.stream(method, path, body, headers))
        return True
