"""Tells what a policy would do with messages that are given or on record, without doing it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import DecodeError, EncodeError, Message
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

from penstock.engine.domain.artifact import Work
from penstock.engine.domain.errors import Conflict, InvalidArgument, NotFound
from penstock.engine.domain.event import Event
from penstock.engine.domain.frontier import sources
from penstock.engine.domain.ids import is_execution_id
from penstock.engine.domain.policy import Point
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import NodeStatus
from penstock.engine.rpc import requests
from penstock.engine.rpc.access.showing import shown
from penstock.engine.rpc.messages import payload_struct
from penstock.engine.runtime.news import followers
from penstock.engine.runtime.programs.program import Program
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.runtime.settings.policy_rules import PolicyExecution, Rule, judge
from penstock.engine.storage.records import ExecutionRow
from penstock.engine.storage.rulings import decision_message
from penstock.wire.dynamic import plain
from penstock.wire.expressions import EvaluationError
from penstock.wire.gen.policy_pb2 import Policy
from penstock.wire.gen.policy_service_pb2 import TestPolicyRequest, TestPolicyResponse
from penstock.wire.json import JsonError, from_struct
from penstock.wire.scopes import Grants
from penstock.wire.service import Caller

_RECORDED_ONLY = ("flow", "input", "output", "labels")


@dataclass(slots=True)
class _Case:
    """What a policy looks at. Without a program messages have no type and are as they were given."""

    node: str
    execution: dict[str, Any]
    program: Program | None = None
    input: Message | None = None
    output: Message | None = None
    given: dict[str, Any] = field(default_factory=dict)
    """Messages without a type, by name."""

    def fact(self, name: str) -> Any:
        message = self.input if name == "input" else self.output
        return self.given.get(name, {}) if message is None else plain(message)


class PolicyTester:
    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def test(self, policy: Policy, request: TestPolicyRequest, caller: Caller) -> TestPolicyResponse:
        """`policy` is checked. Raises InvalidArgument, JsonError, NotFound and Conflict."""
        if request.attempt < 0:
            raise InvalidArgument(f"attempt: expected 1 or more, got {request.attempt}", field="attempt")
        case = await (self._recorded(request, caller) if request.execution_id else self._given(request, caller))
        rule = Rule(policy)
        answer = TestPolicyResponse(is_about=_is_about(rule, case))
        time = Timestamp()
        time.FromMicroseconds(self._runtime.clock.now_us())
        facts = {
            "input": case.fact("input"),
            "output": case.fact("output"),
            "execution": PolicyExecution(**case.execution),
            "node": case.node,
            "attempt": request.attempt or 1,
            "time": time,
        }
        if rule.point is Point.BEFORE:
            del facts["output"]
        answer.holds, answer.error = rule.judge(facts)
        subject, untyped = self._subject(case, rule.point)
        if answer.holds and answer.is_about:
            verdict = judge([rule], facts, lambda: subject, is_approved=False)
            if verdict.rulings:
                answer.decision.CopyFrom(decision_message(verdict.rulings[0]))
        message = _shown(case, rule.point, subject, untyped, caller.grants)
        if message is not None:
            answer.message.CopyFrom(message)
        return answer

    def _subject(self, case: _Case, point: Point) -> tuple[Message | None, Struct | None]:
        """The message that is redacted; of one without a type, itself as google.protobuf.Struct."""
        message = case.input if point is Point.BEFORE else case.output
        if message is not None:
            return message, None
        name = "input" if point is Point.BEFORE else "output"
        if name not in case.given:
            return None, None
        struct = Struct()
        struct.update(case.given[name])
        return struct, struct

    async def _given(self, request: TestPolicyRequest, caller: Caller) -> _Case:
        requests.check_labels(request.labels)
        execution: dict[str, Any] = {"flow": request.flow.partition("@")[0], "labels": dict(request.labels)}
        case = _Case(request.node, execution)
        names = [name for name in ("input", "output") if request.HasField(name)]
        if not request.flow:
            case.given = {name: from_struct(getattr(request, name)) for name in names}
            return case
        program, _ = await self._runtime.catalog.find(caller.account, "", request.flow, "")
        execution |= {"version": program.artifact.version, "graph_id": program.graph_id, "mode": program.mode.name}
        if not request.node:
            case.given = {name: from_struct(getattr(request, name)) for name in names}
            return case
        index = _index(program, request.node)
        case.program = program
        for name in names:
            descriptor = program.types.descriptor(program.subject_type(index, is_input=name == "input"))
            try:
                message = program.types.json.decoder(descriptor)(from_struct(getattr(request, name)))
            except JsonError as error:
                raise error.under(name) from None
            setattr(case, name, message)
        return case

    async def _recorded(self, request: TestPolicyRequest, caller: Caller) -> _Case:
        for name in _RECORDED_ONLY:
            if getattr(request, name) if name in ("flow", "labels") else request.HasField(name):
                raise InvalidArgument(
                    f"{name}: expected nothing, because execution_id names what to look at", field=name
                )
        if not is_execution_id(request.execution_id):
            raise NotFound(f"there is no execution {request.execution_id[:80]!r}: an id has 32 lower-case hex digits")
        row = await followers.get_row(self._runtime, request.execution_id, caller.account)
        program = await self._runtime.catalog.program(row.account, row.graph_id)
        if not request.node:
            raise InvalidArgument("node: expected the node of the execution to look at, got none", field="node")
        index = _index(program, request.node)
        case = _Case(request.node, _facts_of(row), program)
        await self._read(case, program, row, index, caller.grants)
        return case

    async def _read(self, case: _Case, program: Program, row: ExecutionRow, index: int, grants: Grants) -> None:
        """Puts in what is on record of a node. Raises Conflict when it was not reached."""
        executions, graph = self._runtime.executions, program.graph
        run_input = await executions.input(row.execution_id)
        run = Run(graph)
        for source in graph.predecessors[index]:
            _put(run, await executions.checkpoint(row.execution_id, source))
        output = await executions.checkpoint(row.execution_id, index)
        if output is not None and output.payload is not None:
            case.output = _message(program, index, output.payload, grants, is_input=False)
        if graph.rules[index].work is Work.GATE:
            return
        if index != graph.entry and not sources(run, index):
            raise Conflict(
                f"execution {row.execution_id} has not come to node {case.node}: it is {row.status.name}",
                reason="NOT_REACHED",
                facts={"status": row.status.name},
            )
        try:
            message = program.subject(index, program.message(index, run, run_input), run_input)
        except EvaluationError as error:
            raise InvalidArgument(
                f"node: the input of {case.node} cannot be evaluated: {error}", field="node"
            ) from error
        case.input = _message(program, index, message, grants, is_input=True)


def _put(run: Run, checkpoint: Event | None) -> None:
    if checkpoint is not None:
        run.node_statuses[checkpoint.node] = NodeStatus.SUCCEEDED
        run.outputs[checkpoint.node] = checkpoint
        run.branches = {**(run.branches or {}), checkpoint.node: checkpoint.branch}


def _message(program: Program, index: int, data: bytes, grants: Grants, *, is_input: bool) -> Message:
    """As the caller sees it: whoever may ask anything of a value finds it out."""
    type_name = program.subject_type(index, is_input=is_input)
    message: Message = program.types.message(type_name).FromString(shown(program, type_name, data, grants))
    return message


def _facts_of(row: ExecutionRow) -> dict[str, Any]:
    return {
        "id": row.execution_id,
        "flow": row.flow,
        "version": row.version,
        "graph_id": row.graph_id,
        "labels": row.labels,
        "mode": row.mode.name,
        "parent_execution_id": "" if row.parent is None else row.parent.execution_id.hex(),
    }


def _is_about(rule: Rule, case: _Case) -> bool:
    flow = case.execution["flow"]
    return (not flow or rule.is_about_flow(flow)) and (not case.node or rule.is_about_node(case.node))


def _shown(case: _Case, point: Point, message: Message | None, struct: Struct | None, grants: Grants) -> Struct | None:
    """The message as JSON shows it; None where there is none, or no form of it."""
    if message is None or struct is not None:
        return struct
    assert case.program is not None
    index = case.program.graph.names.index(case.node)
    type_name = case.program.subject_type(index, is_input=point is Point.BEFORE)
    try:
        return payload_struct(case.program, type_name, message.SerializeToString(), grants)
    except (JsonError, DecodeError, EncodeError):
        return None


def _index(program: Program, node: str) -> int:
    if node not in program.graph.names:
        raise NotFound(f"flow {program.artifact.flow} has no node {node[:80]!r}")
    return program.graph.names.index(node)
