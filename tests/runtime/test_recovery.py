"""Taking over what a process left behind: nothing is forgotten, whatever goes wrong in between."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest

from penstock.engine.domain import limits
from penstock.engine.domain.errors import PackageProblems, StoreUnavailable
from penstock.engine.domain.event import Event, EventType
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.journal import Entry
from penstock.engine.storage.records import Acceptance, ExecutionRow, Lease
from tests.runtime.memory import ACCOUNT, LEASE, NEXT_LEASE, Chain, MemoryStore, turn

DEAD = Lease(UUID(int=9), 1)
ACCEPTED = Event(1, EventType.EXECUTION_ACCEPTED, 1)
STARTED = Event(2, EventType.EXECUTION_STARTED, 2)
FIRST = Event(4, EventType.NODE_SUCCEEDED, 4, 0, 1, 3, b"in+1", 1)


@dataclass(slots=True)
class MemoryLeases:
    """Stands in for the lease table: what DEAD drives is anybody's. An error is raised once, after the work."""

    memory: MemoryStore
    errors: dict[str, Exception] = field(default_factory=dict)
    forgotten_count: int = 0

    async def left_behind(self, count_max: int) -> list[UUID]:
        await asyncio.sleep(0)
        dead = [i for i, row in self.memory.rows.items() if self._is(row, DEAD)]
        return [UUID(execution_id) for execution_id in dead[:count_max]]

    async def claim(self, lease: Lease, lot: Sequence[UUID]) -> list[tuple[ExecutionRow, bytes]]:
        await asyncio.sleep(0)
        rows = [self.memory.rows[one.hex] for one in lot]
        found = [row for row in rows if self._is(row, DEAD) or self._is(row, lease)]
        for row in found:
            self.memory.rows[row.execution_id] = _held(row, lease)
        if error := self.errors.pop("claim", None):
            raise error
        return [(_held(row, lease), self.memory.inputs[row.execution_id]) for row in found]

    async def orphans(self, execution_ids: Sequence[str]) -> list[str]:
        await asyncio.sleep(0)
        rows = [self.memory.rows[execution_id] for execution_id in execution_ids]
        parents = {row.execution_id: self.memory.rows[row.parent.execution_id.hex()] for row in rows if row.parent}
        return [execution_id for execution_id, parent in parents.items() if parent.status.is_terminal]

    async def forget_the_empty(self) -> None:
        self.forgotten_count += 1

    async def release(self, lease: Lease) -> None:
        pass

    def _is(self, row: ExecutionRow, lease: Lease) -> bool:
        return row.lease_id == lease.lease_id and not row.status.is_terminal


def _held(row: ExecutionRow, lease: Lease) -> ExecutionRow:
    return replace(row, lease_id=lease.lease_id)


class Catalog:
    """Gives one program, or an error once."""

    def __init__(self, program: Chain) -> None:
        self._program = program
        self.errors: list[Exception] = []

    async def program(self, account: str, graph_id: str) -> Chain:
        await asyncio.sleep(0)
        if self.errors:
            raise self.errors.pop()
        return self._program


class Ran:
    """A chain of two nodes that remembers which ran."""

    def __init__(self) -> None:
        self.nodes: list[tuple[str, bytes]] = []
        self.program = Chain(self._first, self._second)

    async def _first(self, message: bytes) -> bytes:
        self.nodes.append(("first", message))
        return message + b"+1"

    async def _second(self, message: bytes) -> bytes:
        self.nodes.append(("second", message))
        return message + b"+2"


@dataclass(slots=True)
class Scene:
    runtime: Runtime
    memory: MemoryStore
    leases: MemoryLeases
    catalog: Catalog
    ran: Ran

    def leave_behind(self, number: int, *events: Event, is_queued: bool = False) -> str:
        key = UUID(int=number).bytes
        mode = self.ran.program.mode
        acceptance = Acceptance(key, ACCOUNT, "chain", "01J00000000000000000000000", 1, mode, b"{}", b"in")
        self.memory.put(Entry(key, (ACCEPTED,) if is_queued else (ACCEPTED, STARTED), acceptance, None), DEAD)
        self.memory.put(Entry(key, events, None, None), DEAD)
        return key.hex()

    async def recover(self) -> int:
        count = await self.runtime.recovery.run()
        await turn(30)
        return count

    def statuses(self) -> list[ExecutionStatus]:
        return [row.status for row in self.memory.rows.values()]


