"""What follows a try: nothing, because the receiver has it or never will, or another try after a while."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from penstock.engine.webhooks import limits

_GONE = 410
_WAIT_STATUSES = (429, 503)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request. `status_code` None: no answer came, and `error` says why.

    `retry_after` is the header of that name, "" for none.
    """

    status_code: int | None
    error: str = ""
    body: bytes = b""
    retry_after: str = ""

    @property
    def is_success(self) -> bool:
        return self.status_code is not None and 200 <= self.status_code < 300


def pause_s(answer: Answer, tries: int, pauses_s: Sequence[float], spread: float, now_us: int) -> float | None:
    """Seconds until the next try after a failed one; None when it is given up.

    `tries` counts this one too. `spread` is by how much the pause is stretched: 1 for not at all.
    """
    if answer.status_code == _GONE or tries > len(pauses_s):
        return None
    if answer.status_code in _WAIT_STATUSES:
        asked_s = _asked_s(answer.retry_after, now_us)
        if asked_s is not None:
            # Not sooner than after a first failure, whatever it says; and it may not put us off for ever.
            return min(max(asked_s, pauses_s[0]), limits.RETRY_AFTER_S_MAX)
    return pauses_s[tries - 1] * spread


def _asked_s(text: str, now_us: int) -> float | None:
    """Retry-After as seconds or as a date (RFC 9110, 10.2.3); None when it is neither."""
    text = text.strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        time = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    # "-0000" gives a time without a zone, which is UTC.
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    return (aware - datetime.fromtimestamp(now_us / 1_000_000, UTC)).total_seconds()
