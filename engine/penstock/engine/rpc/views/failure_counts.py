"""Pages of how many executions failed, by day, flow and sort of trouble."""

from __future__ import annotations

from datetime import date

from penstock.engine.domain import limits, page
from penstock.engine.domain.classify import OF_CLASS
from penstock.engine.domain.errors import InvalidArgument
from penstock.engine.domain.failure import FailureClass
from penstock.engine.rpc import requests
from penstock.engine.storage.postgres.failure_counts import FailureCounts
from penstock.wire.gen.failure_count_pb2 import FailureCount, ListFailureCountsRequest, ListFailureCountsResponse

_DAY_US = 24 * 3600 * 1_000_000
_DAYS_DEFAULT = 7
_DAYS_MAX = 366
_FIRST = (None, "", 0)


async def failure_counts_page(
    counts: FailureCounts, request: ListFailureCountsRequest, account: str, now_us: int
) -> ListFailureCountsResponse:
    """Raises InvalidArgument and PageTokenError."""
    size = requests.page_size(request, limits.PAGE_SIZE_MAX)
    if not 0 <= request.days <= _DAYS_MAX:
        raise InvalidArgument(f"days: expected 1 to {_DAYS_MAX}, got {request.days}", field="days")
    if "\0" in request.flow:
        raise InvalidArgument("flow: expected the name of a flow, got one with NUL", field="flow")
    binding = f"failures|{account}|{request.flow}|{request.days}"
    after = _place(request.page_token, binding) if request.page_token else _FIRST
    first_us = now_us - now_us % _DAY_US - ((request.days or _DAYS_DEFAULT) - 1) * _DAY_US
    found = await counts.page(account, request.flow, first_us, after, size + 1)
    last = found[size - 1] if len(found) > size else None
    return ListFailureCountsResponse(
        counts=[
            FailureCount(
                date=each.day.isoformat(),
                flow=each.flow,
                classification=OF_CLASS[FailureClass(each.failure_class)].name,
                count=each.failed_count,
            )
            for each in found[:size]
        ],
        next_page_token=page.encode(f"{last.day} {last.flow} {last.failure_class}", binding) if last else "",
    )


def _place(token: str, binding: str) -> tuple[date, str, int]:
    try:
        day, flow, failure_class = page.decode(token, binding).split(" ")
        return date.fromisoformat(day), flow, int(failure_class)
    except ValueError:
        raise page.PageTokenError("expected the next_page_token of the answer before, got another text") from None
