"""When a delivery is tried again."""

from __future__ import annotations

from itertools import count

import pytest

from penstock.engine.webhooks.retries import Answer, pause_s
from penstock.engine.webhooks.settings import WebhookSettings

PAUSES_S = WebhookSettings().retries_s
NOW_US = 1_700_000_000_000_000
HOUR_S, DAY_S = 3_600.0, 86_400.0


def test_pauses_grow_until_it_is_given_up() -> None:
    pauses = [pause_s(Answer(500), tries, PAUSES_S, 1.0, NOW_US) for tries in range(1, 10)]
    assert pauses == [5, 30, 120, 600, HOUR_S, 6 * HOUR_S, DAY_S, None, None]


def test_pauses_are_stretched() -> None:
    assert pause_s(Answer(None, "refused"), 2, PAUSES_S, 1.2, NOW_US) == 36


def test_a_receiver_that_is_gone_is_not_asked_again() -> None:
    assert pause_s(Answer(410), 1, PAUSES_S, 1.0, NOW_US) is None


@pytest.mark.parametrize("status", [301, 400, 401, 404, 500, 502])
def test_every_other_answer_is_tried_again(status: int) -> None:
    assert pause_s(Answer(status, retry_after="7"), 1, PAUSES_S, 1.0, NOW_US) == 5


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("retry_after", "expected"),
    [
        ("90", 90),
        (" 90 ", 90),
        ("0", 5),
        ("999999999999", DAY_S),
        ("Tue, 14 Nov 2023 22:15:00 GMT", 100),
        ("Tue, 14 Nov 2023 22:15:00 -0000", 100),
        ("Tue, 14 Nov 2000 22:15:00 GMT", 5),
        ("Tue, 14 Nov 2099 22:15:00 GMT", DAY_S),
        ("-1", 30),
        ("soon", 30),
        ("", 30),
    ],
)
def test_retry_after_is_heeded_within_bounds(status: int, retry_after: str, expected: float) -> None:
    assert pause_s(Answer(status, retry_after=retry_after), 2, PAUSES_S, 1.0, NOW_US) == expected


def test_retry_after_gives_no_more_tries() -> None:
    given_up = next(n for n in count(1) if pause_s(Answer(503, retry_after="9"), n, PAUSES_S, 1.0, NOW_US) is None)
    assert given_up == len(PAUSES_S) + 1


@pytest.mark.parametrize(("status", "is_success"), [(200, True), (204, True), (299, True), (300, False), (None, False)])
def test_only_2xx_is_success(status: int | None, is_success: bool) -> None:
    assert Answer(status).is_success is is_success
