"""Aliases and the moves that they made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from penstock.engine.domain.alias import Target
from penstock.engine.domain.errors import Conflict
from penstock.engine.domain.standing import Standing
from penstock.engine.storage.postgres.database import Database, Row, from_time, to_time
from penstock.engine.storage.postgres.standings import STANDING_COLUMNS, retired, to_standing
from penstock.engine.storage.postgres.turns import take_turn

Connection = psycopg.AsyncConnection[Row]

# Purpose: one alias, or all of a flow by name. Index: aliases_pkey.
_ALIAS = """select alias, targets, number, key_id, update_time from aliases
where account = %s and flow = %s and alias = %s"""
_ALIASES = """select alias, targets, number, key_id, update_time from aliases
where account = %s and flow = %s and alias > %s order by alias limit %s"""
_PUT = """insert into aliases (account, flow, alias, targets, number, key_id, update_time)
values (%s, %s, %s, %s, %s, %s, %s)
on conflict (account, flow, alias) do update set targets = excluded.targets, number = excluded.number,
  key_id = excluded.key_id, update_time = excluded.update_time"""
_REMOVE = "delete from aliases where account = %s and flow = %s and alias = %s"
# Purpose: number the next move, also of an alias that is made anew, and when the flow's last one was. Index:
# alias_moves_pkey and alias_moves_by_time, backwards.
_NUMBER = """select
(select coalesce(max(number), 0) + 1 from alias_moves where account = %s and flow = %s and alias = %s),
(select max(move_time) from alias_moves where account = %s and flow = %s)"""
_RECORD = """insert into alias_moves (account, flow, alias, number, before, after, key_id, move_time)
values (%s, %s, %s, %s, %s, %s, %s, %s)"""
# Purpose: one page of moves, newest first. Index: alias_moves_by_time.
_MOVES = """select alias, number, before, after, key_id, move_time from alias_moves
where account = %s and flow = %s and (%s = '' or alias = %s)
and (%s::timestamptz is null or (move_time, alias, number) < (%s, %s, %s))
order by move_time desc, alias desc, number desc limit %s"""
# Purpose: what an alias stands for, with the standing of each, for the cache of a process. Index: aliases_pkey,
# artifacts_pkey.
_ROUTE = f"""select t.graph_id, t.version, t.weight, {STANDING_COLUMNS}
from aliases a, jsonb_to_recordset(a.targets) t (graph_id text, version int, weight int)
join artifacts r on r.graph_id = t.graph_id
where a.account = %s and a.flow = %s and a.alias = %s order by t.version"""


@dataclass(frozen=True, slots=True)
class AliasRow:
    """An alias of a flow. `number` is that of its last move, `key_id` says who made it."""

    flow: str
    alias: str
    targets: tuple[Target, ...]
    number: int
    key_id: str
    update_us: int


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One move. `before` is empty for an alias that was made, `after` for one that was removed."""

    flow: str
    alias: str
    number: int
    before: tuple[Target, ...]
    after: tuple[Target, ...]
    key_id: str
    move_us: int


@dataclass(frozen=True, slots=True)
class Mover:
    """Who moves an alias, and when."""

    key_id: str
    time_us: int


