"""Cancels an execution that another process drives."""

from __future__ import annotations

from penstock.engine.domain.errors import Conflict, StoreUnavailable
from penstock.engine.domain.event import EventType
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.runtime.commands import ANSWER_S_MAX
from penstock.engine.runtime.news import followers
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.records import ExecutionRow
from penstock.wire.gen.event_pb2 import Event


async def cancel_elsewhere(runtime: Runtime, execution_id: str, account: str, reason: str) -> None:
    """Returns when it is cancelled, or being undone for that. Raises Conflict when it ends otherwise."""
    is_looked_at = await runtime.commands.ask(execution_id, EventType.EXECUTION_CANCELLED, Event(reason=reason))
    row = await followers.get_row(runtime, execution_id, account)
    if await _ends_as(runtime, row) is ExecutionStatus.CANCELLED:
        return
    if row.complete_us is not None:
        raise Conflict(f"the execution has ended: it is {row.status.name}", facts={"status": row.status.name})
    if row.status is ExecutionStatus.COMPENSATING:
        raise Conflict(f"the execution is {row.status.name}: it has failed already", facts={"status": row.status.name})
    if is_looked_at:
        raise StoreUnavailable("the execution was not cancelled; try again")
    holder = await runtime.leases.holder(row.lease_id)
    raise StoreUnavailable(
        f"process {holder or 'unknown'} drives the execution and has not answered within {ANSWER_S_MAX:g} s;"
        " it is cancelled as soon as that process, or the one after it, looks"
    )


async def _ends_as(runtime: Runtime, row: ExecutionRow) -> ExecutionStatus:
    """How it ended, or will once its completed nodes are undone; its status when that is open."""
    if row.status is not ExecutionStatus.COMPENSATING:
        return row.status
    log = (await runtime.executions.logs([row.execution_id]))[row.execution_id]
    undoing = next((event for event in reversed(log) if event.type is EventType.EXECUTION_COMPENSATING), None)
    if undoing is None or undoing.detail is None or undoing.detail.ends_as is None:
        return row.status
    return undoing.detail.ends_as
