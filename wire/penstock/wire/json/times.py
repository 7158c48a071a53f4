"""google.protobuf.Timestamp and Duration as text: RFC 3339 and seconds, to the nanosecond."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache

from penstock.wire.json.errors import JsonError, Reason, expected

_TIMESTAMP_MIN = -62_135_596_800  # 0001-01-01T00:00:00Z
_TIMESTAMP_MAX = 253_402_300_799  # 9999-12-31T23:59:59Z
_DURATION_MAX = 315_576_000_000  # 10,000 years, protobuf's own limit
_NANOS = 1_000_000_000
_EPOCH = datetime(1970, 1, 1)

_TIMESTAMP = re.compile(
    r"(\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,9}))?"
    r"(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))",
    re.ASCII,
).fullmatch
_DURATION = re.compile(r"(-?)(\d{1,12})(?:\.(\d{1,9}))?s", re.ASCII).fullmatch
_TIMESTAMP_WANTED = "time as RFC 3339"
_DURATION_WANTED = 'duration in seconds such as "1.5s"'


@lru_cache(maxsize=4096)  # times of one answer lie close together; 4,096 texts are half a megabyte
def _second_text(seconds: int) -> str:
    return (_EPOCH + timedelta(0, seconds)).isoformat()


def timestamp_text(seconds: int, nanos: int) -> str:
    """RFC 3339 in UTC with 0, 3, 6 or 9 digits behind the point."""
    if not (_TIMESTAMP_MIN <= seconds <= _TIMESTAMP_MAX and 0 <= nanos < _NANOS):
        raise _unprintable("google.protobuf.Timestamp", seconds, nanos)
    return f"{_second_text(seconds)}{_fraction(nanos)}Z" if nanos else f"{_second_text(seconds)}Z"


def duration_text(seconds: int, nanos: int) -> str:
    """Seconds with 0, 3, 6 or 9 digits behind the point."""
    if not (abs(seconds) <= _DURATION_MAX and -_NANOS < nanos < _NANOS) or seconds * nanos < 0:
        raise _unprintable("google.protobuf.Duration", seconds, nanos)
    sign = "-" if seconds < 0 or nanos < 0 else ""
    return f"{sign}{abs(seconds)}{_fraction(abs(nanos)) if nanos else ''}s"


def _fraction(nanos: int) -> str:
    if nanos % 1_000_000 == 0:
        return f".{nanos // 1_000_000:03}"
    return f".{nanos // 1_000:06}" if nanos % 1_000 == 0 else f".{nanos:09}"


def _unprintable(name: str, seconds: int, nanos: int) -> JsonError:
    return JsonError(Reason.INVALID_VALUE, f"expected a valid {name}, got seconds {seconds}, nanos {nanos}")


def read_timestamp(value: object) -> tuple[int, int]:
    """Seconds since 1970 and nanoseconds of an RFC 3339 time with any offset, years 1 to 9999."""
    if not isinstance(value, str):
        raise expected(_TIMESTAMP_WANTED, value)
    match = _TIMESTAMP(value)
    if match is None:
        raise expected(_TIMESTAMP_WANTED, value, Reason.INVALID_VALUE)
    second, fraction, sign, hours, minutes = match.groups()
    try:
        passed = datetime.fromisoformat(second) - _EPOCH
    except ValueError:  # there is no such day
        raise expected(_TIMESTAMP_WANTED, value, Reason.INVALID_VALUE) from None
    seconds = passed.days * 86_400 + passed.seconds
    if sign:
        offset = int(hours) * 3_600 + int(minutes) * 60
        seconds += offset if sign == "-" else -offset
        if not _TIMESTAMP_MIN <= seconds <= _TIMESTAMP_MAX:
            raise expected("time in the years 1 to 9999", value, Reason.OUT_OF_RANGE)
    return seconds, int(fraction.ljust(9, "0")) if fraction else 0


def read_duration(value: object) -> tuple[int, int]:
    """Seconds and nanoseconds, both with the sign of the duration."""
    if not isinstance(value, str):
        raise expected(_DURATION_WANTED, value)
    match = _DURATION(value)
    if match is None:
        raise expected(_DURATION_WANTED, value, Reason.INVALID_VALUE)
    sign, whole, fraction = match.groups()
    seconds = int(whole)
    nanos = int(fraction.ljust(9, "0")) if fraction else 0
    if seconds > _DURATION_MAX:
        raise expected(f"duration of at most {_DURATION_MAX} s", value, Reason.OUT_OF_RANGE)
    return (-seconds, -nanos) if sign else (seconds, nanos)
