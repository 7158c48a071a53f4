"""Reads what explains an execution beside its own log: its process, its place in the queue, who may decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from penstock.engine.storage.postgres.database import Database, from_time

# Purpose: the process that holds a lease, and by the database's clock whether it still renews it. A fenced lease
# never expires. Index: leases_pkey.
_HOLDER = """select process, case when expire_time <> 'infinity' then expire_time end, expire_time < now()
from leases where lease_id = %s"""
# Purpose: place of an execution among those that wait in its process, by time of acceptance. Index: executions_live.
_PLACE = """select count(*) filter (where execution_id <= %s), count(*) from executions
where lease_id = %s and complete_time is null and status = 1"""
# Purpose: keys of an account that are good, oldest first. Index: api_keys_by_time, backwards.
_KEYS = """select name, key_id, scopes from api_keys where account = %s and revoke_time is null
  and (expire_time is null or expire_time > now())
order by create_time, key_id limit %s"""
_KEYS_MAX = 1_000
"""Keys that are looked at: who may decide is told of the first few."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A process and its lease. `expire_us` is unix time in microseconds, None when the process is given up."""

    process: str
    expire_us: int | None
    is_late: bool
    """Whether it did not renew in time."""


class GoodKey(NamedTuple):
    """A key as logs name it, and what it may do."""

    name: str
    scopes: tuple[str, ...]


class Explanations:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def holder(self, lease_id: UUID) -> Holder:
        row = await self._database.fetch_one(_HOLDER, (lease_id,))
        return Holder("", None, True) if row is None else Holder(row[0], from_time(row[1]), row[2])

    async def place(self, execution_id: str, lease_id: UUID) -> tuple[int, int]:
        """Place of an execution in the queue of its process, from 1, and the length of that queue."""
        row = await self._database.fetch_one(_PLACE, (UUID(execution_id), lease_id))
        assert row is not None
        return max(1, row[0]), max(1, row[1])

    async def keys(self, account: str) -> list[GoodKey]:
        """Keys of an account, the oldest first."""
        rows = await self._database.fetch_all(_KEYS, (account, _KEYS_MAX))
        return [GoodKey(f"{name} ({key_id})" if name else str(key_id), tuple(scopes)) for name, key_id, scopes in rows]
