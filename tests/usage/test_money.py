"""Amounts are exact, however they are written."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from penstock.engine.domain.money import nanos_of, spell
from penstock.engine.nodes.authoring.reports import Usage, usage
from penstock.engine.runtime.running.node_reports import encode_report
from penstock.wire.gen.event_pb2 import NodeReport


@pytest.mark.parametrize(
    ("text", "nanos"),
    [
        ("0", 0),
        ("1", 10**9),
        ("0.0125", 12_500_000),
        ("0.000000001", 1),
        ("999999999999.999999999", 10**21 - 1),
    ],
)
def test_amounts_are_written_as_they_are_read(text: str, nanos: int) -> None:
    assert (nanos_of(text), spell(nanos)) == (nanos, text)


@pytest.mark.parametrize("text", ["", "-1", "+1", "1e3", ".5", "1.", "1,5", "0.0000000001", "nan", "٣", " 1"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        nanos_of(text)


def test_written_with_more_digits_than_needed_it_is_the_same() -> None:
    assert spell(nanos_of("007.500")) == "7.5"


@pytest.mark.parametrize("cost", [0.1, "0.1", Decimal("0.1"), "0.10", "0.1000000004"])
def test_cost_is_the_decimal_that_it_is_written_as(cost: Any) -> None:
    told = usage("acme", "large", 10, 2, 4, cost, None)
    assert told == Usage("acme", "large", 10, 2, "0.1", 4)
    report = NodeReport.FromString(encode_report(told, None)).usage
    assert (report.cost, report.cost_usd, report.cached_tokens) == ("0.1", 0.1, 4)


@pytest.mark.parametrize(
    "cost", [-0.1, "-0.1", float("inf"), float("nan"), "much", "", True, None, 1_000_001, Decimal("sNaN")]
)
def test_cost_that_is_none_is_refused(cost: Any) -> None:
    with pytest.raises(ValueError, match="usage: cost_usd: expected a number of US dollars from 0 to 1,000,000"):
        usage("acme", "large", 0, 0, 0, cost, None)


def test_cached_tokens_are_part_of_those_that_went_in() -> None:
    with pytest.raises(ValueError, match="cached_tokens: expected at most the 5 input_tokens"):
        usage("acme", "large", 5, 0, 6, 0, None)
