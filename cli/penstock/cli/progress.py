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


@dataclass(slots=True)
class _Running:
    since: datetime
    frame_count: int = 0


class Narrator:
    """Keeps which nodes run."""

    def __init__(self) -> None:
        self._running: dict[str, _Running] = {}

    def tell(self, update: Update) -> list[Line]:
        """What an update is worth saying."""
        match update.kind:
            case "node":
                return self._node(update.data)
            case "status":
                return [_status(update)]
            case "frame":
                # Frames come by the thousand: they are counted.
                return []

    def running(self, now: datetime) -> str:
        """The nodes under way with the time each took so far; "" when there is none."""
        return ", ".join(
            f"{node} {(now - state.since).total_seconds():.1f} s{_frames(state.frame_count)}"
            for node, state in self._running.items()
        )

    def _node(self, event: JsonObject) -> list[Line]:
        node, kind, at = event["node"], event["type"], datetime.fromisoformat(event["time"])
        if kind == "NODE_STARTED":
            self._running[node] = _Running(at)
            attempt = event.get("attempt", 1)
            return [Line(f"{node} started" + (f", attempt {attempt}" if attempt > 1 else ""), is_lasting=False)]
        if kind == "FRAME_EMITTED":
            self._running.setdefault(node, _Running(at)).frame_count += 1
            return []
        if kind not in _ENDS:
            return []
        text = f"{node} {_ENDS[kind]}"
        if state := self._running.pop(node, None):
            text += f" after {span(str((at - state.since).total_seconds()))}{_frames(state.frame_count)}"
        if error := event.get("error"):
            text += f": {failure(error | {'node': ''})}"
        return [Line(text)]


def _status(update: Update) -> Line:
    execution = update.data
    text = f"{execution['flow']} v{execution['version']} {execution['status']}"
    if update.is_end:
        return Line(f"{text} after {span(execution.get('duration'))}")
    return Line(text, is_lasting=False)


def _frames(count: int) -> str:
    return f", {count} frame{'s' if count > 1 else ''}" if count else ""
