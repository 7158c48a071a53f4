"""Reports as the journal leaves them, and who adds them up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from penstock.engine.rpc.settings.usage_service import UsageService
from penstock.engine.runtime.upkeep.usage import make_usage
from penstock.engine.storage.postgres.database import Database, Row
from penstock.engine.storage.postgres.registry import Registry
from penstock.wire.gen.artifact_pb2 import Artifact, Plan, PlannedNode
from penstock.wire.gen.event_pb2 import NodeLog, NodeReport, NodeUsage
from penstock.wire.gen.flow_pb2 import Flow
from penstock.wire.service import Caller

ADA, BOB = Caller("ada", "key of Ada"), Caller("bob", "key of Bob")
FLOW = "chat"
GRAPH_ID = "01J00000000000000000000000"
NODES = ("ask", "answer")

_ARTIFACT = """insert into artifacts (graph_id, account, flow, version, digest, artifact, create_time)
values (%s, %s, %s, 1, %s, %s, now())"""
_EXECUTION = """insert into executions (execution_id, account, flow, graph_id, version, mode, status, lease_id,
  create_time, last_sequence, labels, input)
values (%s, %s, %s, %s, 1, 1, 2, gen_random_uuid(), now(), 2, '{}', '') on conflict do nothing"""
_REPORT = """insert into events (execution_id, sequence, type, node, attempt, branch, frame_index, event_time, payload,
  xid)
select %(id)s, coalesce(max(sequence), 2) + 1, 29, %(node)s, 1, 0, 0, %(time)s, %(payload)s,
  pg_current_xact_id()::text::bigint from events where execution_id = %(id)s"""
_DAYS = """select account, day, flow, node, provider, model, calls, input_tokens, cached_tokens, output_tokens,
  cost_nanos from usage_days order by 1, 2, 3, 4, 5, 6"""


class ManualClock:
    """Stands still until a test sets it."""

    def __init__(self, text: str = "2026-01-31T12:00:00") -> None:
        self.time_us = 0
        self.set(text)

    def set(self, text: str) -> None:
        self.time_us = round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1_000_000)

    def now_us(self) -> int:
        return self.time_us


def execution(number: int) -> UUID:
    return UUID(int=0x0190_0000_0000_7000_8000_0000_0000_0000 + number)


def usage(cost: str = "0", tokens: int = 0, provider: str = "acme", model: str = "large", **more: Any) -> bytes:
    """A report as a node makes it."""
    told = NodeUsage(provider=provider, model=model, input_tokens=tokens, cost=cost, **more)
    return NodeReport(usage=told).SerializeToString()


LOGGED = NodeReport(log=NodeLog(level="INFO", message="spending")).SerializeToString()


class Process:
    """One engine process, as far as usage goes. `stopped` counts how often what runs had to be looked at."""

    def __init__(self, database: Database, clock: ManualClock, folder: Path) -> None:
        self.stopped = 0
        registry = Registry(database)
        self.rollup = make_usage(database, folder, clock, self._on_stops)
        self.budgets = self.rollup.budgets
        self.service = UsageService(database, self.rollup, self.budgets, registry, clock)

    def _on_stops(self) -> None:
        self.stopped += 1


class Desk:
    """One database, on which Ada and Bob have the flow `chat`, and one process."""

    def __init__(self, database: Database, url: str, clock: ManualClock, folder: Path) -> None:
        self.database = database
        self.url = url
        self.clock = clock
        self.folder = folder
        self.process = self.another()

    def another(self, folder: Path | None = None) -> Process:
        """A process that shares the data directory with the first one, unless it has a folder of its own."""
        return Process(self.database, self.clock, folder or self.folder)

    @property
    def service(self) -> UsageService:
        return self.process.service

    async def furnish(self) -> None:
        for caller, graph_id in ((ADA, GRAPH_ID), (BOB, GRAPH_ID[:-1] + "1")):
            await Registry(self.database).create_draft(caller.account, Flow(flow=FLOW), 0)
            plan = Plan(nodes=[PlannedNode(name=name) for name in NODES])
            artifact = Artifact(graph_id=graph_id, flow=FLOW, version=1, plan=plan).SerializeToString()
            await self.database.execute(_ARTIFACT, (graph_id, caller.account, FLOW, graph_id, artifact))

    async def report(
        self,
        *payloads: bytes,
        number: int = 1,
        node: int = 0,
        caller: Caller = ADA,
        flow: str = FLOW,
        day: str = "2026-01-31",
        connection: psycopg.AsyncConnection[Row] | None = None,
    ) -> None:
        """What a node told, in one transaction: that of the connection when there is one."""
        if connection is None:
            async with self.database.transaction() as connection:
                return await self.report(
                    *payloads, number=number, node=node, caller=caller, flow=flow, day=day, connection=connection
                )
        graph_id = GRAPH_ID if caller is ADA else GRAPH_ID[:-1] + "1"
        await connection.execute(_EXECUTION, (execution(number), caller.account, flow, graph_id))
        time = datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)
        for payload in payloads:
            values = {"id": execution(number), "node": node, "time": time, "payload": payload}
            await connection.execute(_REPORT, values)
        return None

    async def days(self) -> list[tuple[Any, ...]]:
        """The sums of days: account, day, flow, node, provider, model, then calls, tokens and nanos."""
        rows = await self.database.fetch_all(_DAYS)
        return [(*row[:6], *map(int, row[6:])) for row in rows]


JANUARY_31 = date(2026, 1, 31)
