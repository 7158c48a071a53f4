"""An event as a line of a scenario."""

from __future__ import annotations

from penstock.engine.domain.event import TERMINAL_EVENTS, Detail, Event, EventType

_INDICES = {
    EventType.FRAME_EMITTED: "frame",
    EventType.FRAMES_ROLLED_BACK: "from",
    EventType.ITEM_SUCCEEDED: "item",
    EventType.ITEM_FAILED: "item",
    EventType.NODE_ATTEMPT_FAILED: "item",
}


def line(event: Event, names: tuple[str, ...], is_recorded: bool) -> str:
    parts = [f"{event.sequence} {event.type.name}"]
    if event.node >= 0:
        parts.append(names[event.node])
    if event.type in TERMINAL_EVENTS:
        parts.append(f"attempt_count={event.attempt}")
    elif event.attempt:
        parts.append(f"attempt={event.attempt}")
    parts.append(f"at={event.time_us}")
    if event.started_us:
        parts.append(f"started={event.started_us}")
    if event.frame_index >= 0:
        parts.append(f"{_INDICES.get(event.type, 'frames')}={event.frame_index}")
    if event.payload is not None:
        parts.append(f"payload={event.payload.decode()}")
    if event.branch >= 0:
        parts.append(f"to={names[event.branch]}")
    if event.failure is not None:
        failure = event.failure
        parts.append(f"failure={failure.code}({failure.node}, attempt {failure.attempt}, {failure.failure_class.name})")
    if event.reason is not None:
        parts.append(f"reason={event.reason!r}")
    if event.detail is not None:
        parts += _detail(event.detail)
    text = " ".join(parts)
    return text if is_recorded else f"({text})"


def _detail(detail: Detail) -> list[str]:
    parts = []
    for name in Detail.__slots__:
        value = getattr(detail, name)
        if value == getattr(_NOTHING, name):
            continue
        if name == "taken_signals":
            parts.append("took=" + ",".join(map(str, value)))
        elif name == "ruling":
            dry_run = "?" if value.is_dry_run else ""
            parts.append(f"{value.point.name}:{value.action.name}:{value.policy}{dry_run}")
        elif value is True:
            parts.append(name.removeprefix("is_"))
        else:
            parts.append(f"{name}={getattr(value, 'name', value)}")
    return parts


_NOTHING = Detail()
