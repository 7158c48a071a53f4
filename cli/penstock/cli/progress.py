"""Words what happens in an execution, node by node."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from penstock.cli.client import JsonObject
from penstock.cli.follow import Update
from penstock.cli.human import failure, span

_ENDS = {
    "NODE_SUCCEEDED": "succeeded",
    "NODE_FAILED": "failed",
    "NODE_TIMED_OUT": "timed out",
    "NODE_CANCELLED": "was cancelled",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text. `is_lasting` is False for what a live display shows in its own way."""

    text: str
    is_lasting: bool = True


class Narrator:
    """Keeps which nodes run since when, and how many frames came."""

    def __init__(self) -> None:
        self._running: dict[str, datetime] = {}
        self._frame_count = 0

    def tell(self, update: Update) -> list[Line]:
        """What an update is worth saying."""
        match update.kind:
            case "node":
                return self._node(update.data)
            case "status":
                return [self._status(update)]
            case "frame":
                # They come by the thousand, so they are counted. The final one has the count of all others as index.
                self._frame_count = update.data["frame_index"] + (0 if update.data["is_final"] else 1)
                return []

    def running(self, now: datetime) -> str:
        """The nodes under way with the time each took so far; "" when there is none."""
        nodes = [f"{node} {(now - since).total_seconds():.1f} s" for node, since in self._running.items()]
        return ", ".join(nodes) + self._frames() if nodes else ""

    def _node(self, event: JsonObject) -> list[Line]:
        node, kind, at = event["node"], event["type"], datetime.fromisoformat(event["time"])
        if kind == "NODE_STARTED":
            self._running[node] = at
            attempt = event.get("attempt", 1)
            return [Line(f"{node} started" + (f", attempt {attempt}" if attempt > 1 else ""), is_lasting=False)]
        if kind not in _ENDS:
            return []
        text = f"{node} {_ENDS[kind]}"
        if since := self._running.pop(node, None):
            text += f" after {span(str((at - since).total_seconds()))}"
        if error := event.get("error"):
            text += f": {failure(error | {'node': ''})}"
        return [Line(text)]

    def _status(self, update: Update) -> Line:
        execution = update.data
        text = f"{execution['flow']} v{execution['version']} {execution['status']}"
        if not update.is_end:
            return Line(text, is_lasting=False)
        frames = self._frames() if execution["mode"] == "PIPELINE" else ""
        return Line(f"{text} after {span(execution.get('duration'))}{frames}")

    def _frames(self) -> str:
        return f", {self._frame_count} frame{'' if self._frame_count == 1 else 's'}" if self._frame_count else ""
