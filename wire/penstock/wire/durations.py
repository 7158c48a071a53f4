"""Lengths of time as people write them: "10s", "1.5s", "200ms", "5m", "24h", "1h30m"."""

from __future__ import annotations

import re
from fractions import Fraction

from google.protobuf.duration_pb2 import Duration

_NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,9})?"
PATTERN = rf"^(?=.)(?:[0-9]{{1,6}}(?:\.[0-9]{{1,9}})?h)?(?:{_NUMBER}m)?(?:{_NUMBER}s)?(?:{_NUMBER}ms)?$"
"""Each unit at most once, the larger before the smaller; also understood by JSON Schema. The digits are few
enough for a google.protobuf.Duration."""

_PART = re.compile(rf"({_NUMBER})(h|ms|m|s)")
_NANOSECONDS = {"h": 3_600_000_000_000, "m": 60_000_000_000, "s": 1_000_000_000, "ms": 1_000_000}


def parse(text: str) -> Duration:
    """The length of time, to the nanosecond. `text` must match PATTERN."""
    total = sum(int(Fraction(number) * _NANOSECONDS[unit]) for number, unit in _PART.findall(text))
    duration = Duration()
    duration.FromNanoseconds(total)
    return duration


def spell(duration: Duration) -> str:
    """The shortest such text, for messages: "1h30m", "0.5ms", "-3s"."""
    rest = duration.ToNanoseconds()
    text = "-" if rest < 0 else ""
    rest = abs(rest)
    for unit in ("h", "m"):
        count, rest = divmod(rest, _NANOSECONDS[unit])
        text += f"{count}{unit}" if count else ""
    unit = "s" if rest >= _NANOSECONDS["s"] else "ms"
    if rest:
        text += f"{rest / _NANOSECONDS[unit]:.9g}{unit}"
    return text or "0s"
