"""Crashes and hurries a server for a test, without a line in the product: Python imports this when it starts.

PENSTOCK_TEST_CRASH_AFTER=N   SIGKILL right after the N-th journal commit from the first acceptance on, that one
                              included. What was left behind by an earlier process does not count.
PENSTOCK_TEST_CRASH_AFTER_ACTS=N,M
                              SIGKILL when M bulk operations have done N acts each; none does more before
PENSTOCK_TEST_FREEZE          file that gets the id of each execution that froze: for it the process is as good as dead
                              from the commit on that its label freeze_after says. Its children freeze with it
PENSTOCK_TEST_FREEZE_RESUMED  the commit from which on executions of an earlier process freeze; 0 for none
PENSTOCK_TEST_LEASE_LIFE_S    life of the lease; it is renewed four times as often
PENSTOCK_TEST_DRAIN_S         how long running executions may take to end after SIGTERM
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any


def crash_after(text: str) -> None:
    from penstock.engine.storage.journal import Entry
    from penstock.engine.storage.postgres.executions import Executions
    from penstock.engine.storage.postgres.group_writer import PostgresGroupWriter
    from penstock.engine.storage.records import Acceptance, Lease

    count = int(text)
    write, accept_once = PostgresGroupWriter.write, Executions.accept_once
    accepted: set[bytes] = set()
    committed_count = 0

    async def write_and_crash(
        self: PostgresGroupWriter, entries: Sequence[Entry], lease: Lease, *, again: bool = False
    ) -> None:
        nonlocal committed_count
        for entry in entries:
            parent = None if entry.acceptance is None else entry.acceptance.parent
            if entry.acceptance is not None and (parent is None or parent.execution_id in accepted):
                accepted.add(entry.execution_id)
        await write(self, entries, lease, again=again)
        committed_count += any(entry.execution_id in accepted for entry in entries)
        if committed_count == count:
            os.kill(os.getpid(), signal.SIGKILL)

    async def accept_once_and_crash(self: Executions, acceptance: Acceptance, *arguments: Any) -> Any:
        nonlocal committed_count
        known = await accept_once(self, acceptance, *arguments)
        if known is None:
            accepted.add(acceptance.execution_id)
            committed_count += 1
            if committed_count == count:
                os.kill(os.getpid(), signal.SIGKILL)
        return known

    setattr(PostgresGroupWriter, "write", write_and_crash)  # noqa: B010
    setattr(Executions, "accept_once", accept_once_and_crash)  # noqa: B010


def crash_after_acts(text: str) -> None:
    from penstock.engine.rpc.acts.bulk_acts import BulkActs

    acts_each, operations = map(int, text.split(","))
    act = BulkActs.act
    begun: Counter[str] = Counter()
    done: Counter[str] = Counter()

    async def act_and_crash(self: BulkActs, bulk: Any, *arguments: Any) -> Any:
        begun[bulk.operation_id] += 1
        if begun[bulk.operation_id] > acts_each:
            await asyncio.Event().wait()
        found = await act(self, bulk, *arguments)
        done[bulk.operation_id] += 1
        if list(done.values()) == [acts_each] * operations:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    setattr(BulkActs, "act", act_and_crash)  # noqa: B010


def freeze(path: str) -> None:
    """Acts as if the process had died right after a commit, for one execution and those that it began."""
    from penstock.engine.storage.journal import Committed, Journal
    from penstock.engine.storage.records import Acceptance

    commit = Journal.commit
    frozen = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    roots: dict[bytes, bytes] = {}
    counts: dict[bytes, int] = {}
    points: dict[bytes, int] = {}
    resumed = int(os.environ.get("PENSTOCK_TEST_FREEZE_RESUMED", "0"))

    def commit_or_freeze(
        self: Journal,
        execution_id: bytes,
        events: Sequence[Any],
        committed: Committed | None = None,
        acceptance: Acceptance | None = None,
        *rest: Any,
        **more: Any,
    ) -> None:
        if acceptance is not None and acceptance.parent is not None:
            above = acceptance.parent.execution_id
            roots[execution_id] = roots.get(above, above)
        elif acceptance is not None:
            points[execution_id] = int(json.loads(acceptance.labels).get("freeze_after", 0))
        root = roots.setdefault(execution_id, execution_id)
        count = counts[root] = counts.get(root, 0) + 1
        point = points.setdefault(root, resumed)
        if not point or count < point:
            commit(self, execution_id, events, committed, acceptance, *rest, **more)
        elif count == point:
            commit(self, execution_id, events, lambda error: note(root), acceptance, *rest, **more)

    def note(root: bytes) -> None:
        os.write(frozen, f"{root.hex()}\n".encode())

    setattr(Journal, "commit", commit_or_freeze)  # noqa: B010


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
        ("PENSTOCK_TEST_CRASH_AFTER_ACTS", crash_after_acts),
        ("PENSTOCK_TEST_FREEZE", freeze),
        ("PENSTOCK_TEST_LEASE_LIFE_S", hurry),
        ("PENSTOCK_TEST_DRAIN_S", drain_for),
    ):
        if value := os.environ.get(variable):
            do(value)
