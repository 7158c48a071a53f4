"""Counts what came of each of many executions, and tells it."""

from __future__ import annotations

import sys

from penstock.cli.client import JsonObject
from penstock.cli.errors import Refused
from penstock.cli.output import print_json_line
from penstock.cli.table import one_line

_DONE = {"cancel": "cancelled", "recover": "recovered", "relaunch": "run again"}
_CLEAR_LINE = "\r\x1b[K"


class Tally:
    """Progress and refusals go to stderr, the sum to stdout; as JSON each execution is a line there."""

    def __init__(self, action: str, output: str) -> None:
        self._action = action
        self._is_json = output == "json"
        self._is_live = sys.stderr.isatty()
        self.done = 0
        self.refused = 0
        self.settled = 0
        """Those that ended before they could be stopped."""
        self.children = 0
        """Executions of sub-flows, which go with their parents."""

    def add(self, execution_id: str, answer: JsonObject) -> None:
        self.done += 1
        if self._is_json and self._action == "cancel":
            print_json_line({"execution_id": execution_id, "status": answer["status"]})
        elif self._is_json:
            print_json_line({"execution_id": execution_id, "new_execution_id": answer["execution_id"]})

    def refuse(self, execution_id: str, error: Refused) -> None:
        if self._action == "cancel" and error.reason == "ILLEGAL_STATE":
            self.settled += 1
            return
        self.refused += 1
        if self._is_json:
            print_json_line({"execution_id": execution_id, "error": str(error), "reason": error.reason})
        else:
            clear = _CLEAR_LINE if self._is_live else ""
            print(f"{clear}execution {execution_id}: {one_line(str(error))}", file=sys.stderr, flush=True)

    def show(self) -> None:
        """How far it is."""
        if self._is_live:
            print(f"{_CLEAR_LINE}{self.text()}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self._is_live:
            print(_CLEAR_LINE, end="", file=sys.stderr, flush=True)
        if not self._is_json:
            print(self.text())

    def text(self) -> str:
        """Such as "1,204 recovered, 2 refused"."""
        parts = [f"{self.done:,} {_DONE[self._action]}"]
        parts += [f"{self.refused:,} refused"] if self.refused else []
        parts += [f"{self.settled:,} had ended"] if self.settled else []
        return ", ".join([*parts, *self.left()])

    def left(self) -> list[str]:
        """What is not acted on."""
        plural = "" if self.children == 1 else "s"
        return [f"{self.children:,} sub-flow{plural} left to their parents"] if self.children else []
