"""How long after kill -9 executions go on, and when all of them have ended right."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.aftermath import Marks, Tally, live_count, marks, tally
from bench.bed import Bed
from bench.crowd import Caller, begin_many
from bench.history_data import fill, settle
from bench.own_server import OwnServer, own_server
from bench.report import Section, rounded

REPETITIONS_MAX = 3
HISTORY_COUNT = 100_000
PEERS = ("restate", "dbos")
_WARM_COUNT = 500
_DONE_S = 60.0
_LOOK_EVERY_S = 0.02


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    count: int
    history_count: int
    kill: Callable[[OwnServer], None]


CASES = (
    Case("server", 1_000, 0, OwnServer.kill),
    Case("server and Postgres", 1_000, 0, OwnServer.kill_everything),
    Case("server", 100, 0, OwnServer.kill),
    Case("server and Postgres", 100, 0, OwnServer.kill_everything),
    Case("server and Postgres", 100, HISTORY_COUNT, OwnServer.kill_everything),
)


def ask(bed: Bed) -> Section:
    repetitions = min(bed.repetitions, REPETITIONS_MAX)
    rows = [_row(case, recoveries(bed.folder / "kill", case, repetitions)) for case in CASES]
    if bed.with_peers:
        rows += [_peer_row(bed, name, repetitions) for name in PEERS]
    return Section(
        "kill -9",
        "Executions of 20 nodes of 5 ms are begun and the server is killed as soon as the last one is acknowledged,"
        " alone or at one moment with all processes of its Postgres. Seconds from the start of the new process: to a"
        " database that is ready and a lease in it, to the first execution that is taken over, to the first node that"
        " completes, to the end of all. Every execution ends, with the right output and each node completed once: else"
        f" the bench fails. Medians of {repetitions}.",
        ("killed", "executions", "in flight", "stored before", "lease", "first taken over", "first node", "all ended"),
        rows,
    )


def recoveries(folder: Path, case: Case, repetitions: int) -> list[Marks]:
    """Of one server, killed again and again. Raises AssertionError when an execution is lost or ends wrong."""
    with own_server(folder) as server:
        server.start()
        _prepare(server, case.history_count)
        found = [_recovery(server, case) for _ in range(repetitions)]
    shutil.rmtree(folder)
    return found


def _recovery(server: OwnServer, case: Case) -> Marks:
    begun = begin_many(server.http_url, server.key, "slow20", case.count)
    case.kill(server)
    restart = time.time()
    server.start()
    _await_end(server)
    found = tally(server.database_url, begun)
    assert found == Tally(case.count, [], [], []), found
    return marks(server.database_url, begun, restart)


def _prepare(server: OwnServer, history_count: int) -> None:
    """Some work before, as in every server that has run for a while, and a history."""
    caller = Caller(server.http_url, server.key)
    template = caller.invoke("w20")["execution_id"]
    caller.close()
    begin_many(server.http_url, server.key, "w1", _WARM_COUNT)
    if history_count:
        until_us = time.time_ns() // 1000 - 1_000_000
        fill(server.database_url, [template], 0, history_count, until_us - 86_400_000_000, until_us)
        settle(server.database_url)


def _await_end(server: OwnServer) -> None:
    deadline = time.monotonic() + _DONE_S
    while count := live_count(server.database_url):
        assert time.monotonic() < deadline, f"{count} executions have not ended {_DONE_S:g} s after the restart"
        time.sleep(_LOOK_EVERY_S)


def _row(case: Case, found: list[Marks]) -> tuple[str, ...]:
    names = ("lease", "first_taken_over", "first_node", "end")
    times = (rounded(median(getattr(one, name) for one in found)) for name in names)
    in_flight = f"{median(one.in_flight for one in found):,.0f}"
    return (case.name, f"{case.count:,}", in_flight, f"{case.history_count:,}", *times)


def _peer_row(bed: Bed, name: str, repetitions: int) -> tuple[str, ...]:
    """Another engine, killed with every process of its own; a Postgres that it uses runs on."""
    from bench.peers import kill  # what it needs is installed only for --peers

    database = f"kill_{name}"
    found = [kill.recover(name, bed.folder / database, bed.database(database)) for _ in range(repetitions)]
    in_flight, seconds = (median(getattr(one, part) for one in found) for part in ("in_flight", "seconds"))
    return (f"{name}, its processes", f"{kill.COUNT:,}", f"{in_flight:,.0f}", "0", "", "", "", rounded(seconds))
