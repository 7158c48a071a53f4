"""Which frames count, as the database tells it: after rollbacks, up to any sequence."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

from penstock.engine.domain.event import EventType
from penstock.engine.storage.postgres.executions import Executions
from tests.databases import migrated_database
from tests.storage.samples import opened

EXECUTION = UUID(int=7).hex
FRAME, BACK, STARTED = EventType.FRAME_EMITTED, EventType.FRAMES_ROLLED_BACK, EventType.NODE_STARTED
LOG = [
    (3, STARTED, -1),
    (4, FRAME, 0),
    (5, FRAME, 1),
    (6, FRAME, 2),
    (7, BACK, 1),
    (8, STARTED, -1),
    (9, FRAME, 1),
    (10, BACK, 0),
    (11, FRAME, 0),
]
"""Sequence, type and index."""
_INSERT = """insert into events (execution_id, sequence, type, node, attempt, branch, frame_index, event_time, payload)
values (%s, %s, %s, 0, 0, -1, %s, now(), %s)"""


@pytest.fixture
def executions(postgres_url: str) -> Iterator[str]:
    with migrated_database(postgres_url) as url:
        yield url


async def test_frames_that_were_rolled_back_do_not_count(executions: str) -> None:
    async with opened(executions) as store:
        for sequence, kind, index in LOG:
            payload = b"%d" % sequence if kind is FRAME else None
            await store.execute(_INSERT, (UUID(EXECUTION), sequence, int(kind), index, payload))
        reads = Executions(store)
        counts = [await reads.frames_up_to(EXECUTION, sequence, None) for sequence, *_ in LOG]
        newest = [await reads.frame(EXECUTION, index) for index in range(4)]
    assert counts == [0, 1, 2, 3, 1, 1, 2, 0, 1]
    assert newest == [b"11", b"9", b"6", None]
