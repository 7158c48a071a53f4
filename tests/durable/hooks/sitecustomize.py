"""Crashes and hurries a server for a test, without a line in the product: Python imports this when it starts.

PENSTOCK_TEST_CRASH_AFTER=N   SIGKILL right after the N-th journal commit from the first acceptance on, that one
                              included. What was left behind by an earlier process does not count.
PENSTOCK_TEST_LEASE_LIFE_S    life of the lease; it is renewed four times as often
PENSTOCK_TEST_DRAIN_S         how long running executions may take to end after SIGTERM
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from typing import Any


def crash_after(text: str) -> None:
    from penstock.engine.storage.journal import Entry
    from penstock.engine.storage.postgres.group_writer import PostgresGroupWriter
    from penstock.engine.storage.records import Lease

    count = int(text)
    write = PostgresGroupWriter.write
    accepted: set[bytes] = set()
    committed_count = 0

    async def write_and_crash(
        self: PostgresGroupWriter, entries: Sequence[Entry], lease: Lease, *, again: bool = False
    ) -> None:
        nonlocal committed_count
        accepted.update(entry.execution_id for entry in entries if entry.acceptance is not None)
        await write(self, entries, lease, again=again)
        committed_count += any(entry.execution_id in accepted for entry in entries)
        if committed_count == count:
            os.kill(os.getpid(), signal.SIGKILL)

    setattr(PostgresGroupWriter, "write", write_and_crash)  # noqa: B010


def hurry(lease_life_s: str) -> None:
    from penstock.engine.runtime import keeper

    keeper.LEASE_LIFE_S = float(lease_life_s)
    keeper.RENEW_EVERY_S = float(lease_life_s) / 4


def drain_for(drain_s: str) -> None:
    from penstock.engine.app.settings import Settings

    make: Any = Settings.__init__
    make.__defaults__ = (float(drain_s),)


# Not in the programs that the server itself starts.
if "penstock.cli" in sys.orig_argv:
    for variable, do in (
        ("PENSTOCK_TEST_CRASH_AFTER", crash_after),
        ("PENSTOCK_TEST_LEASE_LIFE_S", hurry),
        ("PENSTOCK_TEST_DRAIN_S", drain_for),
    ):
        if value := os.environ.get(variable):
            do(value)
