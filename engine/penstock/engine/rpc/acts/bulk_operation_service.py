"""BulkOperationService: acts on many executions at once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import AsyncIterator
from typing import Any

from penstock.engine.domain import page
from penstock.engine.domain.errors import Conflict, InvalidArgument, NotFound
from penstock.engine.domain.ids import execution_id as new_id
from penstock.engine.domain.ids import is_execution_id
from penstock.engine.rpc import messages, requests
from penstock.engine.rpc.access.untyped import hide_values
from penstock.engine.rpc.acts.bulk_parameters import FLOWING, check
from penstock.engine.rpc.acts.bulk_targets import TargetFinder
from penstock.engine.rpc.acts.bulk_trial import TRIED_MAX, BulkTrial
from penstock.engine.rpc.callers import by_line
from penstock.engine.rpc.messages import timestamp
from penstock.engine.runtime.clock import Clock
from penstock.engine.runtime.upkeep.bulk import BulkRunner
from penstock.engine.storage.postgres.bulk import Bulk, BulkRows, BulkState
from penstock.engine.storage.postgres.bulk_targets import BulkTargets
from penstock.engine.storage.records import RequestKey
from penstock.wire.gen import bulk_operation_service_pb2 as pb
from penstock.wire.gen.bulk_operation_pb2 import BulkOperation
from penstock.wire.scope_missing import scope_missing
from penstock.wire.scopes import EXECUTIONS_READ, EXECUTIONS_WRITE, Grants
from penstock.wire.service import Caller

SAMPLE_MAX = 20
"""Executions that a dry run shows: enough for a person to see what the filter finds."""
STOP_S_MAX = 10.0
"""How long a cancel waits for the acts that are under way."""
_LOOK_EVERY_S = 0.25
"""How often those who watch look for what another process did."""


class BulkOperationService:
    """See proto/penstock/v1/bulk_operation_service.proto."""

    def __init__(
        self,
        rows: BulkRows,
        targets: BulkTargets,
        finder: TargetFinder,
        trial: BulkTrial,
        runner: BulkRunner,
        clock: Clock,
    ) -> None:
        self._rows = rows
        self._targets = targets
        self._finder = finder
        self._trial = trial
        self._runner = runner
        self._clock = clock

    async def create_bulk_operation(self, request: pb.CreateBulkOperationRequest, caller: Caller) -> BulkOperation:
        check(request)
        now_us = self._clock.now_us()
        bulk = _new(request, caller, now_us)
        if request.dry_run:
            return await self._dry_run(bulk, caller)
        # A bad filter is refused before anything is kept.
        await self._finder.find(bulk, caller)
        key = RequestKey(request.request_id, _fingerprint(request, caller))
        operation_id = await self._rows.put(bulk, key, self._runner.lease, now_us)
        self._runner.nudge()
        return _message(await self._find(operation_id, caller), caller.grants)

    async def _dry_run(self, bulk: Bulk, caller: Caller) -> BulkOperation:
        target = await self._finder.find(bulk, caller)
        limit = bulk.request.limit
        count = await self._targets.count(target)
        count_max = TRIED_MAX if self._trial.is_needed(bulk) else SAMPLE_MAX
        rows = await self._targets.sample(target, min(count_max, limit or count_max))
        bulk.matched, bulk.state = min(count, limit or count), BulkState.SUCCEEDED
        found = _message(bulk, caller.grants)
        found.ClearField("operation_id")
        found.sample.extend(messages.execution(row, None, bulk.create_us) for row in rows[:SAMPLE_MAX])
        if self._trial.is_needed(bulk):
            tried = await self._trial.of(bulk, rows)
            found.checked, found.skipped, found.failed = tried.checked, tried.skipped, tried.failed
            found.problems.extend(tried.problems)
        return found

    async def get_bulk_operation(self, request: pb.GetBulkOperationRequest, caller: Caller) -> BulkOperation:
        return _message(await self._find(_operation_id(request), caller), caller.grants)

    async def list_bulk_operations(
        self, request: pb.ListBulkOperationsRequest, caller: Caller
    ) -> pb.ListBulkOperationsResponse:
        size = requests.page_size(request)
        binding = f"bulk|{caller.account}"
        after = requests.execution_token(request.page_token, binding)
        key_id = None if EXECUTIONS_READ in caller.grants.whole else caller.key_id
        found = await self._rows.page(caller.account, after, size + 1, key_id=key_id)
        operations = [_message(bulk, caller.grants) for bulk in found[:size]]
        for operation in operations:
            operation.ClearField("problems")
            for name in FLOWING:
                operation.parameters.ClearField(name)
        token = page.encode(found[size - 1].operation_id, binding) if len(found) > size else ""
        return pb.ListBulkOperationsResponse(operations=operations, next_page_token=token)

    async def watch_bulk_operation(
        self, request: pb.WatchBulkOperationRequest, caller: Caller
    ) -> AsyncIterator[pb.WatchBulkOperationResponse]:
        operation_id, after = _operation_id(request), request.after_revision
        if after < 0:
            raise InvalidArgument(f"after_revision: expected 0 or more, got {after}", field="after_revision")
        while True:
            bulk = await self._find(operation_id, caller)
            if bulk.revision > after:
                after = bulk.revision
                yield pb.WatchBulkOperationResponse(operation=_message(bulk, caller.grants), revision=after)
            if bulk.complete_us is not None:
                return
            await self._runner.change(_LOOK_EVERY_S)

    async def cancel_bulk_operation(self, request: pb.CancelBulkOperationRequest, caller: Caller) -> BulkOperation:
        bulk = await self._find(_operation_id(request), caller)
        if not _may(EXECUTIONS_WRITE, bulk, caller):
            raise scope_missing(EXECUTIONS_WRITE)
        if bulk.complete_us is not None:
            raise Conflict(f"the bulk operation has ended: it is {bulk.state.name}", facts={"state": bulk.state.name})
        await self._rows.stop(bulk.operation_id, caller.account, self._clock.now_us())
        self._runner.nudge()
        left_s = STOP_S_MAX
        while bulk.complete_us is None and left_s > 0:
            await self._runner.change(_LOOK_EVERY_S)
            left_s -= _LOOK_EVERY_S
            bulk = await self._find(bulk.operation_id, caller)
        return _message(bulk, caller.grants)

    async def _find(self, operation_id: str, caller: Caller) -> Bulk:
        bulk = await self._rows.get(operation_id, caller.account)
        if bulk is None or not _may(EXECUTIONS_READ, bulk, caller):
            raise NotFound(f"there is no bulk operation {operation_id}")
        return bulk


def _may(verb: str, bulk: Bulk, caller: Caller) -> bool:
    """Whether a caller may do that with an operation: who may do it with some flows alone, with what they asked for."""
    return verb in caller.grants.whole or bulk.key_id == caller.key_id


def _fingerprint(request: pb.CreateBulkOperationRequest, caller: Caller) -> bytes:
    """Two keys that are about different flows never mean the same."""
    is_whole = EXECUTIONS_WRITE in caller.grants.whole
    asker = b"" if is_whole else caller.key_id.encode()
    return hashlib.sha256(request.SerializeToString(deterministic=True) + asker).digest()


def _operation_id(request: Any) -> str:
    text: str = request.operation_id
    if not is_execution_id(text):
        raise NotFound(f"there is no bulk operation {text[:80]!r}: an id has 32 lower-case hex digits")
    return text


def _new(request: pb.CreateBulkOperationRequest, caller: Caller, now_us: int) -> Bulk:
    return Bulk(
        operation_id=new_id(now_us, secrets.randbits(62)),
        account=caller.account,
        state=BulkState.PENDING,
        request=request,
        key_id=caller.key_id,
        key_name=caller.key_name,
        matched=None,
        done=0,
        skipped=0,
        failed=0,
        problems=[],
        position="",
        lot=[],
        is_stopped=False,
        error="",
        revision=1,
        create_us=now_us,
        start_us=None,
        update_us=now_us,
        complete_us=None,
        process="",
    )


def _message(bulk: Bulk, grants: Grants) -> BulkOperation:
    request = bulk.request
    message = BulkOperation(
        operation_id=bulk.operation_id,
        verb=request.verb,
        state=bulk.state.name,
        filter=request.filter,
        all=request.all,
        limit=request.limit,
        dry_run=request.dry_run,
        matched=bulk.matched or 0,
        done=bulk.done,
        skipped=bulk.skipped,
        failed=bulk.failed,
        problems=bulk.problems,
        create_time=timestamp(bulk.create_us),
        update_time=timestamp(bulk.update_us),
        created_by=by_line(Caller(bulk.account, bulk.key_id, key_name=bulk.key_name)),
        process=bulk.process,
        error=bulk.error,
        revision=bulk.revision,
    )
    if request.HasField("parameters"):
        message.parameters.CopyFrom(request.parameters)
        hide_values(message.parameters, grants)
    if bulk.start_us is not None:
        message.start_time.CopyFrom(timestamp(bulk.start_us))
    if bulk.complete_us is not None:
        message.complete_time.CopyFrom(timestamp(bulk.complete_us))
    return message
