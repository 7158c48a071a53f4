"""Policies in the store, with every version of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import psycopg

from penstock.engine.domain import limits
from penstock.engine.domain.errors import AlreadyExists, Conflict
from penstock.engine.storage.postgres.database import Database, Row, to_time
from penstock.wire.gen.policy_pb2 import Policy

# Purpose: the number of a change, and of every process that makes one at once the turn. Locks: the one row, to the
# commit. Index: policy_changes_pkey.
_TURN = "update policy_changes set last = last + 1 where is_only returning last"
# Purpose: what changed since a process looked. Index: policies_changes.
_CHANGES = """select change, account, policy_id, is_gone, policy, create_time, update_time from policies
where change > %s order by change limit %s"""
# Purpose: one policy; behind the turn nobody changes it meanwhile. Index: policies_pkey.
_GET = """select policy, create_time, update_time from policies
where account = %s and policy_id = %s and not is_gone"""
# Purpose: one version of a policy; its newest one, whose number the next one follows. Index: policy_versions_pkey.
_VERSION = """select policy, create_time, update_time from policy_versions
where account = %s and policy_id = %s and version = %s"""
_LAST = """select version from policy_versions
where account = %s and policy_id = %s order by version desc limit 1"""
# Purpose: one page of versions, newest first. Index: policy_versions_pkey.
_VERSIONS = """select policy, create_time, update_time from policy_versions
where account = %s and policy_id = %s and version < %s order by version desc limit %s"""
# Purpose: all policies of an account, of which there are few. Index: policies_pkey.
_LIST = "select policy, create_time, update_time from policies where account = %s and not is_gone order by policy_id"
_COUNT = "select count(*) from policies where account = %s and not is_gone"
# Purpose: store a version as the one that stands, and for good. Index: policies_pkey, policy_versions_pkey.
_PUT = """insert into policies (account, policy_id, version, change, is_gone, policy, create_time, update_time)
values (%s, %s, %s, %s, false, %s, %s, %s)
on conflict (account, policy_id) do update set version = excluded.version, change = excluded.change, is_gone = false,
  policy = excluded.policy, create_time = excluded.create_time, update_time = excluded.update_time"""
_KEEP = """insert into policy_versions (account, policy_id, version, policy, create_time, update_time)
values (%s, %s, %s, %s, %s, %s)"""
# Purpose: forget versions of a policy that are too old. Index: policy_versions_pkey.
_TRIM = "delete from policy_versions where account = %s and policy_id = %s and version <= %s"
# Purpose: take a policy away. Index: policies_pkey.
_REMOVE = """update policies set is_gone = true, change = %s
where account = %s and policy_id = %s and not is_gone returning 1"""

_LOT = 1_000
_LAST_VERSION = 2**31 - 1


class Change(NamedTuple):
    """`policy` is None when it was removed."""

    number: int
    account: str
    policy_id: str
    policy: Policy | None


class PolicyRows:
    """Statements on policies. Nothing here is on the hot path: what holds is kept in memory."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def changes_after(self, number: int) -> list[Change]:
        """What every policy that changed since stands at, in the order of the changes."""
        found: list[Change] = []
        while True:
            rows = await self._database.fetch_all(_CHANGES, (number, _LOT))
            found += [Change(row[0], row[1], row[2], None if row[3] else _policy(row[4:])) for row in rows]
            if len(rows) < _LOT:
                return found
            number = found[-1].number

    async def policy(self, account: str, policy_id: str) -> Policy | None:
        row = await self._database.fetch_one(_GET, (account, policy_id))
        return None if row is None else _policy(row)

    async def version(self, account: str, policy_id: str, version: int) -> Policy | None:
        row = await self._database.fetch_one(_VERSION, (account, policy_id, version))
        return None if row is None else _policy(row)

    async def versions(self, account: str, policy_id: str, before: int, count_max: int) -> list[Policy]:
        """Newest first, those below `before`; 0 for all."""
        rows = await self._database.fetch_all(_VERSIONS, (account, policy_id, before or _LAST_VERSION, count_max))
        return list(map(_policy, rows))

    async def policies(self, account: str) -> list[Policy]:
        """All that stand, by name."""
        return list(map(_policy, await self._database.fetch_all(_LIST, (account,))))

    async def create(self, account: str, policy: Policy, now_us: int) -> Policy:
        """Raises AlreadyExists, and Conflict for one policy too many."""
        async with self._database.transaction() as connection:
            number = await _turn(connection)
            if await _one(connection, _GET, (account, policy.policy_id)) is not None:
                raise AlreadyExists(f"there is a policy {policy.policy_id} already")
            counted = await _one(connection, _COUNT, (account,))
            if counted is not None and counted[0] >= limits.POLICIES_MAX:
                most = limits.POLICIES_MAX
                raise Conflict(f"the account has {most:,} policies already, and more it cannot have", reason="TOO_MANY")
            return await _put(connection, account, policy, number, now_us, now_us)

    async def change(
        self, account: str, policy_id: str, edit: Callable[[Policy], Policy], now_us: int
    ) -> Policy | None:
        """Stores what `edit` makes of a policy as its next version; None when there is none."""
        async with self._database.transaction() as connection:
            number = await _turn(connection)
            row = await _one(connection, _GET, (account, policy_id))
            if row is None:
                return None
            current = _policy(row)
            create_us = current.create_time.ToMicroseconds()
            return await _put(connection, account, edit(current), number, create_us, now_us)

    async def delete(self, account: str, policy_id: str) -> bool:
        """Whether there was one."""
        async with self._database.transaction() as connection:
            number = await _turn(connection)
            return await _one(connection, _REMOVE, (number, account, policy_id)) is not None


_Connection = psycopg.AsyncConnection[Row]


async def _turn(connection: _Connection) -> int:
    row = await _one(connection, _TURN, ())
    assert row is not None
    return int(row[0])


async def _one(connection: _Connection, sql: str, parameters: tuple[object, ...]) -> Row | None:
    cursor = await connection.execute(sql, parameters, binary=True)
    return await cursor.fetchone()


async def _put(
    connection: _Connection, account: str, policy: Policy, number: int, create_us: int, now_us: int
) -> Policy:
    last = await _one(connection, _LAST, (account, policy.policy_id))
    stored = Policy()
    stored.CopyFrom(policy)
    stored.version = 1 if last is None else last[0] + 1
    stored.ClearField("create_time")
    stored.ClearField("update_time")
    data = stored.SerializeToString(deterministic=True)
    times = to_time(create_us), to_time(now_us)
    key = account, policy.policy_id, stored.version
    await connection.execute(_PUT, (*key, number, data, *times), binary=True)
    await connection.execute(_KEEP, (*key, data, *times), binary=True)
    await connection.execute(_TRIM, (account, policy.policy_id, stored.version - limits.POLICY_VERSIONS_MAX))
    return _policy((data, *times))


def _policy(row: Row) -> Policy:
    policy = Policy.FromString(row[0])
    policy.create_time.FromDatetime(row[1])
    policy.update_time.FromDatetime(row[2])
    return policy
