"""What nodes used: follows what they reported in the order of its commits, and adds it up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from penstock.engine.storage.postgres.database import Database, Row
from penstock.wire.gen.artifact_pb2 import Artifact

LOT = 2_000
"""Reports that are added up in one transaction, and those of the last transaction among them."""

# What is below it is complete: every transaction that wrote it has ended.
_HORIZON = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
# Purpose: whether there is something to add up, and whether what blocks executions has changed; asked every second by
# every process. Index: events_reports, its end: the order and the limit leave no other way.
_PENDING = f"""select p.changes, coalesce(e.xid < {_HORIZON}, false), coalesce(e.xid < %s, false)
from usage_progress p
left join lateral (select xid from events where type = 29 and xid > p.xid order by xid limit 1) e on true"""
# Purpose: what was committed until now has a number below this one.
_NOW = "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
# Purpose: be the one who adds up; whoever comes second does not wait. Locks: the only row, until the transaction ends.
_TURN = "select xid from usage_progress for update skip locked"
# Without these the plan of a lot flips to a scan of all executions while statistics are stale.
_SETTINGS = "set local enable_seqscan = off; set local enable_hashjoin = off; set local enable_mergejoin = off"
# Purpose: the same for who waits: what budgets say does not change meanwhile. Locks: the only row.
_HOLD = "select xid from usage_progress for update"
# Purpose: one lot of reports in the order of their commits, whole transactions. What was logged comes without its
# payload: usage begins with field 3. Index: events_reports, executions_pkey.
_LOT = rf"""with reports as materialized (
  select xid, execution_id, event_time, node,
    case when substring(payload from 1 for 1) = '\x1a' then payload end as payload
  from events where type = 29 and xid > %s and xid < {_HORIZON}
  order by xid fetch first {LOT} rows with ties)
select r.xid, r.execution_id, (r.event_time at time zone 'UTC')::date, r.node, r.payload, e.account, e.flow, e.graph_id
from reports r left join executions e on r.payload is not null and e.execution_id = r.execution_id
order by r.xid"""
_SUMS = "calls, input_tokens, cached_tokens, output_tokens, cost_nanos"
_COLUMNS = f"account, day, flow, node, provider, model, {_SUMS}"
_ADDED = ", ".join(f"{column} = s.{column} + excluded.{column}" for column in _SUMS.split(", "))
_SUMMED = ", ".join(f"sum({column})" for column in _SUMS.split(", "))
_KEEP = f"""group by account, day, flow order by account collate "C", day, flow collate "C"
  on conflict (account, day, flow) do update set {_ADDED}"""
# Purpose: add the sums of a lot to those of days and of executions, and to what is made of these. Locks: their rows.
# Index: their primary keys.
_ADD = f"""with used as materialized (
  select * from unnest(%(execution_id)s::uuid[], %(account)s::text[], %(day)s::date[], %(flow)s::text[],
    %(node)s::text[], %(provider)s::text[], %(model)s::text[], %(calls)s::bigint[], %(input_tokens)s::numeric[],
    %(cached_tokens)s::numeric[], %(output_tokens)s::numeric[], %(cost_nanos)s::numeric[])
    as u (execution_id, {_COLUMNS})),
of_executions as (insert into usage_executions as s (execution_id, {_COLUMNS}) select * from used
  on conflict (execution_id, day, node, provider, model) do update set {_ADDED}),
totals as (insert into usage_totals as s (execution_id, account, flow, first_day, last_day, {_SUMS})
  select execution_id, account, flow, min(day), max(day), {_SUMMED} from used
  group by execution_id, account, flow order by execution_id
  on conflict (execution_id) do update set {_ADDED}, first_day = least(s.first_day, excluded.first_day),
    last_day = greatest(s.last_day, excluded.last_day)),
kept as (insert into usage_kept as s (account, day, flow, {_SUMS})
  select account, day, flow, {_SUMMED} from used {_KEEP})
insert into usage_days as s ({_COLUMNS})
select account, day, flow, node, provider, model, {_SUMMED} from used
group by account, day, flow, node, provider, model
on conflict (account, day, flow, node, provider, model) do update set {_ADDED}"""
# Purpose: parts of a statement that removes executions: what is kept is less by what they used. Locks: the rows, in the
# order of who adds. Index: their primary keys.
REMOVE_USED = f"""of_usage_executions as (delete from usage_executions where execution_id = any(%(ids)s::uuid[])
  returning account, day, flow, {_SUMS}),
