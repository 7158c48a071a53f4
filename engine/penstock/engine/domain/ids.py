"""Ids: what they look like, and how one is made from a time and randomness."""

from __future__ import annotations

import re

_EXECUTION_ID = re.compile(r"[0-9a-f]{32}")
_GRAPH_ID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_TIME_MS_MAX = 2**48 - 1
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def execution_id(time_us: int, random_bits: int) -> str:
    """32 hex digits that sort by time: a UUID of version 7 (RFC 9562) without hyphens.

    `time_us` is unix time in microseconds; its part below the millisecond goes into the 12 bits after
    the version (RFC 9562, method 3). `random_bits` is at least 62 random bits.
    """
    milliseconds, rest = divmod(time_us, 1000)
    fraction = rest * 4096 // 1000
    value = milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0x2 << 62 | random_bits & 0x3FFF_FFFF_FFFF_FFFF
    return f"{value:032x}"


def lowest_id(time_ms: int) -> str:
    """The least execution id that can be made at a time, unix time in milliseconds; of one out of reach the nearest."""
    return f"{min(max(time_ms, 0), _TIME_MS_MAX) << 80:032x}"


def graph_id(time_us: int, random_bits: int) -> str:
    """A ULID: 48 bits of unix milliseconds and 80 random bits in Crockford's base 32."""
    value = (time_us // 1000) << 80 | random_bits & (1 << 80) - 1
    return "".join(_CROCKFORD[value >> shift & 31] for shift in range(125, -1, -5))


def is_execution_id(text: str) -> bool:
    return _EXECUTION_ID.fullmatch(text) is not None


def is_graph_id(text: str) -> bool:
    return _GRAPH_ID.fullmatch(text) is not None
