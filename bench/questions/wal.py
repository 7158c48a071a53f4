"""What an execution writes: WAL, rows, and bytes of tables and of indexes."""

from __future__ import annotations

from dataclasses import astuple, dataclass

import psycopg

from bench.bed import Bed, Server
from bench.report import Section, rounded

FLOWS = ("w1", "w3", "w20")
CALLERS = (1, 64)
_WARM_S = 0.5

_WRITTEN = """select
  (select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8),
  (select count(*)::float8 from executions), (select count(*)::float8 from events),
  (select sum(pg_table_size(t))::float8 from unnest('{executions,events}'::regclass[]) t),
  (select sum(pg_indexes_size(t))::float8 from unnest('{executions,events}'::regclass[]) t)"""


@dataclass(frozen=True, slots=True)
class Written:
    """Since the database was made, or per execution; everything but the two counts in bytes."""

    wal: float
    executions: float
    events: float
    tables: float
    indexes: float


def ask(bed: Bed) -> Section:
    rows = []
    for flow in FLOWS:
        for callers in CALLERS:
            url = bed.database("wal")
            with bed.server(url, name="wal") as server:
                each = per_execution(bed, server, flow, callers)
            names = ("wal", "executions", "events", "tables", "indexes")
            rows.append((flow, str(callers), *(rounded(getattr(each, name)) for name in names)))
    return Section(
        "What an execution writes",
        "Per execution, over HTTP, each flow and number of callers on a new database. WAL includes what Postgres"
        " writes by itself meanwhile, but not the full pages right after a checkpoint. One measurement each.",
        ("work", "callers", "bytes of WAL", "rows in executions", "rows in events", "bytes of tables", "of indexes"),
        rows,
    )


def per_execution(bed: Bed, server: Server, flow: str, callers: int) -> Written:
    job = {"face": "http", "flow": flow, "callers": callers, "url": server.http_url, "key": server.key}
    with psycopg.connect(server.database_url, autocommit=True) as connection:
        # The first change of a page after a checkpoint writes all of it; no checkpoint comes by itself so soon.
        connection.execute("checkpoint")
        bed.load.run({**job, "seconds": _WARM_S})
        before = _written(connection)
        bed.load.run({**job, "seconds": bed.seconds})
        after = _written(connection)
    count = after.executions - before.executions
    return Written(*((late - early) / count for early, late in zip(astuple(before), astuple(after), strict=True)))


def _written(connection: psycopg.Connection[tuple[float, ...]]) -> Written:
    row = connection.execute(_WRITTEN).fetchone()
    assert row is not None
    return Written(*row)
