"""Sub-flows: exactly one child for each that is reached, whatever happens between its choice and its end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from penstock.engine.domain import limits
from penstock.engine.domain.artifact import Rules, Work
from penstock.engine.domain.event import Detail, Event, EventType
from penstock.engine.domain.states import ExecutionStatus, Wait
from penstock.engine.runtime.driver import Driver
from penstock.engine.runtime.news import followers
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.journal import Entry
from penstock.engine.storage.records import Acceptance, Parent
from tests.runtime.memory import ACCOUNT, Chain, MemoryStore, begin, nothing, turn
from tests.runtime.test_lost_lease import lose_the_lease
from tests.runtime.test_recovery import DEAD, MemoryLeases

PARENT, CHILD = UUID(int=1), UUID(int=2)
ACCEPTED = Event(1, EventType.EXECUTION_ACCEPTED, 1)
STARTED = Event(2, EventType.EXECUTION_STARTED, 2)
CHOSEN = (
    Event(3, EventType.NODE_STARTED, 3, 0, 1),
    Event(4, EventType.NODE_WAITING, 3, 0, 1, detail=Detail(Wait.FLOW, child=CHILD.hex)),
)


async def exclaim(message: bytes) -> bytes:
    return message + b"!"


@dataclass(slots=True)
class Family:
    """A flow of a sub-flow and a node, and the sub-flow, whose one node ends when the test says so."""

    runtime: Runtime
    memory: MemoryStore
    may_end: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Cancels that other processes were asked for."""
    errors: list[Exception] = field(default_factory=list)
    """What the child's node raises."""
    parent_program: Any = None
    child_program: Any = None

    def __post_init__(self) -> None:
        self.parent_program = Chain(nothing, exclaim, rules=[Rules(work=Work.FLOW), Rules()])
        self.child_program = Chain(self._run)
        self.child_program.artifact.graph_id = "child"

    async def _run(self, message: bytes) -> bytes:
        await self.may_end.wait()
        if self.errors:
            raise self.errors.pop()
        return message + b"?"

    # What the runtime asks its catalog, its configs and its commands.

    async def find(self, account: str, graph_id: str, reference: str, chooser: str) -> tuple[Any, Any]:
        await asyncio.sleep(0)
        return self.child_program, None

    async def program(self, account: str, graph_id: str) -> Any:
        await asyncio.sleep(0)
        return self.child_program if graph_id == "child" else self.parent_program

    async def resolve(self, account: str, flow: str, config_id: str) -> None:
        await asyncio.sleep(0)

    async def ask_for_cancel(self, execution_id: str, reason: str) -> None:
        self.asked.append((execution_id, reason))

    # What a process left behind.

    def leave_behind(self, key: UUID, events: Sequence[Event], parent: Parent | None = None) -> None:
        graph_id = "parent" if parent is None else "child"
        mode = self.parent_program.mode
        acceptance = Acceptance(key.bytes, ACCOUNT, graph_id, graph_id, 1, mode, b"{}", b"in", parent=parent)
        self.memory.put(Entry(key.bytes, (ACCEPTED, STARTED), acceptance, None), DEAD)
        self.memory.put(Entry(key.bytes, events, None, None), DEAD)

    async def recover(self) -> int:
        count = await self.runtime.recovery.run()
        await turn(30)
        return count

    async def status_of(self, key: UUID) -> ExecutionStatus:
        await turn(50)
        return self.memory.rows[key.hex].status

    def children(self) -> list[str]:
        return [row.execution_id for row in self.memory.rows.values() if row.parent is not None]


