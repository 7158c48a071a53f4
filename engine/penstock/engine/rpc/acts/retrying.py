"""Has nodes that wait for another attempt tried again at once, whichever process drives their execution."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from penstock.engine.domain.errors import Conflict, InvalidArgument, LeaseLost, StoreUnavailable
from penstock.engine.domain.event import EventType
from penstock.engine.rpc import requests
from penstock.engine.rpc.callers import by_line
from penstock.engine.runtime import steering
from penstock.engine.runtime.news import followers
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.postgres.retries import RetryRows
from penstock.engine.storage.records import ExecutionRow
from penstock.wire.gen.event_pb2 import Event
from penstock.wire.gen.retry_now_pb2 import RetryNowRequest, RetryNowResponse
from penstock.wire.service import Caller


class Retrier:
    def __init__(self, runtime: Runtime, rows: RetryRows) -> None:
        self._runtime = runtime
        self._rows = rows

    async def retry_now(self, request: RetryNowRequest, caller: Caller) -> RetryNowResponse:
        """See ExecutionService.RetryNow. Answers when it is durable."""
        execution_id, key = requests.execution_id(request), request.request_id or uuid4().hex
        requests.check_request_id(request.request_id)
        row = await followers.get_row(self._runtime, execution_id, caller.account)
        names = (await self._runtime.catalog.program(row.account, row.graph_id)).graph.names
        if request.node and request.node not in names:
            raise InvalidArgument(f"node: expected one of {', '.join(names)}, got {request.node[:80]!r}", field="node")
        found = await self._rows.requested(execution_id, key) if request.request_id else []
        if not found:
            asked = Event(node=request.node or None, by=by_line(caller), request_id=key)
            found = await self._request(row, names, asked)
        return RetryNowResponse(execution_id=execution_id, nodes=[names[node] for node in found])

    async def _request(self, row: ExecutionRow, names: Sequence[str], asked: Event) -> list[int]:
        """The nodes whose wait ended. Raises Conflict when there are none."""
        runtime, execution_id, account = self._runtime, row.execution_id, row.account
        driver = runtime.driver(execution_id, account)
        if driver is not None:
            try:
                node = names.index(asked.node) if asked.node else -1
                return await steering.retry_now(driver, node, asked.by, asked.request_id)
            except LeaseLost:
                # It may be on record; if not, the process that goes on with the execution is asked under the same key.
                if found := await self._rows.requested(execution_id, asked.request_id):
                    return found
        if row.complete_us is not None:
            raise _nothing_waits(row)
        is_looked_at = await runtime.commands.ask(execution_id, EventType.RETRY_REQUESTED, asked)
        if found := await self._rows.requested(execution_id, asked.request_id):
            return found
        row = await followers.get_row(runtime, execution_id, account)
        if is_looked_at:
            raise _nothing_waits(row)
        holder = await runtime.leases.holder(row.lease_id)
        raise StoreUnavailable(
            f"process {holder or 'unknown'} drives the execution and has not answered in time; what waits is tried"
            " again as soon as that process, or the one after it, looks"
        )


def _nothing_waits(row: ExecutionRow) -> Conflict:
    status = row.status.name
    return Conflict(
        f"nothing waits for another attempt: the execution is {status}",
        reason="NO_RETRY_WAITS",
        facts={"status": status},
    )
