"""Lengths of time as people write them."""

from __future__ import annotations

import re

import pytest
from google.protobuf.duration_pb2 import Duration

from penstock.wire import durations


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("10s", 10_000_000_000),
        ("1.5s", 1_500_000_000),
        ("200ms", 200_000_000),
        ("0.001ms", 1_000),
        ("5m", 300_000_000_000),
        ("24h", 86_400_000_000_000),
        ("1h30m", 5_400_000_000_000),
        ("1h2m3s4ms", 3_723_004_000_000),
        ("0.123456789s", 123_456_789),
        ("0s", 0),
    ],
)
def test_length_of_time_is_read_exactly(text: str, nanoseconds: int) -> None:
    assert re.search(durations.PATTERN, text)
    assert durations.parse(text).ToNanoseconds() == nanoseconds


@pytest.mark.parametrize(
    "text", ["", "10", "s", "-1s", "1 s", "1s1s", "1s1m", "1d", "1e3s", "1.s", ".5s", "1,5s", "1S"]
)
def test_what_is_not_a_length_of_time_does_not_match(text: str) -> None:
    assert re.search(durations.PATTERN, text) is None


def test_longest_text_fits_a_duration() -> None:
    text = "999999.999999999h999999999m999999999s999999999ms"
    assert re.search(durations.PATTERN, text)
    assert durations.parse(text).ToNanoseconds() < 315_576_000_000 * 10**9


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0s"),
        (500_000, "0.5ms"),
        (200_000_000, "200ms"),
        (1_500_000_000, "1.5s"),
        (5_400_000_000_000, "1h30m"),
        (86_401_000_000_000, "24h1s"),
        (-3_000_000_000, "-3s"),
    ],
)
def test_duration_is_spelled_as_people_write_it(nanoseconds: int, text: str) -> None:
    duration = Duration()
    duration.FromNanoseconds(nanoseconds)
    assert durations.spell(duration) == text
