"""Tells people how far a bulk operation is, and what came of it."""

from __future__ import annotations

import shutil
from typing import TextIO

from penstock.cli.client import JsonObject
from penstock.cli.output import print_json_line
from penstock.cli.table import one_line

_CLEAR_LINE = "\r\x1b[K"
_BAR_CELLS = 20
_DONE = {
    "CANCEL": "cancelled",
    "RECOVER": "recovered",
    "RELAUNCH": "run again",
    "FORK": "forked",
    "APPROVE": "approved",
    "REJECT": "rejected",
    "RETRY_NOW": "tried again",
    "RESUME": "resumed",
    "SIGNAL": "signalled",
}


def summary(operation: JsonObject) -> str:
    """What came of it in one line: "3 recovered, 1 had nothing to do, 1 failed"."""
    parts = [f"{operation['done']:,} {_DONE.get(operation['verb'], 'done')}"]
    if operation["skipped"]:
        parts.append(f"{operation['skipped']:,} had nothing to do")
    if operation["failed"]:
        parts.append(f"{operation['failed']:,} failed")
    if operation["state"] == "CANCELLED":
        parts.append("then it was cancelled")
    return ", ".join(parts)


def hint(operation_id: str) -> str:
    """What to say to somebody who follows no more."""
    return (
        f"the server goes on with it: `penstock bulk watch {operation_id}` follows,"
        f" `penstock bulk cancel {operation_id}` stops it"
    )


def print_problems(operation: JsonObject, stream: TextIO) -> None:
    """One line for each that is known of those that failed."""
    for problem in operation["problems"]:
        print(f"execution {problem['execution_id']}: {one_line(problem['message'])}", file=stream)
    left = operation["failed"] - len(operation["problems"])
    if left > 0:
        print(f"{left:,} more failed", file=stream)


class Progress:
    """A line that lives on a terminal; elsewhere nothing but the problems at the end."""

    def __init__(self, stream: TextIO, *, is_silent: bool) -> None:
        self._stream = stream
        self._is_live = stream.isatty() and not is_silent
        self._is_drawn = False

    def show(self, operation: JsonObject, *, as_json: bool) -> None:
        if as_json:
            print_json_line(operation)
        if not self._is_live:
            return
        settled, matched = operation["done"] + operation["skipped"] + operation["failed"], operation["matched"]
        filled = _BAR_CELLS * settled // max(matched, settled, 1)
        bar = "█" * filled + "░" * (_BAR_CELLS - filled)
        text = f"{bar} {settled:,} of {matched:,}: {summary(operation)}"
        if operation["state"] == "PENDING":
            text = "waits for a process of the server"
        self._stream.write(_CLEAR_LINE + text[: shutil.get_terminal_size().columns - 1])
        self._stream.flush()
        self._is_drawn = True

    def end(self) -> None:
        """Takes the line away; it may be called again."""
        if self._is_drawn:
            self._stream.write(_CLEAR_LINE)
            self._stream.flush()
            self._is_drawn = False
