"""Pauses as their executions' events tell of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from google.protobuf.struct_pb2 import Struct

from penstock.engine.domain import limits
from penstock.engine.domain.artifact import Work
from penstock.engine.domain.event import Event, EventType
from penstock.engine.domain.policy import Point, Ruling
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import NodeStatus, Wait
from penstock.engine.rpc.messages import payload_struct, timestamp
from penstock.engine.runtime.programs.program import Program
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.postgres.pauses import Pauses, Place
from penstock.engine.storage.records import ExecutionRow
from penstock.engine.storage.rulings import WORDS, decision_message
from penstock.wire.expressions import EvaluationError
from penstock.wire.gen.pause_pb2 import Pause
from penstock.wire.json import JsonError
from penstock.wire.scopes import Grants

_LOT = 20
"""Pauses whose inputs are read at once: each may be as large as a message."""
_LOOKED_AT_MAX = 10_000
"""Executions that one page looks at: many may run and few of them wait for a person."""
_LAST = 2**31 - 1
"""No sequence is larger."""
_FOR_PEOPLE = (Wait.PAUSE, Wait.APPROVAL)


@dataclass(slots=True)
class Reached:
    """A pause that an execution came to. `wait` and `decision` are events; `is_given_up`: nobody can decide it."""

    execution_id: str
    wait: Event
    decision: Event | None = None
    is_given_up: bool = False

    @property
    def node(self) -> int:
        return self.wait.node

    @property
    def is_approval(self) -> bool:
        """Whether a policy has a person approve the node, which is no pause of the flow."""
        return self.wait.detail is not None and self.wait.detail.wait is Wait.APPROVAL

    @property
    def is_open(self) -> bool:
        return self.decision is None and not self.is_given_up

    @property
    def place(self) -> Place:
        return Place(self.execution_id, self.wait.sequence, self.node)


@dataclass(frozen=True, slots=True)
class Subject:
    """A pause with all that deciding it needs.

    `message` is None when the edge before it cannot be evaluated, and for a gate that is to be approved. `ruling` is
    what a policy decided that has a person approve it; None for a pause of the flow. `run_input` is None, and `message`
    with it, where what flowed is sealed and no key of this server opens it.
    """

    reached: Reached
    row: ExecutionRow
    program: Program
    run_input: bytes | None
    message: bytes | None
    ruling: Ruling | None = None

    @property
    def message_type(self) -> str:
        """Full name of what is to be decided on."""
        is_input = self.ruling is None or self.ruling.point is Point.BEFORE
        return self.program.subject_type(self.reached.node, is_input=is_input)

    @property
    def value_type(self) -> str:
        """Full name of what the execution goes on with."""
        if self.ruling is not None:
            return self.message_type
        return str(self.program.artifact.plan.nodes[self.reached.node].output_type)

    @property
    def held(self) -> bytes | None:
        """The output that goes on when it is approved; None where the node is to run then."""
        is_after = self.ruling is not None and self.ruling.point is Point.AFTER
        return self.message if is_after else None


class PauseReader:
    """Reads what is committed, whichever process drives the executions."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._pauses: Pauses = runtime.pauses

    async def reached(self, execution_ids: Sequence[str]) -> list[Reached]:
        """The pauses that executions came to, in order of the executions and of their logs."""
        waits = await self._pauses.waits(execution_ids)
        found = [each for execution_id in execution_ids for each in _pair(execution_id, waits[execution_id])]
        undecided = [each for each in found if each.decision is None]
        if undecided:
            given_up = await self._pauses.given_up([each.place for each in undecided])
            for each in undecided:
                each.is_given_up = (each.execution_id, each.wait.sequence) in given_up
        return found

    async def open_after(self, account: str, after: Place, count_max: int) -> tuple[list[Reached], Place | None]:
        """Open pauses of an account behind `after`, the oldest executions first; and where to go on, None at the end.

        Gives fewer than `count_max`, or none, when it has looked at many executions without any.
        """
        found: list[Reached] = []
        looked_at, lot = 0, count_max + 1
        while looked_at < _LOOKED_AT_MAX:
            execution_ids = await self._pauses.may_be_open(account, after.execution_id, lot)
            for each in await self.reached(execution_ids):
                if each.is_open and each.place[:2] > after[:2]:
                    if len(found) == count_max:
                        return found, found[-1].place
                    found.append(each)
            if len(execution_ids) < lot:
                return found, None
            after = Place(execution_ids[-1], _LAST)
            looked_at += lot
            lot = min(lot * 4, limits.PAGE_SIZE_MAX)
        return found, after

    async def subjects(self, reached: Sequence[Reached]) -> list[Subject]:
        """Those of the pauses whose inputs fit one page; at least one."""
        found: list[Subject] = []
        size = 0
        for start in range(0, len(reached), _LOT):
            for subject in await self._lot(reached[start : start + _LOT]):
                size += len(subject.message or b"")
                if found and size > limits.PAYLOAD_BYTES_MAX:
                    return found
                found.append(subject)
        return found

    async def _lot(self, reached: Sequence[Reached]) -> list[Subject]:
        rows = await self._pauses.executions(list({each.execution_id: None for each in reached}))
        programs = [await self._program(rows[each.execution_id][0]) for each in reached]
        sources = [
            each.place._replace(node=source)
            for each, program in zip(reached, programs, strict=True)
            if not each.is_approval
            for source in program.graph.predecessors[each.node]
        ]
        outputs = await self._pauses.outputs_before(sources) if sources else {}
        # The decision that a person has to approve is the event before the wait, and has what is to be approved.
        places = [each.place._replace(sequence=each.wait.sequence - 1) for each in reached if each.is_approval]
        decided = await self._pauses.events_at(places) if places else {}
        subjects = []
        for each, program in zip(reached, programs, strict=True):
            row, run_input = rows[each.execution_id]
            policy = decided.get((each.execution_id, each.wait.sequence - 1))
            if policy is not None and policy.detail is not None:
                subjects.append(Subject(each, row, program, run_input, policy.payload, policy.detail.ruling))
                continue
            before = outputs.get(each.place[:2], ())
            message = None if run_input is None else _message(program, each, before, run_input)
            subjects.append(Subject(each, row, program, run_input, message))
        return subjects

    async def _program(self, row: ExecutionRow) -> Program:
        return await self._runtime.catalog.program(row.account, row.graph_id)

    async def view(self, subject: Subject, grants: Grants) -> Pause:
        """The pause as a caller with these grants sees it."""
        each, row, plan = subject.reached, subject.row, subject.program.artifact.plan.nodes[subject.reached.node]
        wait = each.wait.detail
        assert wait is not None
        view = Pause(
            execution_id=each.execution_id,
            pause=plan.name,
            flow=row.flow,
            graph_id=row.graph_id,
            state=Pause.OPEN if each.is_open else Pause.CANCELLED,
            prompt=plan.pause.prompt,
            input=_struct(subject.program, subject.message_type, subject.message, grants),
            value_type=subject.value_type,
            needs_value=needs_value(subject),
            open_time=timestamp(each.wait.time_us),
        )
        if wait.due_us:
            view.expire_time.CopyFrom(timestamp(wait.due_us))
            view.on_timeout = plan.pause.on_timeout or "fail"
        if subject.ruling is not None:
            view.prompt = subject.ruling.reason
            view.policy.CopyFrom(decision_message(subject.ruling))
            if wait.due_us and subject.ruling.on_timeout is not None:
                view.on_timeout = WORDS[subject.ruling.on_timeout]
        if each.decision is not None:
            await self._add_decision(view, subject, each.decision, grants)
        return view

    async def _add_decision(self, view: Pause, subject: Subject, decision: Event, grants: Grants) -> None:
        assert decision.detail is not None and decision.detail.decision is not None
        view.state = cast("Pause.State", int(decision.detail.decision))
        view.decide_time.CopyFrom(timestamp(decision.time_us))
        view.decided_by = decision.detail.by
        view.comment = decision.detail.comment
        # What it goes on with is the next event of the same step.
        output = await self._pauses.event(subject.reached.execution_id, decision.sequence + 1)
        if output is not None and output.type is EventType.NODE_SUCCEEDED and output.node == decision.node:
            value = _struct(subject.program, view.value_type, output.payload, grants)
            if value is not None:
                view.value.CopyFrom(value)