@pytest.fixture
async def scene(runtime: Runtime, memory: MemoryStore) -> Scene:
    ran = Ran()
    leases, catalog = MemoryLeases(memory), Catalog(ran.program)
    substitutes: Any = (leases, catalog)
    runtime.leases, runtime.catalog = substitutes
    return Scene(runtime, memory, leases, catalog, ran)


async def test_execution_goes_on_behind_its_last_checkpoint(scene: Scene) -> None:
    execution_id = scene.leave_behind(1, FIRST)
    assert await scene.recover() == 1
    assert scene.ran.nodes == [("second", b"in+1")]
    assert scene.statuses() == [ExecutionStatus.COMPLETED]
    kinds = [(event.sequence, event.type) for event in scene.memory.stored[execution_id]]
    assert kinds == [
        (4, EventType.NODE_SUCCEEDED),
        (5, EventType.EXECUTION_RESUMED),
        (7, EventType.NODE_SUCCEEDED),
    ]
    assert scene.leases.forgotten_count == 1


async def test_execution_without_a_checkpoint_begins_with_its_input(scene: Scene) -> None:
    scene.leave_behind(1)
    await scene.recover()
    assert scene.ran.nodes == [("first", b"in"), ("second", b"in+1")]


async def test_queued_execution_starts(scene: Scene) -> None:
    execution_id = scene.leave_behind(1, is_queued=True)
    await scene.recover()
    assert scene.ran.nodes == [("first", b"in"), ("second", b"in+1")]
    assert scene.statuses() == [ExecutionStatus.COMPLETED]
    assert [event.sequence for event in scene.memory.stored[execution_id]] == [4, 6]


async def test_lots_follow_each_other_until_nothing_is_left(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CLAIM_LOT", 2)
    for number in range(5):
        scene.leave_behind(number, FIRST)
    assert await scene.recover() == 5
    assert scene.statuses() == [ExecutionStatus.COMPLETED] * 5


async def test_execution_whose_package_does_not_load_waits_for_the_next_round_and_the_others_go_on(
    scene: Scene,
) -> None:
    scene.leave_behind(1, FIRST)
    scene.leave_behind(2, FIRST)
    scene.catalog.errors = [PackageProblems("orders", [])]
    assert await scene.recover() == 1
    assert scene.statuses() == [ExecutionStatus.RUNNING, ExecutionStatus.COMPLETED]
    assert await scene.recover() == 1
    assert scene.statuses() == [ExecutionStatus.COMPLETED] * 2


async def test_log_that_does_not_fold_keeps_nobody_else_from_going_on(scene: Scene) -> None:
    scene.leave_behind(1, FIRST._replace(sequence=9))
    scene.leave_behind(2, FIRST)
    assert await scene.recover() == 1
    assert scene.statuses() == [ExecutionStatus.RUNNING, ExecutionStatus.COMPLETED]


async def test_claim_whose_answer_was_lost_is_taken_up_in_the_next_round(scene: Scene) -> None:
    scene.leave_behind(1, FIRST)
    scene.leases.errors["claim"] = StoreUnavailable("the connection broke")
    with pytest.raises(StoreUnavailable):
        await scene.recover()
    assert scene.memory.rows[UUID(int=1).hex].lease_id == LEASE.lease_id
    assert await scene.recover() == 1
    assert scene.statuses() == [ExecutionStatus.COMPLETED]


async def test_lot_whose_logs_could_not_be_read_is_taken_up_in_the_next_round(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.leave_behind(1, FIRST)

    async def breaks(execution_ids: Sequence[str]) -> dict[str, list[Event]]:
        raise StoreUnavailable("the connection broke")

    with monkeypatch.context() as broken:
        broken.setattr(type(scene.memory), "logs", lambda self, ids: breaks(ids))
        with pytest.raises(StoreUnavailable):
            await scene.recover()
    assert await scene.recover() == 1
    assert scene.statuses() == [ExecutionStatus.COMPLETED]


async def test_what_was_claimed_under_a_lease_lost_since_is_left_to_whoever_took_it(scene: Scene) -> None:
    scene.leave_behind(1, FIRST)
    scene.catalog.errors = [PackageProblems("orders", [])]
    assert await scene.recover() == 0
    scene.runtime.keeper._lease = NEXT_LEASE
    scene.runtime._lease_lost(NEXT_LEASE)
    assert await scene.recover() == 0
    assert scene.ran.nodes == []
