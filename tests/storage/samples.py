"""Executions and events as tests of the store write them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from penstock.engine.domain.artifact import Mode
from penstock.engine.domain.event import Event, EventType
from penstock.engine.domain.states import ExecutionStatus
from penstock.engine.storage.journal import Entry
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.records import Acceptance, ExecutionRow
from penstock.engine.storage.sealing import Sealer

NOW_US = 1_700_000_000_123_457
"""Odd in its last digit: a time that went through a float would show."""


def key(number: int) -> bytes:
    """The execution id of a number, as the journal takes it."""
    return UUID(int=0x0190_0000_0000_7000_8000_0000_0000_0000 + number).bytes


def acceptance(number: int) -> Acceptance:
    return Acceptance(
        execution_id=key(number),
        account="default",
        flow="orders",
        graph_id="01J00000000000000000000000",
        version=3,
        mode=Mode.UNARY,
        labels='{"customer": "Zoë"}'.encode(),
        input=b"\x00\xff input",
    )


ACCEPTED = Event(1, EventType.EXECUTION_ACCEPTED, NOW_US)
STARTED = Event(2, EventType.EXECUTION_STARTED, NOW_US + 1)


def accepted(number: int, *, is_queued: bool = False) -> Entry:
    """The entry that accepts an execution, which runs at once unless it is queued."""
    return Entry(key(number), (ACCEPTED,) if is_queued else (ACCEPTED, STARTED), acceptance(number), None)


def row(number: int, lease_id: UUID) -> ExecutionRow:
    """What `accepted` makes of an execution."""
    return ExecutionRow(
        execution_id=key(number).hex(),
        account="default",
        flow="orders",
        graph_id="01J00000000000000000000000",
        version=3,
        mode=Mode.UNARY,
        status=ExecutionStatus.RUNNING,
        lease_id=lease_id,
        create_us=NOW_US,
        start_us=NOW_US + 1,
        complete_us=None,
        last_sequence=2,
        attempt_count=0,
        failure=None,
        cancel_reason=None,
        labels={"customer": "Zoë"},
    )


def succeeded(sequence: int) -> Event:
    """A checkpoint whose start is implied."""
    return Event(
        sequence, EventType.NODE_SUCCEEDED, NOW_US + sequence, 0, 1, NOW_US + sequence - 1, b"output %d" % sequence, 0
    )


@asynccontextmanager
async def opened(url: str, sealer: Sealer | None = None) -> AsyncIterator[Database]:
    database = Database(url, sealer)
    await database.open()
    try:
        yield database
    finally:
        await database.close()
