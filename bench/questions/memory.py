"""What an execution that waits takes of the server's memory: for a person, inside a node, or for a place."""

from __future__ import annotations

import time

import psycopg

from bench.bed import Bed, Server
from bench.crowd import begin_many
from bench.processes import pss_bytes
from bench.report import Section, rounded
from penstock.engine.domain.limits import RUNNING_MAX

COUNT = 10_000
_WARM_COUNT = 1_000
_QUIET_S = 30.0


def ask(bed: Bed) -> Section:
    with bed.server(bed.database("memory"), name="memory") as server:
        try:
            begin_many(server.http_url, server.key, "w1", _WARM_COUNT)
            idle = _settled(server, 0, paused_count=0)
            begin_many(server.http_url, server.key, "asked", COUNT)
            paused = _settled(server, 0, paused_count=COUNT)
            begin_many(server.http_url, server.key, "wait", RUNNING_MAX)
            running = _settled(server, RUNNING_MAX)
            begin_many(server.http_url, server.key, "wait", COUNT)
            queued = _settled(server, RUNNING_MAX + COUNT)
        finally:
            # It would give the waiting nodes ten seconds to end.
            server.process.kill()
    return Section(
        "Memory",
        f"Pss of the server: idle after {_WARM_COUNT:,} executions, then with {COUNT:,} that are paused, then with"
        f" {RUNNING_MAX:,} more in flight, each inside a node that waits, then with {COUNT:,} more that are queued."
        " Nobody waits for them. One measurement.",
        ("executions", "count", "server, MB", "KB each"),
        [
            ("none", "0", _megabytes(idle), ""),
            ("paused", f"{COUNT:,}", _megabytes(paused), rounded((paused - idle) / COUNT / 1e3)),
            ("inside a node", f"{RUNNING_MAX:,}", _megabytes(running), rounded((running - paused) / RUNNING_MAX / 1e3)),
            ("queued", f"{COUNT:,}", _megabytes(queued), rounded((queued - running) / COUNT / 1e3)),
        ],
    )


def _settled(server: Server, live_count: int, paused_count: int = COUNT) -> int:
    """Pss once that many executions are live and paused, and each that runs has its start on record."""
    deadline = time.monotonic() + _QUIET_S
    with psycopg.connect(server.database_url, autocommit=True) as connection:
        expected = (live_count, min(live_count, RUNNING_MAX), paused_count)
        while _live(connection) != expected:
            assert time.monotonic() < deadline, f"{live_count} executions are not live: {_live(connection)}"
            time.sleep(0.1)
    return pss_bytes(server.pid)


def _live(connection: psycopg.Connection[tuple[int, ...]]) -> tuple[int, ...]:
    row = connection.execute(
        """select count(*), count(*) filter (where exists (
             select 1 from events v where v.execution_id = e.execution_id and v.type = 7)),
             (select count(*) from executions where status = 7)
           from executions e where status in (1, 2)"""
    ).fetchone()
    assert row is not None
    return row


def _megabytes(size: int) -> str:
    return rounded(size / 1e6)
