"""Sends signals to executions, whichever process drives them."""

from __future__ import annotations

from uuid import uuid4

from penstock.engine.domain import limits
from penstock.engine.domain.errors import Conflict, InvalidArgument, LeaseLost, StoreUnavailable
from penstock.engine.domain.event import EventType
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.rpc import requests
from penstock.engine.rpc.callers import by_line
from penstock.engine.rpc.values import empty_value, read_value
from penstock.engine.runtime import steering
from penstock.engine.runtime.news import followers
from penstock.engine.runtime.programs.program import Program
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.records import ExecutionRow
from penstock.wire.gen.event_pb2 import Event
from penstock.wire.gen.execution_service_pb2 import SignalExecutionRequest
from penstock.wire.gen.signal_pb2 import SignalExecutionResponse
from penstock.wire.service import Caller


async def signal_execution(
    runtime: Runtime, request: SignalExecutionRequest, caller: Caller
) -> SignalExecutionResponse:
    """See ExecutionService.SignalExecution. Answers when the signal is durable."""
    execution_id = requests.execution_id(request)
    requests.check_request_id(request.request_id)
    row = await followers.get_row(runtime, execution_id, caller.account)
    program = await runtime.catalog.program(row.account, row.graph_id)
    sequence = await _send(runtime, program, request, payload_of(program, row, request), caller)
    return SignalExecutionResponse(execution_id=execution_id, sequence=sequence)


def payload_of(program: Program, row: ExecutionRow, request: SignalExecutionRequest) -> bytes:
    """What a signal says. Raises InvalidArgument and JsonError with the path, PayloadTooLarge."""
    type_name = _type(program, row, request.signal)
    payload = read_value(program, type_name, request, "payload")
    return empty_value(program, type_name, "payload") if payload is None else payload


async def _send(
    runtime: Runtime, program: Program, request: SignalExecutionRequest, payload: bytes, caller: Caller
) -> int:
    """The sequence of the signal's event. Raises Conflict when it comes too late."""
    execution_id, by = request.execution_id, by_line(caller)
    driver = runtime.driver(execution_id, caller.account)
    if driver is not None:
        try:
            sequence = await steering.signal(driver, request.signal, payload, by, request.request_id)
            return sequence or await runtime.signals.sequence(execution_id, request.request_id)
        except LeaseLost:
            if not request.request_id:
                raise  # It may be on record: sent again it would be there twice.
    request_id = request.request_id or uuid4().hex
    row = await followers.get_row(runtime, execution_id, caller.account)
    if sequence := await runtime.signals.sequence(execution_id, request_id):
        return sequence
    if row.complete_us is not None:
        raise _too_late(row)
    asked = Event(signal=request.signal, by=by, request_id=request_id)
    is_looked_at = await runtime.commands.ask(execution_id, EventType.SIGNAL_RECEIVED, asked, payload, program=program)
    row = await followers.get_row(runtime, execution_id, caller.account)
    if sequence := await runtime.signals.sequence(execution_id, request_id):
        return sequence
    if not is_looked_at:
        holder = await runtime.leases.holder(row.lease_id)
        raise StoreUnavailable(
            f"process {holder or 'unknown'} drives the execution and has not answered in time; the signal is delivered"
            " as soon as that process, or the one after it, looks"
        )
    if await runtime.signals.count(execution_id) >= limits.SIGNALS_MAX:
        raise Conflict(
            f"an execution takes at most {limits.SIGNALS_MAX:,} signals",
            reason="TOO_MANY_SIGNALS",
            facts={"status": row.status.name},
        )
    raise _too_late(row)


def _too_late(row: ExecutionRow) -> Exception:
    """Why an execution took no signal."""
    facts = {"status": row.status.name}
    if row.status is ExecutionStatus.QUEUED:
        return Conflict("the execution is QUEUED and takes signals once it is RUNNING", facts=facts)
    if row.complete_us is not None or row.status is ExecutionStatus.COMPENSATING:
        return Conflict(f"no signal can reach the execution any more: it is {row.status.name}", facts=facts)
    return StoreUnavailable("the signal was not taken; try again")


def _type(program: Program, row: ExecutionRow, name: str) -> str:
    """The message type of a signal. Raises InvalidArgument when no node waits for such a one."""
    types = {signal.name: signal.type for node in program.artifact.plan.nodes for signal in node.signals}
    if name in types:
        return types[name]
    problem = f"expected one of {', '.join(sorted(types))}" if types else f"flow {row.flow} takes none"
    raise InvalidArgument(f"signal: {problem}, got {name[:80]!r}", field="signal", reason="UNKNOWN_SIGNAL")