def pause_names(program: Program) -> list[str]:
    graph = program.graph
    return [name for name, rules in zip(graph.names, graph.rules, strict=True) if rules.work is Work.PAUSE]


def needs_value(subject: Subject) -> bool:
    """Whether the execution cannot go on with the pause's input."""
    plan = subject.program.artifact.plan.nodes[subject.reached.node]
    return subject.ruling is None and bool(plan.input_type != plan.output_type)


def _pair(execution_id: str, events: Iterable[Event]) -> list[Reached]:
    """Waits for a person with their decisions; other waits are left out."""
    found: list[Reached] = []
    last: dict[int, Reached] = {}
    for event in events:
        if event.type is EventType.PAUSE_DECIDED:
            last[event.node].decision = event
        elif event.detail is not None and event.detail.wait in _FOR_PEOPLE:
            last[event.node] = Reached(execution_id, event)
            found.append(last[event.node])
    return found


def _message(program: Program, reached: Reached, before: Iterable[Event], run_input: bytes) -> bytes | None:
    """What a pause has to decide on. `before` are the checkpoints of the nodes before it: one of them went to it."""
    run = Run(program.graph)
    if any(checkpoint.payload is None for checkpoint in before):
        return None
    for checkpoint in before:
        run.node_statuses[checkpoint.node] = NodeStatus.SUCCEEDED
        run.outputs[checkpoint.node] = checkpoint
        run.branches = {**(run.branches or {}), checkpoint.node: checkpoint.branch}
    try:
        return program.message(reached.node, run, run_input)
    except EvaluationError:
        return None


def _struct(program: Program, type_name: str, data: bytes | None, grants: Grants) -> Struct | None:
    """None where JSON has no form for it."""
    if data is None:
        return None
    try:
        return payload_struct(program, type_name, data, grants)
    except JsonError:
        return None
