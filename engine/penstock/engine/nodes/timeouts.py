"""Lengths of time as authors write them."""

from __future__ import annotations

import re

from penstock.engine.domain.limits import NODE_TIMEOUT_S_MAX
from penstock.engine.nodes.limits import TIMEOUT_S_MIN
from penstock.wire import durations


def parse_timeout(value: object) -> float:
    """Seconds that one attempt may take. `value` is as for `parse_seconds`. Raises ValueError."""
    seconds = parse_seconds(value)
    if not TIMEOUT_S_MIN <= seconds <= NODE_TIMEOUT_S_MAX:
        raise ValueError(f"expected 1 ms to 24 h, got {value!r}")
    return seconds


def parse_seconds(value: object) -> float:
    """Seconds. `value` is seconds, or text such as "10s", "1.5s", "200ms", "5m", "24h". Raises ValueError."""
    if isinstance(value, str) and re.fullmatch(durations.PATTERN, value):
        return durations.parse(value).ToNanoseconds() / 1e9
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise ValueError(f'expected seconds or text such as "10s", "200ms", "5m" or "24h", got {value!r}')
