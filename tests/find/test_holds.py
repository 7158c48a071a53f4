"""Filters over what is at hand mean what they mean in the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from penstock.engine.domain.filter import parse
from penstock.engine.domain.filter_holds import holds
from penstock.engine.domain.node_fields import NODE_FIELDS

NODE = {
    "node": "charge",
    "status": 4,
    "start_time": datetime(2026, 1, 1, tzinfo=UTC),
    "duration": timedelta(seconds=2),
    "attempt_count": 3,
    "error.code": "CARD_DECLINED",
}


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        ("node = charge", True),
        ("node != charge", False),
        ('node = "ch*ge"', True),
        ('node = "c*a*e"', True),
        ('node = "charge*charge"', False),
        ('node = "*x*"', False),
        ('node != "x*"', True),
        ("status = FAILED", True),
        ("status = RUNNING OR status = FAILED", True),
        ("start_time <= 2026-01-01T01:00:00+01:00", True),
        ("start_time > 2026-01-01T00:00:00Z", False),
        ("duration > 1.5s AND duration < 1m", True),
        ("attempt_count >= 3 AND NOT attempt_count > 3", True),
        ("complete_time:*", False),
        ("complete_time > 2020-01-01T00:00:00Z", False),
        ("NOT complete_time > 2020-01-01T00:00:00Z", True),
        ("complete_time != 2020-01-01T00:00:00Z", True),
        ("error.code > CARD", True),
    ],
)
def test_filter_holds(text: str, is_so: bool) -> None:
    expression = parse(text, NODE_FIELDS)
    assert expression is not None
    assert holds(expression, NODE.get) is is_so
