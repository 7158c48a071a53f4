"""Words what happens in an execution, node by node."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from penstock.cli.client import JsonObject
from penstock.cli.human import failure, moment, span
from penstock.cli.runs.follow import Update
from penstock.cli.words import advanced, decided, ruled, waiting

_ENDS = {
    "NODE_SUCCEEDED": "succeeded",
    "NODE_FAILED": "failed",
    "NODE_TIMED_OUT": "timed out",
    "NODE_CANCELLED": "was cancelled",
    "NODE_ATTEMPT_FAILED": "failed",
    "NODE_FELL_BACK": "failed",
    "NODE_RECOVERED": "was recovered",
}
_UNDONE = {
    "NODE_COMPENSATED": "was undone",
    "COMPENSATION_FAILED": "could not be undone",
    "NODE_ATTEMPT_FAILED": "could not be undone yet",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text. `is_lasting` is False for what a live display shows in its own way."""

    text: str
    is_lasting: bool = True


@dataclass(slots=True)
class _Node:
    """A node under way."""

    since: datetime | None = None
    """When its attempt began; None when it has none."""
    wait: str = ""
    signal: str = ""
    """The signal that it waits for."""
    progress: str = ""
    item_count: int = 0
    items: set[int] = field(default_factory=set)
    """Those that ended."""


class Narrator:
    """Keeps which nodes are under way since when, and how many frames came."""

    def __init__(self) -> None:
        self._nodes: dict[str, _Node] = {}
        self._frame_count = 0

    def tell(self, update: Update) -> list[Line]:
        """What an update is worth saying."""
        match update.kind:
            case "node":
                return self._event(update.data)
            case "status":
                return [self._status(update)]
            case "frame":
                self._frame(update.data)
                return []

    def running(self, now: datetime) -> str:
        """The nodes under way with the time each took so far; "" when there is none."""
        nodes = [_standing(name, node, now) for name, node in self._nodes.items()]
        return ", ".join(nodes) + self._frames() if nodes else ""

    def _frame(self, frame: JsonObject) -> None:
        """Frames come by the thousand, so they are counted. The final one has the count of all others as index."""
        if "rollback_to" in frame:
            self._frame_count = frame["rollback_to"]
        else:
            self._frame_count = frame["frame_index"] + (0 if frame["is_final"] else 1)

    def _event(self, event: JsonObject) -> list[Line]:
        kind, name = event["type"], event.get("node", "")
        if kind == "SIGNAL_RECEIVED":
            return self._signal(event.get("signal", ""))
        if "item" in event:
            self._item(kind, name, event["item"])
            return []
        if event.get("compensation") and kind in _UNDONE:
            return [Line(f"{name} {_UNDONE[kind]}" + _because(event) + _next(event))]
        match kind:
            case "NODE_STARTED":
                return self._started(event)
            case "NODE_WAITING":
                node = self._nodes.setdefault(name, _Node())
                node.wait, node.signal = waiting(event), event.get("signal", "")
                return [Line(f"{name} {node.wait}")]
            case "PAUSE_DECIDED":
                return [Line(f"{name} was {decided(event)}")]
            case "POLICY_DECIDED":
                return [Line(f"{name}: {ruled(event.get('policy', {}))}")]
            case "NODE_REPORTED":
                return self._reported(name, event.get("report", {}))
            case "FRAMES_ROLLED_BACK":
                return [Line(f"{name} takes back its frames from {event['frame_index']} on")]
            case _ if kind in _ENDS:
                return self._ended(event)
        return []

    def _started(self, event: JsonObject) -> list[Line]:
        node = _Node(datetime.fromisoformat(event["time"]), item_count=event.get("item_count", 0))
        self._nodes[event["node"]] = node
        attempt = event.get("attempt", 1)
        items = f", {node.item_count} items" if "item_count" in event else ""
        return [Line(f"{event['node']} started{items}" + (f", attempt {attempt}" if attempt > 1 else ""), False)]

    def _signal(self, signal: str) -> list[Line]:
        for node in self._nodes.values():
            if node.signal == signal:
                node.wait = node.signal = ""
        return [Line(f"signal {signal} came")]

    def _item(self, kind: str, name: str, item: int) -> None:
        """Items come by the thousand like frames."""
        if kind in ("ITEM_SUCCEEDED", "ITEM_FAILED"):
            self._nodes.setdefault(name, _Node()).items.add(item)

    def _reported(self, name: str, report: JsonObject) -> list[Line]:
        if log := report.get("log"):
            return [Line(f"{name}: {log['level']} {log['message']}")]
        if progress := report.get("progress"):
            self._nodes.setdefault(name, _Node()).progress = text = advanced(progress)
            return [Line(f"{name}: {text}", is_lasting=False)]
        return []

    def _ended(self, event: JsonObject) -> list[Line]:
        name, kind = event["node"], event["type"]
        text = f"{name} {_ENDS[kind]}"
        node = self._nodes.pop(name, None)
        if node is not None and node.since is not None:
            text += f" after {span(str((datetime.fromisoformat(event['time']) - node.since).total_seconds()))}"
        text += _because(event) + _next(event)
        if kind == "NODE_ATTEMPT_FAILED":
            self._nodes[name] = _Node(wait=waiting(event))
        elif kind == "NODE_FELL_BACK":
            text += "; its fallback takes its place"
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


def _standing(name: str, node: _Node, now: datetime) -> str:
    if node.wait:
        return f"{name} {node.wait}"
    parts = [name]
    if node.since is not None:
        parts.append(f"{(now - node.since).total_seconds():.1f} s")
    if node.item_count:
        parts.append(f"{len(node.items)} of {node.item_count}")
    return " ".join([*parts, node.progress]).rstrip()


def _because(event: JsonObject) -> str:
    return f": {failure(event['error'] | {'node': ''})}" if event.get("error") else ""


def _next(event: JsonObject) -> str:
    return f"; next attempt {moment(event['due_time'])}" if event.get("due_time") else ""
