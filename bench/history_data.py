"""History made with SQL: copies of executions that the engine itself ran, with ids and times of their own.

What is copied is whole rows, so that the history is what the engine would have written, whatever the tables look like.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import psycopg
from psycopg import sql

# As engine/penstock/engine/domain/ids.py makes them: milliseconds, version 7, the part below a millisecond, and
# 62 bits that are random there and a digest of the number here.
_ID = """create or replace function pg_temp.bench_id(number bigint, at_us bigint) returns uuid immutable language sql
as $$ select (lpad(to_hex(at_us / 1000), 12, '0') || '7' || lpad(to_hex(at_us % 1000 * 4096 / 1000), 3, '0')
              || '8' || substr(md5(number::text), 2, 15))::uuid $$"""
_TEMPLATES = """
create temp table bench_executions on commit drop as
  select t.slot - 1 as slot, e.* from unnest(%(ids)s::uuid[]) with ordinality t(id, slot)
  join executions e on e.execution_id = t.id;
create temp table bench_events on commit drop as
  select x.slot, e.* from bench_executions x join events e using (execution_id) order by x.slot, e.sequence;
create index on bench_events (slot, sequence);
analyze bench_executions;
analyze bench_events"""
_NUMBERS = """from generate_series(%(first)s::bigint, %(first)s::bigint + %(count)s - 1) number,
lateral (select %(from_us)s::bigint + (%(step_us)s::double precision * (number - %(first)s))::bigint as at_us) moment,
lateral (select pg_temp.bench_id(number, at_us) as id offset 0) made,
lateral (select * from bench_executions where slot = number %% %(slots)s) x,
lateral (select to_timestamp(0) + make_interval(secs => at_us / 1e6) - x.create_time as shift) moved"""
_EVENTS = ", lateral (select * from bench_events b where b.slot = x.slot order by b.sequence offset 0) e"


def fill(database_url: str, templates: Sequence[str], first: int, count: int, from_us: int, until_us: int) -> None:
    """Adds `count` executions with their events.

    They are copies of the templates by turns, accepted one after the other from `from_us` up to `until_us`, unix
    time in microseconds. `first` numbers them: two fills of a database must not share a number. Templates are ids of
    executions that have ended; one that is named twice is copied twice as often.
    """
    values = {
        "ids": [UUID(template) for template in templates],
        "slots": len(templates),
        "first": first,
        "count": count,
        "from_us": from_us,
        "step_us": (until_us - from_us) / count,
    }
    with psycopg.ClientCursor(psycopg.connect(database_url)) as cursor, cursor.connection as connection:
        connection.execute("set local synchronous_commit = off")
        connection.execute(_ID)
        cursor.execute(_TEMPLATES, values)
        for table, rows, more in (("executions", "x", ""), ("events", "e", _EVENTS)):
            names, given = _columns(connection, table, rows)
            insert = sql.SQL("insert into {} ({}) select {} " + _NUMBERS + more).format(
                sql.Identifier(table), names, given
            )
            cursor.execute(insert, values)


def settle(database_url: str) -> None:
    """Has the tables as they are long after they were written: vacuumed, analyzed, on disk."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("vacuum (analyze) executions, events, search_values")
        connection.execute("checkpoint")


def _columns(
    connection: psycopg.Connection[tuple[object, ...]], table: str, rows: str
) -> tuple[sql.Composed, sql.Composed]:
    """The columns of a table, and what a copy has in them."""
    query = """select attname, atttypid = 'timestamptz'::regtype from pg_attribute
    where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum"""
    names: list[sql.Composable] = []
    given: list[sql.Composable] = []
    for name, is_time in connection.execute(query, (table,)):
        column = sql.Identifier(rows, str(name))
        names.append(sql.Identifier(str(name)))
        if name == "execution_id":
            given.append(sql.SQL("made.id"))
        else:
            given.append(sql.SQL("{} + moved.shift").format(column) if is_time else column)
    return sql.SQL(", ").join(names), sql.SQL(", ").join(given)