@pytest.fixture
async def family(runtime: Runtime, memory: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> Family:
    monkeypatch.setattr(followers, "_POLL_S_FIRST", 0)
    monkeypatch.setattr(followers, "_POLL_S_MAX", 0)
    family = Family(runtime, memory)
    substitutes: Any = (family, SimpleNamespace(resolve=family.resolve), family, MemoryLeases(memory))
    runtime.catalog, runtime.configs, runtime.commands, runtime.leases = substitutes
    return family


async def started(family: Family) -> tuple[Driver, Driver]:
    """Parent and child, whose node is under way."""
    parent = await begin(family.runtime, family.parent_program, b"in")
    await turn(30)
    assert parent.run.failure is None, parent.run.failure
    (child_id,) = family.children()
    child = family.runtime.driver(child_id, ACCOUNT)
    assert child is not None
    return parent, child


async def test_output_of_the_child_is_that_of_the_node(family: Family) -> None:
    parent, child = await started(family)
    assert parent.run.flights[0].child == child.execution_id
    assert family.memory.rows[child.execution_id].parent == Parent(parent.key, 0)
    family.may_end.set()
    await parent.rested()
    assert (parent.run.status, parent.run.output) == (ExecutionStatus.COMPLETED, b"in?!")


async def test_failure_of_the_child_is_that_of_the_node(family: Family) -> None:
    family.errors.append(ValueError("no"))
    parent, child = await started(family)
    family.may_end.set()
    await parent.rested()
    assert parent.run.failure is not None
    assert parent.run.failure.message == f"child execution {child.execution_id} is FAILED: ValueError: no"


async def test_cancel_of_the_parent_goes_down(family: Family) -> None:
    parent, child = await started(family)
    await parent.cancel("enough")
    await child.rested()
    reason = f"parent execution {parent.execution_id} does not wait for it any more"
    assert family.memory.rows[child.execution_id].cancel_reason == reason


async def test_cancel_reaches_a_child_that_another_process_drives(family: Family) -> None:
    parent, child = await started(family)
    family.runtime.lost(child)
    await parent.cancel("enough")
    await turn()
    assert [execution_id for execution_id, _ in family.asked] == [child.execution_id]


async def test_parent_that_this_process_lets_go_of_leaves_its_child_alone(family: Family) -> None:
    _, child = await started(family)
    lose_the_lease(family.runtime)
    await turn()
    assert (family.asked, family.memory.rows[child.execution_id].status) == ([], ExecutionStatus.RUNNING)


async def test_child_that_was_chosen_and_not_accepted_is_accepted_under_the_same_id(family: Family) -> None:
    family.leave_behind(PARENT, CHOSEN)
    assert await family.recover() == 1
    assert family.children() == [CHILD.hex]
    family.may_end.set()
    assert await family.status_of(PARENT) is ExecutionStatus.COMPLETED


async def test_child_that_was_accepted_is_not_accepted_again(family: Family) -> None:
    family.leave_behind(PARENT, CHOSEN)
    family.leave_behind(CHILD, (), Parent(PARENT.bytes, 0))
    assert await family.recover() == 2
    assert family.children() == [CHILD.hex]
    family.may_end.set()
    assert await family.status_of(PARENT) is ExecutionStatus.COMPLETED
    assert family.memory.stored[PARENT.hex][:2] == list(CHOSEN)
    assert not any(event.type is EventType.EXECUTION_RESUMED for event in family.memory.stored[PARENT.hex])


async def test_child_that_ended_meanwhile_is_not_run_again(family: Family) -> None:
    family.leave_behind(PARENT, CHOSEN)
    ended = (
        Event(4, EventType.NODE_SUCCEEDED, 4, 0, 1, 3, b"done"),
        Event(5, EventType.EXECUTION_COMPLETED, 5, attempt=1),
    )
    family.leave_behind(CHILD, ended, Parent(PARENT.bytes, 0))
    assert await family.recover() == 1
    assert await family.status_of(PARENT) is ExecutionStatus.COMPLETED
    last = family.memory.stored[PARENT.hex][-1]
    assert (last.node, last.payload) == (1, b"done!")


async def test_choice_that_was_not_recorded_is_made_anew(family: Family) -> None:
    family.leave_behind(PARENT, CHOSEN[:1])
    assert await family.recover() == 1
    (child,) = family.children()
    family.may_end.set()
    assert await family.status_of(PARENT) is ExecutionStatus.COMPLETED
    waits = [event.detail for event in family.memory.stored[PARENT.hex] if event.type is EventType.NODE_WAITING]
    assert waits == [Detail(Wait.FLOW, child=child)]


async def test_child_whose_parent_has_ended_is_cancelled_by_who_takes_it_over(family: Family) -> None:
    # The parent was cancelled, and its process died before the cancel had come down.
    ended = (
        Event(5, EventType.NODE_CANCELLED, 5, 0, 1),
        Event(6, EventType.EXECUTION_CANCELLED, 5, attempt=1, reason="enough"),
    )
    family.leave_behind(PARENT, (*CHOSEN, *ended))
    family.leave_behind(CHILD, (), Parent(PARENT.bytes, 0))
    assert await family.recover() == 1
    assert await family.status_of(CHILD) is ExecutionStatus.CANCELLED
    assert family.memory.rows[CHILD.hex].cancel_reason == f"parent execution {PARENT.hex} has ended"


async def test_parent_that_waits_leaves_its_place_to_its_child(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RUNNING_MAX", 1)
    parent, child = await started(family)
    assert child.run.status is ExecutionStatus.RUNNING
    family.may_end.set()
    await parent.rested()
    assert parent.run.status is ExecutionStatus.COMPLETED