of_usage_kept as (insert into usage_kept as s (account, day, flow, {_SUMS})
  select account, day, flow, {_SUMMED.replace("sum(", "-sum(")} from of_usage_executions {_KEEP}),
"""
# Purpose: what the nodes of a report are called. Index: artifacts_pkey.
_ARTIFACT = "select artifact from artifacts where graph_id = %s and account = %s"
_ADVANCE = "update usage_progress set xid = %s"
# Purpose: have every process look at what blocks executions now. Locks: the only row, which the caller has.
_NOTE = "update usage_progress set changes = changes + 1"


class Pending(NamedTuple):
    """`is_ready`: there are reports that can be added up now. `is_behind`: there are reports below the asked number."""

    changes: int
    is_ready: bool
    is_behind: bool


class ReportRow(NamedTuple):
    """One report. `payload` is None when it is none of usage, `account` when its execution is gone."""

    xid: int
    execution_id: UUID
    day: date
    node: int
    payload: bytes | None
    account: str | None
    flow: str
    graph_id: str


class Group(NamedTuple):
    """What is added up in one row."""

    execution_id: UUID
    account: str
    day: date
    flow: str
    node: str
    provider: str
    model: str


@dataclass(slots=True)
class Sums:
    """What was used. Costs are nanos of a US dollar."""

    calls: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    cost_nanos: int = 0

    def add(self, other: Sums) -> None:
        self.calls += other.calls
        self.input_tokens += other.input_tokens
        self.cached_tokens += other.cached_tokens
        self.output_tokens += other.output_tokens
        self.cost_nanos += other.cost_nanos


class UsageTurn:
    """The one who adds up, until the transaction ends."""

    def __init__(self, connection: psycopg.AsyncConnection[Row], xid: int) -> None:
        self.connection = connection
        self._xid = xid

    async def lot(self) -> list[ReportRow]:
        """The reports that follow, in the order of their commits."""
        cursor = await self.connection.execute(_LOT, (self._xid,), binary=True)
        return [ReportRow(*row) for row in await cursor.fetchall()]

    async def nodes(self, account: str, graph_id: str) -> tuple[str, ...]:
        """The names of an artifact's nodes; none when it is gone. On the same connection: others may be taken."""
        cursor = await self.connection.execute(_ARTIFACT, (graph_id, account), binary=True)
        row = await cursor.fetchone()
        return () if row is None else tuple(node.name for node in Artifact.FromString(row[0]).plan.nodes)

    async def add(self, used: Mapping[Group, Sums], xid: int) -> None:
        """Adds what the reports up to a transaction say, once."""
        if used:
            await self.connection.execute(_ADD, _arrays(used.items()))
        await self.connection.execute(_ADVANCE, (xid,))


class UsageRows:
    """Statements on what is added up. None of them is on the hot path."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def now(self) -> int:
        """The number that everything committed until now is below."""
        row = await self._database.fetch_one(_NOW)
        assert row is not None
        return int(row[0])

    async def pending(self, below: int = 0) -> Pending:
        row = await self._database.fetch_one(_PENDING, (below,))
        assert row is not None
        return Pending(*row)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[UsageTurn | None]:
        """One transaction. None while another process has its turn."""
        async with self._database.transaction() as connection:
            row = await (await connection.execute(_TURN, binary=True)).fetchone()
            if row is not None:
                await connection.execute(_SETTINGS)
            yield None if row is None else UsageTurn(connection, row[0])


async def hold(connection: psycopg.AsyncConnection[Row]) -> None:
    """Keeps everybody from adding up until the transaction ends."""
    await connection.execute(_HOLD)


async def note_change(connection: psycopg.AsyncConnection[Row]) -> None:
    """Tells every process that what blocks executions may have changed."""
    await connection.execute(_NOTE)


def _arrays(rows: Iterable[tuple[Group, Sums]]) -> dict[str, Sequence[Any]]:
    """By column. Always in the same order, so that two that write never wait for each other."""
    ordered = sorted(rows)
    columns: dict[str, Sequence[Any]] = {name: [getattr(group, name) for group, _ in ordered] for name in Group._fields}
    for name in Sums.__slots__:
        columns[name] = [getattr(sums, name) for _, sums in ordered]
    return columns
