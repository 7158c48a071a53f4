"""What a bulk operation does to one execution: the call that somebody would make who acts on that one alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from penstock.engine.rpc.callers import by_line
from penstock.engine.runtime.upkeep.bulk import Act, Outcome
from penstock.engine.storage.postgres.bulk import Bulk
from penstock.wire.gen.bulk_operation_pb2 import BulkOperation, BulkProblem
from penstock.wire.gen.execution_again_pb2 import (
    ForkExecutionRequest,
    RecoverExecutionRequest,
    RelaunchExecutionRequest,
)
from penstock.wire.gen.execution_service_pb2 import CancelExecutionRequest, SignalExecutionRequest
from penstock.wire.gen.pause_pb2 import Pause
from penstock.wire.gen.pause_service_pb2 import (
    ApprovePauseRequest,
    GetPauseRequest,
    ListPausesRequest,
    RejectPauseRequest,
    ResumePauseRequest,
)
from penstock.wire.gen.retry_now_pb2 import RetryNowRequest
from penstock.wire.service import Caller
from penstock.wire.status import Code, RpcError

_PAUSES_MAX = 1_000
_TOO_LATE = frozenset({"ILLEGAL_STATE", "NO_RETRY_WAITS", "PAUSE_DECIDED", "PAUSE_NOT_OPEN"})
"""Reasons for which there is nothing to do any more; others, such as too many signals, are refusals."""
_STATES = {
    BulkOperation.APPROVE: Pause.APPROVED,
    BulkOperation.REJECT: Pause.REJECTED,
    BulkOperation.RESUME: Pause.RESUMED,
}


class BulkActs:
    """`service` gives a service by its name, as a caller of the API has it: it raises RpcError alone.

    `caller` gives whoever asked for an operation, and raises RpcError when that key may do nothing any more.
    """

    def __init__(self, service: Callable[[str], Any], caller: Callable[[Bulk], Awaitable[Caller]]) -> None:
        self._service = service
        self._caller = caller

    async def act(self, bulk: Bulk, execution_id: str, is_repeat: bool) -> Act:
        """Acts on one execution. `is_repeat` says that it may have been acted on before."""
        act = _ACTS[bulk.request.verb]
        try:
            return Act(await act(self, bulk, execution_id, is_repeat, await self._caller(bulk)))
        except RpcError as error:
            return Act(Outcome.LATER if is_later(error) else Outcome.FAILED, problem(execution_id, error))

    async def _cancel(self, bulk: Bulk, execution_id: str, is_repeat: bool, caller: Caller) -> Outcome:
        request = CancelExecutionRequest(execution_id=execution_id, reason=bulk.request.parameters.reason)
        try:
            await self._executions.cancel_execution(request, caller)
        except RpcError as error:
            if error.code is not Code.FAILED_PRECONDITION:
                raise
            is_ours = is_repeat and error.metadata.get("status") in ("CANCELLED", "COMPENSATING")
            return Outcome.DONE if is_ours else Outcome.SKIPPED
        return Outcome.DONE

    async def _recover(self, bulk: Bulk, execution_id: str, is_repeat: bool, caller: Caller) -> Outcome:
        request = RecoverExecutionRequest(execution_id=execution_id, request_id=_request_id(bulk, execution_id))
        await self._executions.recover_execution(request, caller)
        return Outcome.DONE

    async def _relaunch(self, bulk: Bulk, execution_id: str, is_repeat: bool, caller: Caller) -> Outcome:
        request = RelaunchExecutionRequest(
            execution_id=execution_id,
            flow=bulk.request.parameters.flow,
            request_id=_request_id(bulk, execution_id),
        )
        await self._executions.relaunch_execution(request, caller)
        return Outcome.DONE

    async def _fork(self, bulk: Bulk, execution_id: str, is_repeat: bool, caller: Caller) -> Outcome:
        given = bulk.request.parameters
        request = ForkExecutionRequest(
            execution_id=execution_id, node=given.node, request_id=_request_id(bulk, execution_id)
        )
        if given.HasField("patch"):
            request.patch.CopyFrom(given.patch)
        if given.HasField("update_mask"):
            request.update_mask.CopyFrom(given.update_mask)
        await self._executions.fork_execution(request, caller)
        return Outcome.DONE

    async def _retry_now(self, bulk: Bulk, execution_id: str, is_repeat: bool, caller: Caller) -> Outcome:
        request = RetryNowRequest(
            execution_id=execution_id,
            node=bulk.request.parameters.node,
            request_id=_request_id(bulk, execution_id),
        )
        return await _unless_too_late(self._executions.retry_now(request, caller))

    async def _signal(self, bulk: Bulk, execution_id: str, is_repeat: bool, caller: Caller) -> Outcome:
        return await _unless_too_late(self._executions.signal_execution(signal_request(bulk, execution_id), caller))

    async def _decide(self, bulk: Bulk, execution_id: str, is_repeat: bool, caller: Caller) -> Outcome:
        """Decides every pause that was open when the operation was asked for; the execution counts once.

        What opened later waits behind what was decided, maybe by this very operation before its process died. Raises
        RpcError for the first pause that refused, when all of them were tried.
        """
        outcome, refusal = Outcome.SKIPPED, None
        for pause in await self._pauses(bulk, execution_id, caller):
            try:
                if await self._decide_one(bulk, pause, is_repeat, caller):
                    outcome = Outcome.DONE
            except RpcError as error:
                if is_later(error):
                    raise
                refusal = refusal or error
        if refusal is not None:
            raise refusal
        return outcome

    async def _decide_one(self, bulk: Bulk, pause: Pause, is_repeat: bool, caller: Caller) -> bool:
        """Whether this operation has decided it."""
        if pause.state != Pause.OPEN:
            return is_repeat and _is_decided_by(pause, bulk, caller)
        service, comment = self._service("PauseService"), bulk.request.parameters.comment
        execution_id, name = pause.execution_id, pause.pause
        match bulk.request.verb:
            case BulkOperation.APPROVE:
                approval = ApprovePauseRequest(execution_id=execution_id, pause=name, comment=comment)
                call = service.approve_pause(approval, caller)
            case BulkOperation.REJECT:
                rejection = RejectPauseRequest(execution_id=execution_id, pause=name, comment=comment)
                call = service.reject_pause(rejection, caller)
            case _:
                call = service.resume_pause(resume_request(bulk, execution_id, name), caller)
        if await _unless_too_late(call) is Outcome.DONE:
            return True
        # It may be what this operation asked another process for.
        found = await service.get_pause(GetPauseRequest(execution_id=execution_id, pause=name), caller)
        return is_repeat and _is_decided_by(found, bulk, caller)

    async def _pauses(self, bulk: Bulk, execution_id: str, caller: Caller) -> list[Pause]:
        """The pauses of an execution that are meant."""
        found: list[Pause] = []
        request = ListPausesRequest(execution_id=execution_id, page_size=_PAUSES_MAX)
        while True:
            page = await self._service("PauseService").list_pauses(request, caller)
            found += [each for each in page.pauses if _is_meant(each, bulk)]
            request.page_token = page.next_page_token
            if not request.page_token:
                return found

    @property
    def _executions(self) -> Any:
        return self._service("ExecutionService")


_ACTS: dict[int, Callable[[BulkActs, Bulk, str, bool, Caller], Awaitable[Outcome]]] = {
    BulkOperation.CANCEL: BulkActs._cancel,
    BulkOperation.RECOVER: BulkActs._recover,
    BulkOperation.RELAUNCH: BulkActs._relaunch,
    BulkOperation.FORK: BulkActs._fork,
    BulkOperation.APPROVE: BulkActs._decide,
    BulkOperation.REJECT: BulkActs._decide,
    BulkOperation.RETRY_NOW: BulkActs._retry_now,
    BulkOperation.RESUME: BulkActs._decide,
    BulkOperation.SIGNAL: BulkActs._signal,
}


def resume_request(bulk: Bulk, execution_id: str, pause: str) -> ResumePauseRequest:
    """How one pause is resumed."""
    given = bulk.request.parameters
    request = ResumePauseRequest(execution_id=execution_id, pause=pause, comment=given.comment)
    if given.HasField("value"):
        request.value.CopyFrom(given.value)
    elif given.HasField("value_bytes"):
        request.value_bytes = given.value_bytes
    return request


def signal_request(bulk: Bulk, execution_id: str) -> SignalExecutionRequest:
    """How one execution is sent the signal."""
    given, request_id = bulk.request.parameters, _request_id(bulk, execution_id)
    request = SignalExecutionRequest(execution_id=execution_id, signal=given.signal, request_id=request_id)
    if given.HasField("payload"):
        request.payload.CopyFrom(given.payload)
    elif given.HasField("payload_bytes"):
        request.payload_bytes = given.payload_bytes
    return request


def is_later(error: RpcError) -> bool:
    """Whether there is no room for it, or no database, now."""
    return error.code is Code.UNAVAILABLE or error.reason == "OVERLOADED"


def problem(execution_id: str, error: RpcError) -> BulkProblem:
    return BulkProblem(execution_id=execution_id, code=error.code.name, reason=error.reason, message=error.message)


def _request_id(bulk: Bulk, execution_id: str) -> str:
    """The same however often an act is tried, and another one for each operation and execution."""
    return f"bulk-{bulk.operation_id}-{execution_id}"


async def _unless_too_late(call: Awaitable[Any]) -> Outcome:
    try:
        await call
    except RpcError as error:
        if error.reason in _TOO_LATE:
            return Outcome.SKIPPED
        raise
    return Outcome.DONE


def _is_meant(pause: Pause, bulk: Bulk) -> bool:
    """A policy's node takes no value."""
    return (
        bulk.request.parameters.pause in ("", pause.pause)
        and pause.open_time.ToMicroseconds() <= bulk.create_us
        and not (bulk.request.verb == BulkOperation.RESUME and pause.HasField("policy"))
    )


def _is_decided_by(pause: Pause, bulk: Bulk, caller: Caller) -> bool:
    """Whether this operation may have decided it: nobody else decides by that key at that time with those words."""
    return (
        pause.state == _STATES[bulk.request.verb]
        and pause.decided_by == by_line(caller)
        and pause.comment == bulk.request.parameters.comment
        and pause.decide_time.ToMicroseconds() >= bulk.create_us
    )
