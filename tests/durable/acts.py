"""Executions of the package `acts`: begun, tended by the people and programs that they wait for, and judged."""

from __future__ import annotations

import http.client
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.durable.stage import EXECUTIONS, Stage, events, executions, until
from tests.harness import Server

ENDS = {"COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT"}
_SETTLED = {"NODE_SUCCEEDED": "run", "ITEM_SUCCEEDED": "run", "NODE_COMPENSATED": "undo"}
_TRACES = {
    "EXECUTION_RESUMED",
    "EXECUTION_WAITING_ON_GATE",
    "EXECUTION_CONTINUED",
    "NODE_REPORTED",
    "NODE_ATTEMPT_FAILED",
}
"""Events that a crash adds, leaves out or moves: an attempt that it cuts off is none that failed."""


@dataclass(slots=True)
class Acts:
    """The executions of one test. `lines` is the file in which nodes leave their lines."""

    stage: Stage
    lines: Path
    batch: str = field(default_factory=lambda: uuid4().hex)
    """Label of the executions that the test began itself."""

    @property
    def server(self) -> Server:
        return self.stage.server

    def begin(self, flow: str, number: int, freeze_after: int = 0, **fields: Any) -> None:
        """Nobody waits for the answer: it does not come when the execution freezes at its acceptance."""
        labels = {"batch": self.batch, "freeze_after": str(freeze_after)}
        given = {"lines": str(self.lines), "number": number}
        threading.Thread(
            target=self._begin, args=(flow, given), kwargs={"labels": labels, **fields}, daemon=True
        ).start()

    def _begin(self, flow: str, given: Any, **fields: Any) -> None:
        with suppress(OSError, http.client.HTTPException):
            self.server.begin(flow, given, **fields)

    def rows(self) -> list[Any]:
        return [row for row in executions(self.server) if row["labels"].get("batch") == self.batch]

    @contextmanager
    def tended(self) -> Iterator[None]:
        """Somebody decides pauses, sends signals and cancels, as long as it takes."""
        is_over = threading.Event()

        def tend() -> None:
            told: set[str] = set()
            while not is_over.wait(0.02):
                with suppress(OSError, http.client.HTTPException):
                    for row in executions(self.server):
                        if row["status"] not in ENDS and row["execution_id"] not in told:
                            self._tend(row, told)

        tending = threading.Thread(target=tend, daemon=True)
        tending.start()
        yield
        is_over.set()
        tending.join()

    def _tend(self, row: Any, told: set[str]) -> None:
        path = f"{EXECUTIONS}/{row['execution_id']}"
        asks: list[tuple[str, str, Any, dict[str, str]]] = []
        if row["flow"] == "asking" and row["status"] == "PAUSED":
            asks = [("POST", f"{path}/pauses/ask:approve", {"comment": "go"}, {})]
        elif row["flow"] == "guarded" and row["status"] == "PAUSED":
            # It waits twice.
            self._approve(path, told)
            return
        elif row["flow"] == "listening" and row["status"] != "QUEUED":
            for number in (1, 2):
                asks.append(("POST", f"{path}/signals/more", {"number": number}, {"Idempotency-Key": str(number)}))
        elif row["flow"] == "cancelling" and ("NODE_SUCCEEDED", "first") in kinds(events(self.server, path[-32:])):
            asks = [("DELETE", f"/invocations/v1/flows/{row['execution_id']}", None, {})]
        if asks:
            told.add(row["execution_id"])
            threading.Thread(target=self._ask, args=(asks,), daemon=True).start()

    def _approve(self, path: str, told: set[str]) -> None:
        for pause in self.server.request("GET", f"{path}/pauses").json["pauses"]:
            key = f"{path} {pause['pause']}"
            if pause["state"] == "OPEN" and key not in told:
                told.add(key)
                asks = [("POST", f"{path}/pauses/{pause['pause']}:approve", {}, {})]
                threading.Thread(target=self._ask, args=(asks,), daemon=True).start()

    def _ask(self, asks: list[tuple[str, str, Any, dict[str, str]]]) -> None:
        with suppress(OSError, http.client.HTTPException):
            for ask in asks:
                self.server.request(*ask)

    def settle(self, count: int, frozen: Path) -> None:
        """Waits until each of `count` executions has ended, is frozen, or waits for a child that is."""

        def unsettled() -> list[Any]:
            rows, stopped = self.rows(), set(frozen.read_text().split())
            assert len(rows) <= count
            found = [row for row in rows if row["status"] not in ENDS and row["execution_id"] not in stopped]
            found = [row for row in found if not stopped & set(children_of(self.server, row["execution_id"]))]
            return found if len(rows) == count else [*found, f"{count - len(rows)} are not there yet"]

        try:
            until(lambda: not unsettled())
        except AssertionError:
            raise AssertionError(f"still going on: {unsettled()}\n{self.server.log[-2000:]}") from None

    def runs(self) -> Counter[tuple[str, str]]:
        """How often each node or item ran, and was undone, by (idempotency key, what)."""
        return Counter((key, what) for key, what, _, _ in self._lines())

    def _lines(self) -> list[tuple[str, str, int, int]]:
        lines = (line.split() for line in self.lines.read_text().splitlines())
        return [(key, what, int(attempt), int(time_us)) for key, what, attempt, time_us in lines]

    def breaches(self, logs: dict[str, list[Any]]) -> list[str]:
        """Nodes and items that ran again after their success was on record."""
        done: dict[tuple[str, str], float] = {}
        for execution_id, log in logs.items():
            for event in log:
                if what := _SETTLED.get(event["type"]):
                    item = f"/{event['item']}" if "item" in event else ""
                    done[f"{execution_id}/{event['node']}{item}", what] = time_us(event)
        return [
            f"{key} had its {what} on record and ran again"
            for key, what, _, when_us in self._lines()
            if when_us > done.get((key, what), when_us)
        ]


def children_of(server: Server, execution_id: str) -> list[str]:
    return [event["child_execution_id"] for event in events(server, execution_id) if event.get("wait") == "FLOW"]


def time_us(event: Any, name: str = "time") -> float:
    return datetime.fromisoformat(event[name]).timestamp() * 1e6


def kinds(log: list[Any]) -> list[tuple[Any, ...]]:
    return [(event["type"], event.get("node")) for event in log]


def core(log: list[Any]) -> list[tuple[Any, ...]]:
    """What a log is without the traces of a crash: see `_TRACES`. Starts that were repeated count once."""
    found = dict.fromkeys(
        (event["type"], event.get("node", ""), event.get("item", -1), event.get("decision", ""))
        for event in log
        if event["type"] not in _TRACES
    )
    return list(found)
