"""What a bulk operation does to one execution: the call that somebody would make who acts on that one alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from penstock.engine.rpc.callers import by_line
from penstock.engine.runtime.upkeep.bulk import Act, Outcome
from penstock.engine.storage.postgres.bulk import Bulk
from penstock.wire.gen.bulk_operation_pb2 import BulkOperation, BulkParameters, BulkProblem
from penstock.wire.gen.execution_again_pb2 import (
    ForkExecutionRequest,
    RecoverExecutionRequest,
    RelaunchExecutionRequest,
)
from penstock.wire.gen.execution_service_pb2 import CancelExecutionRequest
from penstock.wire.gen.pause_pb2 import Pause
from penstock.wire.gen.pause_service_pb2 import ApprovePauseRequest, ListPausesRequest, RejectPauseRequest
from penstock.wire.gen.retry_now_pb2 import RetryNowRequest
from penstock.wire.service import Caller
from penstock.wire.status import Code, RpcError

_PAUSES_MAX = 1_000
_STATES = {BulkOperation.APPROVE: Pause.APPROVED, BulkOperation.REJECT: Pause.REJECTED}


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
            is_later = error.code is Code.UNAVAILABLE or error.reason == "OVERLOADED"
            return Act(Outcome.LATER if is_later else Outcome.FAILED, _problem(execution_id, error))

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

    async def _decide(self, bulk: Bulk, execution_id: str, is_repeat: bool, caller: Caller) -> Outcome:
        """Decides every open pause; the execution counts once."""
        service, given = self._service("PauseService"), bulk.request.parameters
        listed = await service.list_pauses(ListPausesRequest(execution_id=execution_id, page_size=_PAUSES_MAX), caller)
        pauses = [each for each in listed.pauses if given.pause in ("", each.pause)]
        decide = service.approve_pause if bulk.request.verb == BulkOperation.APPROVE else service.reject_pause
        kind = ApprovePauseRequest if bulk.request.verb == BulkOperation.APPROVE else RejectPauseRequest
        outcome = Outcome.SKIPPED
        if is_repeat and any(_is_decided_by(each, bulk, caller) for each in pauses):
            outcome = Outcome.DONE
        for each in pauses:
            if each.state == Pause.OPEN:
                asked = kind(execution_id=execution_id, pause=each.pause, comment=given.comment)
                if await _unless_too_late(decide(asked, caller)) is Outcome.DONE:
                    outcome = Outcome.DONE
        return outcome

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
}

TAKES: dict[int, frozenset[str]] = {
    BulkOperation.CANCEL: frozenset({"reason"}),
    BulkOperation.RECOVER: frozenset(),
    BulkOperation.RELAUNCH: frozenset({"flow"}),
    BulkOperation.FORK: frozenset({"node", "patch", "update_mask"}),
    BulkOperation.APPROVE: frozenset({"comment", "pause"}),
    BulkOperation.REJECT: frozenset({"comment", "pause"}),
    BulkOperation.RETRY_NOW: frozenset({"node"}),
}
"""The parameters that each verb has."""


def _request_id(bulk: Bulk, execution_id: str) -> str:
    """The same however often an act is tried, and another one for each operation and execution."""
    return f"bulk-{bulk.operation_id}-{execution_id}"


async def _unless_too_late(call: Awaitable[Any]) -> Outcome:
    try:
        await call
    except RpcError as error:
        if error.code is Code.FAILED_PRECONDITION:
            return Outcome.SKIPPED
        raise
    return Outcome.DONE


def _is_decided_by(pause: Pause, bulk: Bulk, caller: Caller) -> bool:
    """Whether this operation may have decided it: nobody else decides by that key at that time with those words."""
    return (
        pause.state == _STATES[bulk.request.verb]
        and pause.decided_by == by_line(caller)
        and pause.comment == bulk.request.parameters.comment
        and pause.decide_time.ToMicroseconds() >= bulk.create_us
    )


def _problem(execution_id: str, error: RpcError) -> BulkProblem:
    return BulkProblem(execution_id=execution_id, code=error.code.name, reason=error.reason, message=error.message)


def given_parameters(parameters: BulkParameters) -> set[str]:
    """Names of those that say something."""
    return {field.name for field, _ in parameters.ListFields()}
