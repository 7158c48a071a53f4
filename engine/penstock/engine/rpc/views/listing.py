"""Pages of executions, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence

from penstock.engine.domain import page
from penstock.engine.domain.execution_fields import Order, read_order
from penstock.engine.domain.ids import is_execution_id
from penstock.engine.rpc import messages, requests
from penstock.engine.rpc.views.filters import Filters
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.postgres.execution_lists import ExecutionLists
from penstock.engine.storage.postgres.list_sql import Place
from penstock.engine.storage.records import ExecutionRow
from penstock.wire.gen.execution_pb2 import Execution
from penstock.wire.gen.execution_service_pb2 import ListExecutionsRequest, ListExecutionsResponse


class ExecutionPages:
    def __init__(self, runtime: Runtime, lists: ExecutionLists, filters: Filters) -> None:
        self._runtime = runtime
        self._lists = lists
        self._filters = filters

    async def page(self, request: ListExecutionsRequest, account: str) -> ListExecutionsResponse:
        """Raises InvalidArgument and PageTokenError."""
        size = requests.page_size(request)
        order = read_order(request.order_by)
        binding = f"{account}|{request.filter}|{request.order_by}"
        after = _place(page.decode(request.page_token, binding), order) if request.page_token else None
        expression = await self._filters.executions(request.filter, account)
        rows = await self._lists.page(account, expression, order, after, size + 1)
        answer = ListExecutionsResponse(
            executions=await self._messages(rows[:size]),
            next_page_token=page.encode(_key(rows[size - 1], order), binding) if len(rows) > size else "",
        )
        if request.with_total_size:
            total = await self._lists.total(account, expression, order)
            answer.total_size, answer.total_size_exact = total.size, total.is_exact
        return answer

    async def _messages(self, rows: Sequence[ExecutionRow]) -> list[Execution]:
        executions, now_us = self._runtime.executions, self._runtime.clock.now_us()
        live = [row.execution_id for row in rows if row.complete_us is None]
        progress = await executions.progress(live) if live else {}
        return [messages.execution(row, progress.get(row.execution_id), now_us) for row in rows]


def _key(row: ExecutionRow, order: Order) -> str:
    if not order.is_of_ended:
        return row.execution_id
    assert row.complete_us is not None
    value_us = row.complete_us - (row.create_us if order.key == "duration" else 0)
    return f"{value_us} {row.execution_id}"


def _place(key: str, order: Order) -> Place:
    value, _, execution_id = key.rpartition(" ")
    digits = value.removeprefix("-")
    is_number = digits.isascii() and digits.isdecimal() and len(digits) < 19
    if not is_execution_id(execution_id) or is_number is not order.is_of_ended:
        raise page.PageTokenError("expected the next_page_token of the answer before, got another text")
    return Place(execution_id, int(value or 0))
