"""Statements of the sweep read what they need, however large the tables are."""

from __future__ import annotations

import re
from uuid import UUID

import psycopg
import pytest

from penstock.engine.domain.ids import execution_id
from penstock.engine.storage.postgres import retention
from penstock.engine.storage.postgres.database import to_time
from penstock.engine.storage.postgres.retention import hour_of, lowest_id
from tests.retention.past import DAY, SECOND, Past

_COUNT = 5_000


@pytest.fixture
async def many(past: Past) -> Past:
    for age in range(10):
        await past.add_many(_COUNT // 10, (40 - age) * DAY)
    await past.database.execute("analyze executions, events, webhook_deliveries")
    return past


async def test_sweep_finds_what_is_old_by_the_primary_key(many: Past, database_url: str) -> None:
    some = sorted(await many.left())[:200]
    hour = hour_of(some[0])
    values = {
        "after": lowest_id(hour),
        "until": lowest_id(hour + 1),
        "default_s": 30 * 86_400,
        "late_us": DAY,
        "now": many.clock.now_us(),
        "count_max": 100,
        "ids": some,
        "bytes_max": 1_000_000,
        "is_archived": False,
    }
    shown: list[str] = []
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        cursor = psycopg.AsyncClientCursor(connection)
        await cursor.execute(f"explain {retention._LOOK}".encode(), values)
        shown += [str(row[0]) for row in await cursor.fetchall()]
        await cursor.execute(retention._SETTINGS)
        for sql in (retention._REMOVE_EVENTS, retention._REMOVE):
            await cursor.execute(f"explain {sql}".encode(), values | {"now": to_time(many.clock.now_us())})
            shown += [str(row[0]) for row in await cursor.fetchall()]
        await connection.rollback()
    scanned = {found[1] for line in shown if (found := re.search(r"Seq Scan on (\w+)", line))}
    assert scanned.isdisjoint({"executions", "events", "webhook_deliveries"})
    assert any("executions_pkey" in line for line in shown)


def test_hour_of_an_execution_is_between_the_bounds_of_that_hour() -> None:
    for time_us in (0, 1, 3_600 * SECOND - 1, 3_600 * SECOND, 1_700_000_000_123_457):
        found = UUID(execution_id(time_us, 2**62 - 1))
        hour = hour_of(found)
        assert hour == time_us // (3_600 * SECOND)
        assert lowest_id(hour) < found < lowest_id(hour + 1)
