"""What nodes left in their file of lines, by the process of the server in which they ran."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

_SUCCEEDED = "NODE_SUCCEEDED"


@dataclass(frozen=True, slots=True)
class Line:
    execution_id: str
    node: str
    attempt: int


class Ledger:
    """Told when a process of the server starts. Only one runs at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()
        self._starts: list[tuple[float, int]] = []

    def process_starts(self) -> None:
        self._starts.append((time.time(), self.path.stat().st_size))

    def lines(self) -> list[list[Line]]:
        """The lines of each process, in order."""
        content = self.path.read_bytes()
        ends = [offset for _, offset in self._starts[1:]] + [len(content)]
        return [_parse(content[begin:end]) for (_, begin), end in zip(self._starts, ends, strict=True)]

    def lines_of(self, execution_id: str) -> list[list[Line]]:
        """The lines of one execution, of each process in which it left any."""
        mine = ([line for line in lines if line.execution_id == execution_id] for lines in self.lines())
        return [lines for lines in mine if lines]

    def runs(self) -> Counter[tuple[str, str]]:
        """How often each node of each execution ran."""
        return Counter((line.execution_id, line.node) for lines in self.lines() for line in lines)

    def breaches(self, logs: dict[str, list[Any]]) -> list[str]:
        """What must never be: a node that ran again after its completion, or twice in one process.

        `logs` are the events of the executions that count.
        """
        succeeded = {
            (execution_id, event["node"]): datetime.fromisoformat(event["time"]).timestamp()
            for execution_id, log in logs.items()
            for event in log
            if event["type"] == _SUCCEEDED
        }
        found = []
        for number, ((start, _), lines) in enumerate(zip(self._starts, self.lines(), strict=True)):
            ran = [(line.execution_id, line.node) for line in lines if line.execution_id in logs]
            found += [
                f"{one} ran {times} times in process {number}" for one, times in Counter(ran).items() if times > 1
            ]
            found += [
                f"{one} had completed and ran again in process {number}"
                for one in ran
                if one in succeeded and succeeded[one] < start
            ]
        return found


def _parse(content: bytes) -> list[Line]:
    lines = []
    for text in content.decode().splitlines():
        execution_id, node, attempt = text.split()
        lines.append(Line(execution_id, node, int(attempt)))
    return lines
