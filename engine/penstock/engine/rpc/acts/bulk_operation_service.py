"""BulkOperationService: acts on many executions at once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import AsyncIterator
from typing import Any

from penstock.engine.domain import limits, page
from penstock.engine.domain.errors import Conflict, InvalidArgument, NotFound
from penstock.engine.domain.ids import execution_id as new_id
from penstock.engine.domain.ids import is_execution_id
from penstock.engine.rpc import messages, requests
from penstock.engine.rpc.acts.bulk_acts import TAKES, given_parameters
from penstock.engine.rpc.callers import by_line
from penstock.engine.rpc.messages import timestamp
from penstock.engine.rpc.views.filters import Filters
from penstock.engine.runtime.clock import Clock
from penstock.engine.runtime.upkeep.bulk import BulkRunner, last_meant
from penstock.engine.storage.postgres.bulk import Bulk, BulkRows, BulkState, Target
from penstock.engine.storage.postgres.filter_sql import to_sql
from penstock.engine.storage.records import RequestKey
from penstock.wire.gen import bulk_operation_service_pb2 as pb
from penstock.wire.gen.bulk_operation_pb2 import BulkOperation
from penstock.wire.service import Caller

SAMPLE_MAX = 20
"""Executions that a dry run shows: enough for a person to see what the filter finds."""
STOP_S_MAX = 10.0
"""How long a cancel waits for the acts that are under way."""
_LOOK_EVERY_S = 0.25
"""How often those who watch look for what another process did."""


class BulkOperationService:
    """See proto/penstock/v1/bulk_operation_service.proto."""

    def __init__(self, rows: BulkRows, finder: TargetFinder, runner: BulkRunner, clock: Clock) -> None:
        self._rows = rows
        self._finder = finder
        self._runner = runner
        self._clock = clock

    async def create_bulk_operation(self, request: pb.CreateBulkOperationRequest, caller: Caller) -> BulkOperation:
        _check(request)
        requests.check_request_id(request.request_id)
        now_us = self._clock.now_us()
        bulk = _new(request, caller, now_us)
        if request.dry_run:
            return await self._dry_run(bulk)
        # A bad filter is refused before anything is kept.
        await self._finder.find(bulk)
        fingerprint = hashlib.sha256(request.SerializeToString(deterministic=True)).digest()
        operation_id = await self._rows.put(
            bulk, RequestKey(request.request_id, fingerprint), self._runner.lease, now_us
        )
        self._runner.nudge()
        return _message(await self._find(operation_id, caller))

    async def _dry_run(self, bulk: Bulk) -> BulkOperation:
        target = await self._finder.find(bulk)
        limit = bulk.request.limit
        count = await self._rows.count(target)
        rows = await self._rows.sample(target, min(SAMPLE_MAX, limit or SAMPLE_MAX))
        bulk.matched, bulk.state = min(count, limit or count), BulkState.SUCCEEDED
        found = _message(bulk)
        found.ClearField("operation_id")
        found.sample.extend(messages.execution(row, None, bulk.create_us) for row in rows)
        return found

    async def get_bulk_operation(self, request: pb.GetBulkOperationRequest, caller: Caller) -> BulkOperation:
        return _message(await self._find(_operation_id(request), caller))

    async def list_bulk_operations(
        self, request: pb.ListBulkOperationsRequest, caller: Caller
    ) -> pb.ListBulkOperationsResponse:
        size = requests.page_size(request)
        binding = f"bulk|{caller.account}"
        after = requests.execution_token(request.page_token, binding)
        found = await self._rows.page(caller.account, after, size + 1)
        operations = [_message(bulk) for bulk in found[:size]]
        for operation in operations:
            operation.ClearField("problems")
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
                yield pb.WatchBulkOperationResponse(operation=_message(bulk), revision=after)
            if bulk.complete_us is not None:
                return
            await self._runner.change(_LOOK_EVERY_S)

    async def cancel_bulk_operation(self, request: pb.CancelBulkOperationRequest, caller: Caller) -> BulkOperation:
        bulk = await self._find(_operation_id(request), caller)
        if bulk.complete_us is not None:
            raise Conflict(f"the bulk operation has ended: it is {bulk.state.name}", facts={"state": bulk.state.name})
        await self._rows.stop(bulk.operation_id, caller.account, self._clock.now_us())
        self._runner.nudge()
        left_s = STOP_S_MAX
        while bulk.complete_us is None and left_s > 0:
            await self._runner.change(_LOOK_EVERY_S)
            left_s -= _LOOK_EVERY_S
            bulk = await self._find(bulk.operation_id, caller)
        return _message(bulk)

    async def _find(self, operation_id: str, caller: Caller) -> Bulk:
        bulk = await self._rows.get(operation_id, caller.account)
        if bulk is None:
            raise NotFound(f"there is no bulk operation {operation_id}")
        return bulk


class TargetFinder:
    def __init__(self, filters: Filters) -> None:
        self._filters = filters

    async def find(self, bulk: Bulk) -> Target:
        """Which executions an operation is about. Raises InvalidArgument for a filter that says nothing."""
        expression = await self._filters.executions(bulk.request.filter, bulk.account)
        where, parameters = ("", []) if expression is None else to_sql(expression)
        return Target(bulk.account, bulk.request.verb, where, parameters, last_meant(bulk.create_us))


def _check(request: pb.CreateBulkOperationRequest) -> None:
    if not request.verb:
        known = ", ".join(name for name, number in BulkOperation.Verb.items() if number)
        raise InvalidArgument(f"verb: expected one of {known}, got none", field="verb")
    if request.verb not in TAKES:
        raise InvalidArgument(f"verb: expected one that is known, got {request.verb}", field="verb")
    has_filter = bool(request.filter.strip())
    if has_filter is request.all:
        got = "both" if has_filter else "neither"
        raise InvalidArgument(
            f"filter: expected either a filter or all: true, got {got}", field="filter", reason="FILTER_NEEDED"
        )
    if request.limit < 0:
        raise InvalidArgument(f"limit: expected 0 or more, got {request.limit}", field="limit")
    _check_parameters(request)


def _check_parameters(request: pb.CreateBulkOperationRequest) -> None:
    given, verb = request.parameters, BulkOperation.Verb.Name(request.verb)
    takes = TAKES[request.verb]
    for name in sorted(given_parameters(given) - takes):
        known = ", ".join(sorted(takes)) or "none"
        raise InvalidArgument(
            f"parameters.{name}: {verb} does not take it; it takes: {known}", field=f"parameters.{name}"
        )
    if request.verb == BulkOperation.FORK and not given.node:
        raise InvalidArgument("parameters.node: expected the node to go on from, got none", field="parameters.node")
    if given.HasField("update_mask") and not given.HasField("patch"):
        raise InvalidArgument(
            "parameters.update_mask: expected a patch whose fields it names, got none", field="parameters.update_mask"
        )
    requests.check_reason(given.reason)
    size = len(given.comment.encode())
    if size > limits.COMMENT_BYTES_MAX:
        raise InvalidArgument(
            f"parameters.comment: expected at most {limits.COMMENT_BYTES_MAX:,} bytes, got {size:,}",
            field="parameters.comment",
        )


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


def _message(bulk: Bulk) -> BulkOperation:
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
    if bulk.start_us is not None:
        message.start_time.CopyFrom(timestamp(bulk.start_us))
    if bulk.complete_us is not None:
        message.complete_time.CopyFrom(timestamp(bulk.complete_us))
    return message
