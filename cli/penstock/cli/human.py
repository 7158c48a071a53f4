"""Words for people out of values of the JSON API."""

from __future__ import annotations

from datetime import datetime
from typing import Any


def moment(timestamp: str | None) -> str:
    """An RFC 3339 time as local time to the second; "" for none."""
    return datetime.fromisoformat(timestamp).astimezone().strftime("%Y-%m-%d %H:%M:%S") if timestamp else ""


def span(duration: str | None) -> str:
    """A duration such as "0.0123s" to a precision that a person cares about; "" for none."""
    if not duration:
        return ""
    seconds = float(duration.removesuffix("s"))
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def failure(error: dict[str, Any]) -> str:
    """A Failure as one line: where, what and its stable word."""
    where = f"{error['node']}: " if error.get("node") else ""
    return f"{where}{error.get('message') or 'failed'} ({error.get('code') or 'UNKNOWN'})"


def ending(execution_id: str, status: str, error: dict[str, Any] | None) -> str:
    """How an execution that did not complete ended, as one line."""
    return f"execution {execution_id} {status}" + (f": {failure(error)}" if error else "")


def paused(execution_id: str) -> str:
    """That an execution waits for a person, as one line."""
    hint = f"penstock executions watch {execution_id} follows it"
    return f"execution {execution_id} is PAUSED until a person decides; {hint}"
