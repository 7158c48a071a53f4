"""Answers the methods of typed services that act on a running execution: decisions of pauses, and signals.

A request is the same bytes as that of the fixed API, with the typed message in its field of bytes: see wire.typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError

from penstock.engine.runtime.programs.program import Program
from penstock.wire.gen.execution_service_pb2 import GetExecutionRequest, SignalExecutionRequest
from penstock.wire.gen.pause_service_pb2 import ApprovePauseRequest, RejectPauseRequest, ResumePauseRequest
from penstock.wire.service import Caller, Engine
from penstock.wire.status import Code, RpcError
from penstock.wire.steering import Act, acts, method_name
from penstock.wire.typed import ServiceName

_REQUESTS: Mapping[Act, Any] = {
    Act.APPROVE: ApprovePauseRequest,
    Act.REJECT: RejectPauseRequest,
    Act.RESUME: ResumePauseRequest,
    Act.SIGNAL: SignalExecutionRequest,
}


def act_of(method: str) -> Act | None:
    """What a method of this name would do; None when no artifact has such a method."""
    return next((act for act in Act if method.startswith(act.value)), None)


@dataclass(frozen=True, slots=True)
class Call:
    """What is called. `request_id` is that of the metadata, which a signal without one of its own takes."""

    service: ServiceName
    method: str
    program: Program
    request_id: str


class Steering:
    """Hands typed requests on to the fixed services."""

    def __init__(self, engine: Engine) -> None:
        pauses, executions = engine.service("PauseService"), engine.service("ExecutionService")
        self._executions = executions
        self._answers = {
            Act.APPROVE: pauses.approve_pause,
            Act.REJECT: pauses.reject_pause,
            Act.RESUME: pauses.resume_pause,
            Act.SIGNAL: executions.signal_execution,
        }

    async def answer(self, call: Call, raw: bytes, caller: Caller) -> tuple[str, bytes]:
        """The execution that the request `raw` names, and the answer. Raises RpcError."""
        named = {method_name(act, name): (act, name) for act, name in acts(call.program.artifact)}
        if call.method not in named:
            text = f"{call.service} has no method {call.method}"
            raise RpcError(Code.UNIMPLEMENTED, "UNKNOWN_METHOD", text, metadata={"method": call.method})
        act, name = named[call.method]
        request = _read(act, name, raw, call.request_id)
        await self._check_execution(call.service, request.execution_id, caller)
        answer = await self._answers[act](request, caller)
        return request.execution_id, answer.SerializeToString()

    async def _check_execution(self, service: ServiceName, execution_id: str, caller: Caller) -> None:
        """Raises RpcError for one that another flow runs, or another version where the service is that of one."""
        execution = await self._executions.get_execution(GetExecutionRequest(execution_id=execution_id), caller)
        is_own = execution.flow == service.flow and service.version in (None, execution.version)
        if not is_own:
            raise RpcError(
                Code.NOT_FOUND,
                "NOT_FOUND",
                f"execution {execution_id} is one of flows.{execution.flow}.v{execution.version}, not of {service}",
            )


def _read(act: Act, name: str, raw: bytes, request_id: str) -> Any:
    try:
        request = _REQUESTS[act].FromString(raw)
    except DecodeError as error:
        raise RpcError(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", "the request is no valid protobuf") from error
    # The fields that a typed request does not have.
    if act is Act.SIGNAL:
        request.ClearField("payload")
        request.signal = name
        request.request_id = request.request_id or request_id
    else:
        request.pause = name
        if act is not Act.REJECT:
            request.ClearField("value")
    return request
