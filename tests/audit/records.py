"""What tests read of the audit log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.keys.ward import Ward


def records(ward: Ward, filter: str = "", key: str = "") -> list[dict[str, Any]]:
    """The newest records over HTTP, when what waits is written; newest first."""
    ward.run(settled(ward))
    answer = ward.http("GET", "/audit/v1/records?page_size=1000" + (f"&filter={filter}" if filter else ""), key=key)
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json["records"]
    return found


async def settled(ward: Ward) -> None:
    """Returns when nothing waits to be written."""
    await ward.engine.audit.settled()


@contextmanager
def added(ward: Ward) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Gives the records that were added within, oldest first."""
    before = records(ward)
    last = before[0]["number"] if before else 0
    yield lambda: [each for each in reversed(records(ward)) if each["number"] > last]
