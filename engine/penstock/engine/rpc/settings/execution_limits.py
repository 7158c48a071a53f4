"""What a limit of executions says, as requests and answers have it."""

from __future__ import annotations

from penstock.engine.domain import limits
from penstock.engine.domain.errors import InvalidArgument
from penstock.engine.domain.execution_limit import ExecutionLimit, WhenFull
from penstock.engine.rpc.messages import timestamp
from penstock.engine.storage.postgres.execution_limits import LimitRow
from penstock.wire.gen import limit_pb2
from penstock.wire.gen.limit_service_pb2 import PutExecutionLimitRequest

_KINDS = tuple(WhenFull)


def read_limit(request: PutExecutionLimitRequest, flow: str) -> ExecutionLimit:
    """Raises InvalidArgument naming the first thing that is wrong."""
    running, most = request.running_max, limits.LIMITED_RUNNING_MAX
    if not 1 <= running <= most:
        raise InvalidArgument(f"running_max: expected 1 to {most:,}, got {running:,}", field="running_max")
    kind = request.when_full or int(WhenFull.QUEUE)
    if kind not in _KINDS:
        names = ", ".join(each.name for each in _KINDS)
        raise InvalidArgument(f"when_full: expected one of {names}, got {kind}", field="when_full")
    if kind != WhenFull.QUEUE:
        if request.queued_max:
            raise InvalidArgument(
                f"queued_max: expected it only with QUEUE, got it with {WhenFull(kind).name}", field="queued_max"
            )
        return ExecutionLimit(flow, running, 0, WhenFull(kind))
    queued = request.queued_max if request.HasField("queued_max") else limits.LIMITED_QUEUED_DEFAULT
    if not 0 <= queued <= limits.LIMITED_QUEUED_MAX:
        raise InvalidArgument(
            f"queued_max: expected 0 to {limits.LIMITED_QUEUED_MAX:,}, got {queued:,}", field="queued_max"
        )
    return ExecutionLimit(flow, running, queued, WhenFull.QUEUE)


def limit_message(row: LimitRow) -> limit_pb2.ExecutionLimit:
    limit = row.limit
    return limit_pb2.ExecutionLimit(
        flow=limit.flow or "-",
        running_max=limit.running_max,
        queued_max=limit.queued_max,
        when_full=limit.when_full.name,
        update_time=timestamp(row.update_us),
        set_by=row.set_by,
    )
