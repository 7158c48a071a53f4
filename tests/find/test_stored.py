"""Values of searchable fields in the store: written with what they belong to, and once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from penstock.engine.domain.event import Event, EventType
from penstock.engine.storage.journal import Entry
from penstock.engine.storage.records import RequestKey, SearchValue
from tests.storage.desk import Desk, desk_on
from tests.storage.samples import ACCEPTED, NOW_US, STARTED, acceptance, key, succeeded

TEXT = SearchValue("default", "input.id", "Zoë", None)
NUMBER = SearchValue("default", "output.total", None, "18446744073709551615.5")
COMPLETED = Event(5, EventType.EXECUTION_COMPLETED, NOW_US + 5, attempt=1)


@pytest.fixture
async def desk(store: str) -> AsyncIterator[Desk]:
    async with desk_on(store) as made:
        yield made


async def stored(desk: Desk, number: int) -> list[Any]:
    return await desk.database.fetch_all(
        "select account, path, text_value, number_value from search_values where execution_id = %s order by path",
        (key(number).hex(),),
    )


async def write(desk: Desk, *entries: Entry, again: bool = False) -> None:
    await desk.writer.inner.write(entries, desk.lease, again=again)


def accepted(number: int, *values: SearchValue) -> Entry:
    return Entry(key(number), (ACCEPTED, STARTED), acceptance(number), None, values)


async def test_values_come_with_the_acceptance_and_with_the_end(desk: Desk) -> None:
    await write(desk, accepted(1, TEXT), accepted(2))
    await write(desk, Entry(key(1), (succeeded(4), COMPLETED), None, None, (NUMBER,)))
    assert await stored(desk, 1) == [
        ("default", "input.id", "Zoë", None),
        ("default", "output.total", None, Decimal("18446744073709551615.5")),
    ]
    assert await stored(desk, 2) == []


async def test_group_that_is_sent_again_writes_nothing_twice(desk: Desk) -> None:
    entries = (accepted(3, TEXT), Entry(key(1), (), None, None))
    await write(desk, *entries)
    await write(desk, *entries, again=True)
    assert await stored(desk, 3) == [("default", "input.id", "Zoë", None)]


async def test_acceptance_under_a_request_id_has_its_values_once(desk: Desk) -> None:
    events, request = (ACCEPTED, STARTED), RequestKey("r-1", b"same")
    for number, known in ((4, None), (5, (b"same", key(4).hex()))):
        found = await desk.executions.accept_once(acceptance(number), events, request, desk.lease, (TEXT, NUMBER))
        assert found == known
    assert len(await stored(desk, 4)) == 2
    assert await stored(desk, 5) == []
