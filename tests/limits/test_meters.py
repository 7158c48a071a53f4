"""Calls of a key are counted as its rate says, by all processes of a data directory together."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.engine.domain import limits
from penstock.engine.domain.errors import Overloaded
from penstock.engine.domain.rate import Rate
from penstock.engine.runtime.settings.rates import Meter, Meters

RATE = Rate(10, 3)


class Watch:
    """Stands still until a test moves it."""

    def __init__(self, time: float = 1_000.0) -> None:
        self.time = time

    def __call__(self) -> float:
        return self.time


def taken(meter: Meter, calls: int) -> int:
    """How many of so many calls were let through."""
    count = 0
    for _ in range(calls):
        try:
            meter.take()
        except Overloaded:
            continue
        count += 1
    return count


def of(meters: Meters, key_id: str = "key", rate: Rate = RATE) -> Meter:
    meter = meters.of(key_id, rate)
    assert meter is not None
    return meter


def test_a_burst_is_let_through_and_then_as_many_as_the_rate_says(tmp_path: Path) -> None:
    watch = Watch()
    meter = of(Meters(tmp_path, watch))
    assert taken(meter, 10) == 3
    watch.time += 0.1
    assert taken(meter, 10) == 1
    watch.time += 60
    assert taken(meter, 10) == 3


def test_whoever_is_refused_hears_when_to_come_again(tmp_path: Path) -> None:
    watch = Watch()
    meter = of(Meters(tmp_path, watch), rate=Rate(0.1, 1))
    meter.take()
    watch.time += 2.5
    with pytest.raises(Overloaded) as refused:
        meter.take()
    assert (refused.value.reason, refused.value.facts) == ("RATE_LIMITED", {"retry_after_s": "8"})
    watch.time += 8
    meter.take()


def test_processes_of_a_data_directory_count_together(tmp_path: Path) -> None:
    watch = Watch()
    one, other = of(Meters(tmp_path, watch)), of(Meters(tmp_path, watch))
    assert taken(one, 2) == 2
    assert taken(other, 10) == 1
    assert taken(one, 1) == 0


def test_keys_are_counted_apart(tmp_path: Path) -> None:
    meters = Meters(tmp_path, Watch())
    assert taken(of(meters, "ada"), 10) == 3
    assert taken(of(meters, "bob"), 10) == 3


def test_what_was_counted_stays_when_the_rate_changes(tmp_path: Path) -> None:
    meters = Meters(tmp_path, Watch())
    assert taken(of(meters, rate=Rate(1, 100)), 100) == 100
    # What is owed is at most one bucket of the rate that holds now.
    assert taken(of(meters, rate=Rate(1, 2)), 10) == 0
    assert meters.of("key", None) is None


def test_a_clock_that_began_anew_keeps_nobody_out_for_long(tmp_path: Path) -> None:
    assert taken(of(Meters(tmp_path, Watch(1e9))), 10) == 3
    watch = Watch(5.0)
    meter = of(Meters(tmp_path, watch))
    assert taken(meter, 1) == 0
    watch.time += 0.3
    assert taken(meter, 10) == 3


def test_keys_beyond_the_bound_are_counted_from_their_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "METERS_MAX", 2)
    meters = Meters(tmp_path, Watch())
    for key_id in "abc":
        assert taken(of(meters, key_id), 10) == 3
    assert len(meters._meters) == 2
    assert taken(of(meters, "a"), 1) == 0


@given(
    st.floats(0.001, 100_000),
    st.integers(1, 100_000),
    st.lists(st.floats(0, 100), min_size=1, max_size=50),
)
def test_no_more_is_let_through_than_a_bucket_and_what_flows_in(
    per_second: float, burst: int, pauses: list[float]
) -> None:
    rate, now, full_at, count = Rate(per_second, burst), 0.0, 0.0, 0
    for pause in pauses:
        now += pause
        full_at, wait_s = rate.take(full_at, now)
        if wait_s:
            # Whoever waits as long as they are told is let through.
            assert rate.take(full_at, now + wait_s + 1e-6)[1] == 0
        else:
            count += 1
    assert count <= burst + now * per_second * (1 + 1e-6) + 1
