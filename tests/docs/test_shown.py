"""The comparison of documents with what really comes: what it lets through, and that it lets nothing else through."""

from __future__ import annotations

import pytest

from tests.docs.shown import Shown

ID, OTHER_ID, THIRD_ID = "0" * 31 + "1", "0" * 31 + "2", "0" * 31 + "3"


@pytest.mark.parametrize(
    ("shown", "came"),
    [
        ("boil succeeded after 5 ms", "boil succeeded after 1.2 s"),
        ('{"completed_at":1795269997}', '{"completed_at":1800000000}'),
        ('"completed_at": "1795269997"', '"completed_at": "1800000000"'),
        ('"duration":"0.012864s"', '"duration":"1s"'),
        ('"time":"2026-11-21T14:06:40.954560Z"', '"time":"2027-01-01T00:00:00.1Z"'),
        ("2026-11-21 14:06:40  RUNNING", "2027-01-01 00:00:00  RUNNING"),
        ("HTTP on http://127.0.0.1:8080", "HTTP on http://127.0.0.1:40001"),
        ("FLOW  STATUS\ntea   RUNNING", "FLOW     STATUS\ntea      RUNNING\n"),
        ("Bearer psk_…' -d", "Bearer psk_1_2' -d"),
        ("first\n…\nlast", "first\nsecond\n\nthird\nlast"),
        ("first\n…\nlast", "first\nlast"),
        ("", ""),
    ],
)
def test_what_differs_from_run_to_run_is_let_through(shown: str, came: str) -> None:
    assert Shown().matches(shown, came)


@pytest.mark.parametrize(
    ("shown", "came"),
    [
        ("", "penstock: no server"),
        ("penstock: no server", ""),
        ("boil succeeded after 5 ms", "boil failed after 5 ms"),
        ("kept: 1", "kept: 2"),
        ("first\nlast", "first\nsecond\nlast"),
        ("first\n…\nlast", "first\nlast\nmore"),
        ("a…c", "a\nc"),
        # A time without parts of a second is data.
        ('"time":"2025-03-14T07:58:12Z"', '"time":"2025-03-14T07:58:13Z"'),
        ('"timeout":"5s"', '"timeout":"6s"'),
        (f"{ID} {ID}", f"{ID} {OTHER_ID}"),
    ],
)
def test_everything_else_is_not(shown: str, came: str) -> None:
    assert not Shown().matches(shown, came)


def test_an_id_stands_for_the_same_one_from_then_on() -> None:
    shown = Shown()
    assert shown.matches(f"accepted {ID}", f"accepted {OTHER_ID}")
    assert shown.command(f"watch {ID}") == f"watch {OTHER_ID}"
    assert shown.matches(f"{ID} COMPLETED", f"{OTHER_ID} COMPLETED")
    assert not shown.matches(f"{ID} COMPLETED", f"{THIRD_ID} COMPLETED")


def test_an_id_that_nothing_gave_stays_as_it_is_written() -> None:
    assert Shown().command(f"get {ID}") == f"get {ID}"
