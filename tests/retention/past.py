"""Executions that were accepted and ended long ago, and a clock that a test sets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from penstock.engine.domain import ids
from penstock.engine.runtime.upkeep.archive import Archive
from penstock.engine.runtime.upkeep.retention import RetentionSettings, Sweeper
from penstock.engine.storage.postgres.database import Database, to_time
from penstock.engine.storage.postgres.retention_policies import RetentionPolicies
from tests.storage.samples import NOW_US

SECOND, HOUR, DAY = 1_000_000, 3_600 * 1_000_000, 86_400 * 1_000_000
ACCOUNT, FLOW = "ada", "tea"
EVENT_COUNT = 3

_EXECUTIONS = """insert into executions (execution_id, account, flow, graph_id, version, mode, status, lease_id,
  create_time, start_time, complete_time, last_sequence, labels, input, parent_id, webhook_time)
select e.id, %(account)s, %(flow)s, '01J00000000000000000000000', 1, 1, %(status)s, gen_random_uuid(), e.accepted,
  e.accepted, %(ended)s::timestamptz, 4, '{}', %(input)s, %(parent)s::uuid, %(webhook)s::timestamptz
from unnest(%(ids)s::uuid[], %(accepted)s::timestamptz[]) e(id, accepted)"""
_EVENTS = """insert into events (execution_id, sequence, type, node, attempt, branch, frame_index, event_time, payload)
select id, sequence, 8, 0, 1, 0, 0, now(), %(payload)s
from unnest(%(ids)s::uuid[]) id, generate_series(1, %(count)s) sequence"""
_DELIVERIES = """insert into webhook_deliveries (execution_id, number, account, state, delivery_time, duration_us, url,
  error, response)
select id, 1, %(account)s, 1, now(), 1, 'https://example.com', '', '' from unnest(%(ids)s::uuid[]) id"""
_COMMANDS = """insert into commands (command_id, execution_id, kind, detail)
select gen_random_uuid(), id, 5, '' from unnest(%(ids)s::uuid[]) id"""


class ManualClock:
    """Stands still until a test sets it."""

    def __init__(self) -> None:
        self.time_us = NOW_US

    def now_us(self) -> int:
        return self.time_us


class Past:
    """One database. Executions are accepted so long before now as a test says, now being the time of the clock."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = ManualClock()
        self.policies = RetentionPolicies(database)
        self.rests: list[float] = []
        self._number = 0

    async def add(self, age_us: int, **fields: Any) -> UUID:
        """One that took a second, unless `ended_us` says how long ago it ended: None for not yet."""
        [execution_id] = await self.add_many(1, age_us, **fields)
        return execution_id

    async def add_many(
        self,
        count: int,
        age_us: int,
        *,
        ended_us: int | None = -1,
        account: str = ACCOUNT,
        flow: str = FLOW,
        parent: UUID | None = None,
        is_undelivered: bool = False,
        events: int = EVENT_COUNT,
        payload: bytes = b"output",
    ) -> list[UUID]:
        """As many, a microsecond after the other."""
        accepted_us = self.clock.now_us() - age_us
        ended = None if ended_us is None else age_us - SECOND if ended_us == -1 else ended_us
        parameters = {
            "ids": [self._id(accepted_us + number) for number in range(count)],
            "accepted": [to_time(accepted_us + number) for number in range(count)],
            "account": account,
            "flow": flow,
            "status": 7 if ended is None else 3,
            "ended": None if ended is None else to_time(self.clock.now_us() - ended),
            "parent": parent,
            "webhook": to_time(self.clock.now_us()) if is_undelivered else None,
            "count": events,
            "input": payload,
            "payload": payload,
        }
        for statement in (_EXECUTIONS, _EVENTS, _DELIVERIES, _COMMANDS):
            await self.database.execute(statement, parameters)
        added: list[UUID] = parameters["ids"]
        return added

    def _id(self, time_us: int) -> UUID:
        self._number += 1
        return UUID(ids.execution_id(time_us, self._number))

    def sweeper(self, archive: Archive | None = None, **settings: Any) -> Sweeper:
        """One that does not rest, but notes for how long it would."""

        async def rest(rest_s: float) -> None:
            self.rests.append(rest_s)

        return Sweeper(self.database, self.clock, RetentionSettings(**settings), _nothing_expired, archive, rest)

    async def keep(self, days: float | None, flow: str = "", account: str = ACCOUNT) -> None:
        """Sets a policy; None for ever."""
        period_s = None if days is None else round(days * 86_400)
        await self.policies.put(account, flow, period_s, "key", self.clock.now_us())

    async def sweep(self, **settings: Any) -> None:
        """Everything that a server removes that sweeps on and on."""
        assert await self.sweeper(**settings).sweep()

    async def left(self) -> set[UUID]:
        """Executions that are there. What belongs to others is not."""
        return await self._those("executions")

    async def left_behind(self, tables: Iterable[str] = ("events", "webhook_deliveries", "commands")) -> set[UUID]:
        """Executions of which something is there although they are not."""
        found = set[UUID]()
        for table in tables:
            found |= await self._those(table)
        return found - await self.left()

    async def count(self, table: str) -> int:
        row = await self.database.fetch_one(f"select count(*) from {table}")
        assert row is not None
        return int(row[0])

    async def _those(self, table: str) -> set[UUID]:
        return {row[0] for row in await self.database.fetch_all(f"select distinct execution_id from {table}")}


async def _nothing_expired() -> int:
    return 0
