"""What a compile stores: it replaces the `live` that it was compared with, and no other."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from penstock.engine.domain.alias import LIVE, Target
from penstock.engine.domain.errors import Superseded
from penstock.engine.storage.postgres.aliases import Aliases, Mover
from penstock.engine.storage.postgres.pinned import Pinned, PinnedRow
from penstock.engine.storage.postgres.registry import Registry
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.flow_pb2 import Flow
from tests.storage.samples import NOW_US, opened

ACCOUNT, FLOW = "ada", "tea"
MOVER = Mover("key of Ada", NOW_US)


async def publish(registry: Registry, content: str, seen: int | None) -> None:
    def complete(artifact: Artifact, version: int) -> None:
        artifact.graph_id, artifact.version = graph_id(version), version

    await registry.publish(ACCOUNT, Artifact(flow=FLOW, digest=content), Flow(flow=FLOW), MOVER, complete, seen)


def graph_id(version: int) -> str:
    return f"01J{version:023}"


async def test_a_compile_replaces_only_the_live_that_it_was_compared_with(store: str) -> None:
    async with opened(store) as database:
        registry, aliases = Registry(database), Aliases(database)
        await publish(registry, "one", 0)
        await publish(registry, "two", 1)
        await aliases.move(ACCOUNT, FLOW, LIVE, 2, (Target(graph_id(1), 1, 100),), MOVER)
        with pytest.raises(Superseded, match="tea@live was moved during the compile"):
            await publish(registry, "three", 2)
        assert await registry.version(ACCOUNT, FLOW, 3) is None
        await publish(registry, "three", 3)
        await publish(registry, "four", None)
        live = await aliases.alias(ACCOUNT, FLOW, LIVE)
        assert live is not None
        assert (live.number, live.targets) == (5, (Target(graph_id(4), 4, 100),))


async def test_executions_that_have_not_ended_are_counted_by_artifact(store: str) -> None:
    started = """insert into executions (execution_id, account, flow, graph_id, version, mode, status, lease_id,
    create_time, complete_time, last_sequence, labels, input)
    values (gen_random_uuid(), %s, %s, %s, %s, 1, %s, gen_random_uuid(), now(), %s, 1, '{}', '')"""
    then = datetime(2026, 1, 1, tzinfo=UTC)
    queued, running, completed, failed = 1, 2, 3, 4
    async with opened(store) as database:
        for account, flow, version, status in [
            (ACCOUNT, FLOW, 2, running),
            (ACCOUNT, FLOW, 1, queued),
            (ACCOUNT, FLOW, 1, running),
            (ACCOUNT, FLOW, 1, completed),
            (ACCOUNT, FLOW, 3, failed),
            (ACCOUNT, "coffee", 7, running),
            (ACCOUNT, "milk", 8, running),
            ("bob", FLOW, 9, running),
        ]:
            ended = then if status in (completed, failed) else None
            await database.execute(started, (account, flow, graph_id(version), version, status, ended))
        pinned = Pinned(database)
        tea = [PinnedRow(graph_id(1), 1, 2), PinnedRow(graph_id(2), 2, 1)]
        assert await pinned.of(ACCOUNT, [FLOW]) == tea
        assert await pinned.of(ACCOUNT, {FLOW, "coffee"}) == [PinnedRow(graph_id(7), 7, 1), *tea]
        assert await pinned.of(ACCOUNT, ["water"]) == []
