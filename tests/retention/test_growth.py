"""The database does not grow without end, and every table of it says why."""

from __future__ import annotations

import psycopg

from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.retention import OF_EXECUTIONS
from tests.docs.documents import table
from tests.retention.past import DAY, Past

_DAYS_KEPT, _DAYS = 2, 20
_AT_ONCE = 200
_TABLES = ("executions", "events", "webhook_deliveries", "commands", "request_ids")
_SIZES = "select relname, pg_total_relation_size(oid) from pg_class where relname = any(%s)"
_WITH_ID = """select table_name from information_schema.columns
where table_schema = 'public' and column_name = 'execution_id'"""

STAY = frozenset({"request_ids", "imports", "execution_places"})
"""Tables with ids of executions whose rows do not go with these."""


async def test_tables_grow_no_more_after_the_first_days(past: Past, database_url: str) -> None:
    await past.keep(_DAYS_KEPT)
    sizes: list[dict[str, int]] = []
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        for name in _TABLES:
            # It would come when it likes, and one that looks at a table keeps the test's own from cleaning it.
            await connection.execute(f"alter table {name} set (autovacuum_enabled = false)".encode())
        for day in range(_DAYS):
            await past.add_many(_AT_ONCE, 0, payload=bytes(200))
            await past.database.execute(
                "insert into request_ids select 'ada', gen_random_uuid()::text, '', gen_random_uuid(), to_timestamp(%s)"
                " from generate_series(1, %s)",
                (past.clock.now_us() / 1_000_000, _AT_ONCE),
            )
            past.clock.time_us += DAY
            await past.sweep()
            await connection.execute(b"vacuum executions, events, webhook_deliveries, commands, request_ids")
            rows = await (await connection.execute(_SIZES, (list(_TABLES),))).fetchall()
            sizes.append({str(name): int(size) for name, size in rows})
            assert len(await past.left()) <= (_DAYS_KEPT + 2) * _AT_ONCE, day
    settled, last = sizes[_DAYS // 4], sizes[-1]
    # Indexes on what is random differ by a page or two. What grew on would be three times as large.
    assert {name for name in _TABLES if last[name] > settled[name] * 1.3} == set(), (settled, last)


async def test_whatever_has_the_id_of_an_execution_goes_with_it(database: Database) -> None:
    found = {row[0] for row in await database.fetch_all(_WITH_ID)}
    assert found - STAY == {"executions", "events", *OF_EXECUTIONS}


async def test_document_says_of_each_table_why_it_is_bounded(database: Database) -> None:
    rows = await database.fetch_all("select tablename from pg_tables where schemaname = 'public' order by 1")
    listed = [name for row in table("docs/retention.md", "table") for name in row[0].replace("`", "").split(", ")]
    assert sorted(listed) == [row[0] for row in rows]
