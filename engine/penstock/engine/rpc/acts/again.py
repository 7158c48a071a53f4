"""Makes executions from others, for whoever looks into what went wrong."""

from __future__ import annotations

import hashlib
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask

from penstock.engine.domain import frontier
from penstock.engine.domain.errors import InvalidArgument
from penstock.engine.rpc import requests
from penstock.engine.rpc.access.showing import sees_sensitive
from penstock.engine.rpc.settings.budget_gate import require_budget
from penstock.engine.rpc.values import read_value
from penstock.engine.runtime.again import accept_again, find_origin, prepare_again, require_stopped
from penstock.engine.runtime.news import followers
from penstock.engine.runtime.origin import Origin, origin_of
from penstock.engine.runtime.programs.program import Program
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.records import ExecutionRow, RequestKey
from penstock.wire.compat import mismatch
from penstock.wire.expressions import EvaluationError
from penstock.wire.gen.execution_again_pb2 import (
    ForkExecutionRequest,
    RecoverExecutionRequest,
    RelaunchExecutionRequest,
)
from penstock.wire.gen.execution_pb2 import Execution
from penstock.wire.scopes import PAYLOADS_SENSITIVE
from penstock.wire.sensitive import unmarked
from penstock.wire.service import Caller


async def recover(runtime: Runtime, request: RecoverExecutionRequest, caller: Caller) -> str:
    """The id of an execution that goes on where another one stopped. See ExecutionService.RecoverExecution."""
    row, program = await _source(runtime, request, caller)
    require_stopped(row)
    origin = await find_origin(runtime, row, program)
    return await _accept(runtime, row, program, Execution.RECOVER, origin, request)


async def relaunch(runtime: Runtime, request: RelaunchExecutionRequest, caller: Caller) -> str:
    """The id of an execution with the input of another one. See ExecutionService.RelaunchExecution."""
    row, program = await _source(runtime, request, caller)
    target = program
    if request.flow:
        target, _ = await runtime.catalog.find(caller.account, "", request.flow, request.request_id)
        _require_fit(program, target)
        _require_marks(program, target, caller)
    return await _accept(runtime, row, target, Execution.RELAUNCH, Origin(), request)


async def fork(runtime: Runtime, request: ForkExecutionRequest, caller: Caller) -> str:
    """The id of an execution that goes on from a checkpoint of another one. See ExecutionService.ForkExecution."""
    row, program = await _source(runtime, request, caller)
    names = program.graph.names
    if request.node not in names:
        raise InvalidArgument(f"node: expected one of {', '.join(names)}, got {request.node[:80]!r}", field="node")
    node = names.index(request.node)
    log = (await runtime.executions.logs([row.execution_id]))[row.execution_id]
    before = {each for each in range(len(names)) if node in frontier.reachable(program.graph, each)}
    origin = origin_of(program.graph, (*row.first_events(), *log), before)
    output = next((each.output for each in origin.recovered if each.node == node), None)
    if output is None:
        raise InvalidArgument(
            f"node: {request.node} has no checkpoint to go on from in execution {row.execution_id}", field="node"
        )
    if node == program.graph.terminal:
        raise InvalidArgument(f"node: nothing comes after {request.node}", field="node")
    patched = _patched(program, node, output, request)
    branch = _branch(program, node, patched, await runtime.executions.input(row.execution_id))
    origin = origin.with_output(node, patched, branch)
    return await _accept(runtime, row, program, Execution.FORK, origin, request)


async def _source(runtime: Runtime, request: Any, caller: Caller) -> tuple[ExecutionRow, Program]:
    requests.check_request_id(request.request_id)
    row = await followers.get_row(runtime, requests.execution_id(request), caller.account)
    return row, await runtime.catalog.program(row.account, row.graph_id)


async def _accept(
    runtime: Runtime, row: ExecutionRow, program: Program, source: Execution.Source, origin: Origin, request: Any
) -> str:
    if runtime.budgets.blocks:
        await require_budget(runtime, row.account, program.artifact.flow, request.request_id)
    driver = await prepare_again(runtime, row, program, source, origin.children)
    if runtime.places.limited and runtime.places.count(driver):
        can_wait = not origin.recovered and not origin.items
        await runtime.places.enter(driver, request.request_id, can_wait=can_wait)
    key = None
    if request.request_id:
        fingerprint = hashlib.sha256(type(request).__name__.encode() + request.SerializeToString(deterministic=True))
        key = RequestKey(request.request_id, fingerprint.digest())
    return await accept_again(runtime, driver, row, origin, key)


def _require_fit(program: Program, target: Program) -> None:
    """Raises InvalidArgument when what one artifact takes cannot be read by the other."""
    given = program.types.descriptor(program.artifact.input_type)
    wanted = target.types.descriptor(target.artifact.input_type)
    reason = mismatch(given, wanted)
    if reason is not None:
        raise InvalidArgument(
            f"flow: version {target.artifact.version} of flow {target.artifact.flow} cannot read the input: {reason}",
            field="flow",
        )


def _require_marks(program: Program, target: Program, caller: Caller) -> None:
    """Raises InvalidArgument when the target would show what this caller must not see of the input."""
    if program.sensitive is None or sees_sensitive(program, caller.grants):
        return
    given = program.types.descriptor(program.artifact.input_type)
    path = unmarked(given, target.types.descriptor(target.artifact.input_type))
    if path is not None:
        raise InvalidArgument(
            f"flow: {path} is sensitive in flow {program.artifact.flow} and not in version {target.artifact.version} of"
            f" flow {target.artifact.flow}: that takes a key with the scope {PAYLOADS_SENSITIVE}",
            field="flow",
        )


def _patched(program: Program, node: int, output: bytes, request: ForkExecutionRequest) -> bytes:
    """The output with what is to be different. Raises InvalidArgument and JsonError with the path."""
    if not request.HasField("patch"):
        return output
    type_name = program.artifact.plan.nodes[node].output_type
    cls = program.types.message(type_name)
    changes = cls.FromString(read_value(program, type_name, _Patch(request), "patch") or b"")
    message = cls.FromString(output)
    mask = FieldMask(paths=request.update_mask.paths or list(request.patch.fields))
    for path in mask.paths:
        if path.split(".")[0] not in cls.DESCRIPTOR.fields_by_name:
            known = ", ".join(field.name for field in cls.DESCRIPTOR.fields)
            raise InvalidArgument(
                f"update_mask: {type_name} has no field {path!r}; it has {known}", field="update_mask"
            )
        message.ClearField(path.split(".")[0]) if "." not in path else None
    mask.MergeMessage(changes, message, replace_message_field=True, replace_repeated_field=True)
    data: bytes = message.SerializeToString()
    return data


def _branch(program: Program, node: int, output: bytes, run_input: bytes) -> int:
    """What is chosen behind the changed output. Raises InvalidArgument when nothing is, or it cannot be said."""
    name = program.graph.names[node]
    try:
        branch, _ = program.route(node, output, run_input)
    except EvaluationError as error:
        raise InvalidArgument(
            f"patch: an edge behind {name} cannot be evaluated with it: {error}", field="patch"
        ) from None
    if not program.graph.taken(node, branch):
        raise InvalidArgument(f"patch: no edge behind {name} is taken with it", field="patch")
    return branch


class _Patch:
    """The patch of a request as `read_value` looks at a value: it has no protobuf form."""

    def __init__(self, request: ForkExecutionRequest) -> None:
        self.patch = request.patch

    def HasField(self, name: str) -> bool:
        return name == "patch"