class Aliases:
    """Statements on aliases. Nothing here is on the hot path: what names stand for is kept in memory."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def alias(self, account: str, flow: str, alias: str) -> AliasRow | None:
        row = await self._database.fetch_one(_ALIAS, (account, flow, alias))
        return None if row is None else _alias(flow, row)

    async def aliases(self, account: str, flow: str, after: str, count_max: int) -> list[AliasRow]:
        """By name, those behind `after`."""
        rows = await self._database.fetch_all(_ALIASES, (account, flow, after, count_max))
        return [_alias(flow, row) for row in rows]

    async def moves(
        self, account: str, flow: str, alias: str, before: tuple[int, str, int] | None, count_max: int
    ) -> list[MoveRow]:
        """Newest first; `alias` "" means all. `before` is time, alias and number of the last one of the page before."""
        time_us, name, number = before or (None, "", 0)
        time = None if time_us is None else to_time(time_us)
        parameters = (account, flow, alias, alias, time, time, name, number, count_max)
        return [_move(flow, row) for row in await self._database.fetch_all(_MOVES, parameters)]

    async def route(self, account: str, flow: str, alias: str) -> list[tuple[Target, Standing]]:
        """What an alias stands for; [] when there is no such alias."""
        rows = await self._database.fetch_all(_ROUTE, (account, flow, alias))
        return [(Target(*row[:3]), to_standing(row[3:])) for row in rows]

    async def refuse_retired(self, account: str, targets: Sequence[Target]) -> None:
        """Raises Conflict when one of them is, as `move` would."""
        async with self._database.transaction() as connection:
            await _refuse_retired(connection, account, targets)

    async def move(
        self, account: str, flow: str, alias: str, seen: int, targets: Sequence[Target], mover: Mover
    ) -> AliasRow | None:
        """Points an alias at `targets`, none of which may be retired; none at all remove it.

        None, and nothing is moved, when its last move is not number `seen`; that of no alias is 0. Raises Conflict.
        """
        async with self._database.transaction() as connection:
            await take_turn(connection, account, flow)
            current = await _read(connection, account, flow, alias)
            if (current.number if current else 0) != seen:
                return None
            return await move(connection, account, flow, alias, targets, mover)


async def move(
    connection: Connection, account: str, flow: str, alias: str, targets: Sequence[Target], mover: Mover
) -> AliasRow:
    """Points an alias at `targets` and records it, unless it points at them already. Only in one's turn.

    No targets remove it. Raises Conflict when one of them is retired.
    """
    current = await _read(connection, account, flow, alias)
    await _refuse_retired(connection, account, targets)
    before = current.targets if current else ()
    if current is not None and before == tuple(targets):
        return current
    row = await (await connection.execute(_NUMBER, (account, flow, alias, account, flow))).fetchone()
    assert row is not None
    number, last = row
    # The clocks of two machines differ; the order of the moves is that of the turns.
    at = max(to_time(mover.time_us), last or to_time(0))
    moved = (account, flow, alias, number, _json(before), _json(targets), mover.key_id, at)
    await connection.execute(_RECORD, moved)
    if targets:
        await connection.execute(_PUT, (account, flow, alias, _json(targets), number, mover.key_id, at))
    else:
        await connection.execute(_REMOVE, (account, flow, alias))
    return AliasRow(flow, alias, tuple(targets), number, mover.key_id, from_time(at) or 0)


async def last_move(connection: Connection, account: str, flow: str, alias: str) -> int:
    """The number of the move that made an alias what it is, 0 for no alias. Only in one's turn."""
    current = await _read(connection, account, flow, alias)
    return current.number if current else 0


async def remove_all(connection: Connection, account: str, flow: str, mover: Mover) -> None:
    """Removes every alias of a flow. Only in one's turn."""
    names = "select alias from aliases where account = %s and flow = %s order by alias"
    for (alias,) in await (await connection.execute(names, (account, flow))).fetchall():
        await move(connection, account, flow, alias, (), mover)


def targets_of(stored: list[dict[str, Any]]) -> tuple[Target, ...]:
    """As they are kept in a row."""
    return tuple(Target(**target) for target in stored)


async def _read(connection: Connection, account: str, flow: str, alias: str) -> AliasRow | None:
    row = await (await connection.execute(_ALIAS, (account, flow, alias))).fetchone()
    return None if row is None else _alias(flow, row)


async def _refuse_retired(connection: Connection, account: str, targets: Sequence[Target]) -> None:
    versions = {target.graph_id: target.version for target in targets}
    for graph_id in await retired(connection, account, versions):
        raise Conflict(
            f"version {versions[graph_id]}, artifact {graph_id}, is retired: restore it before an alias points at it",
            reason="RETIRED",
            facts={"graph_id": graph_id},
        )


def _json(targets: Sequence[Target]) -> Jsonb:
    return Jsonb([asdict(target) for target in targets])


def _alias(flow: str, row: Row) -> AliasRow:
    time_us = from_time(row[4])
    assert time_us is not None
    return AliasRow(flow, row[0], targets_of(row[1]), row[2], row[3], time_us)


def _move(flow: str, row: Row) -> MoveRow:
    time_us = from_time(row[5])
    assert time_us is not None
    return MoveRow(flow, row[0], row[1], targets_of(row[2]), targets_of(row[3]), row[4], time_us)
