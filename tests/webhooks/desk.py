"""Executions that have ended and are due, and deliverers that tell what they recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

from google.protobuf import struct_pb2

from penstock.engine.domain.artifact import Mode
from penstock.engine.domain.failure import Failure
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.runtime.clock import Clock, SystemClock
from penstock.engine.storage.data_keys import DataKey
from penstock.engine.storage.failures import encode_failure
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.executions import Executions
from penstock.engine.storage.postgres.webhooks import Claim, Delivery, Webhooks
from penstock.engine.storage.sealing import Sealer
from penstock.engine.webhooks.deliverer import WebhookDeliverer
from penstock.engine.webhooks.egress import LOOPBACK, EgressPolicy
from penstock.engine.webhooks.resolving import LookUp, system_look_up
from penstock.engine.webhooks.settings import WebhookSettings
from penstock.wire.gen.execution_options_pb2 import ExecutionOptions
from penstock.wire.gen.webhook_pb2 import Webhook
from penstock.wire.types import TypePool, descriptor_set
from tests.webhooks.receiver import WAIT_S

ACCOUNT = "ada"
GRAPH_ID = "01J00000000000000000000000"

SETTINGS = WebhookSettings(EgressPolicy(LOOPBACK), retries_s=(0.0, 0.0), jitter=0.0, total_s=WAIT_S)

_INSERT = """insert into executions (execution_id, account, flow, graph_id, version, mode, status, lease_id,
  create_time, start_time, complete_time, last_sequence, failure, labels, input, options, webhook_time)
values (%s, %s, 'tea', %s, 3, 1, %s, gen_random_uuid(), '2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z',
  '2026-01-02T03:04:06.000007Z', 4, %s, '{"team": "blue"}', '', %s, now() - interval '1 minute')"""
_CHECKPOINT = """insert into events (execution_id, sequence, type, node, attempt, branch, frame_index, event_time,
  payload)
values (%s, 3, 8, 0, 1, 0, 0, now(), %s)"""


class Leaf:
    """Stands in for `Program`: one node, whose output is a google.protobuf.Struct."""

    sensitive = None

    def __init__(self, mode: Mode = Mode.UNARY) -> None:
        self.mode = mode
        self.graph = SimpleNamespace(terminal=0)
        self.artifact = SimpleNamespace(output_type="google.protobuf.Struct")
        self.types = TypePool(descriptor_set(struct_pb2.DESCRIPTOR))

    def sealing_key(self) -> None:
        return None


class Shelf:
    """Stands in for `Catalog`: every artifact is the same."""

    async def program(self, account: str, graph_id: str) -> Any:
        return Leaf()


class Recorder(Webhooks):
    """Tells what was recorded, when it is durable."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.recorded: asyncio.Queue[Delivery] = asyncio.Queue()

    async def record(self, claim: Claim, delivery: Delivery, data_key: DataKey | None = None) -> None:
        await super().record(claim, delivery, data_key)
        self.recorded.put_nowait(delivery)


def make_deliverer(
    database: Database,
    sealer: Sealer,
    settings: WebhookSettings = SETTINGS,
    clock: Clock | None = None,
    look_up: LookUp = system_look_up,
) -> WebhookDeliverer:
    catalog: Any = Shelf()
    return WebhookDeliverer(
        database, Executions(database), catalog, clock or SystemClock(), settings, sealer, look_up=look_up
    )


class Desk:
    """One database."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self.database = database
        self.sealer = sealer
        self.webhooks = Recorder(database)
        self._deliverers: list[WebhookDeliverer] = []

    async def due(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        status: ExecutionStatus = ExecutionStatus.COMPLETED,
        account: str = ACCOUNT,
        failure: Failure | None = None,
    ) -> str:
        """The id of an execution that has ended and has a webhook."""
        id = uuid4()
        options = ExecutionOptions(webhook=Webhook(url=url, headers=headers)).SerializeToString()
        failed = encode_failure(failure) if failure else None
        await self.database.execute(_INSERT, (id, account, GRAPH_ID, int(status), failed, options))
        output = struct_pb2.Struct()
        output.update({"greeting": "Hello, Ada!"})
        await self.database.execute(_CHECKPOINT, (id, output.SerializeToString()))
        return id.hex

    async def deliver(self, **changes: Any) -> WebhookDeliverer:
        """A deliverer that is started, with other settings than usual."""
        return await self.start(make_deliverer(self.database, self.sealer, replace(SETTINGS, **changes)))

    async def start(self, deliverer: WebhookDeliverer) -> WebhookDeliverer:
        deliverer._webhooks = self.webhooks
        self._deliverers.append(deliverer)
        await deliverer.start()
        return deliverer

    async def recorded(self) -> Delivery:
        """The next try that is recorded; waits for it."""
        async with asyncio.timeout(WAIT_S):
            return await self.webhooks.recorded.get()

    async def listed(self, execution_id: str, account: str = ACCOUNT) -> Sequence[Delivery]:
        """The tries of an execution, oldest first."""
        return (await self.webhooks.deliveries(account, execution_id, None, 100))[::-1]

    async def is_due(self, execution_id: str) -> bool:
        """Whether another try follows, now or later."""
        row = await self.database.fetch_one(
            "select webhook_time is not null from executions where execution_id = %s", (UUID(execution_id),)
        )
        assert row is not None
        return bool(row[0])

    async def close(self) -> None:
        for deliverer in self._deliverers:
            await deliverer.stop()
