"""What millions of stored events cost an execution."""

from __future__ import annotations

import sys
import time

from bench.bed import Bed, Server
from bench.crowd import Caller
from bench.history_data import fill, settle
from bench.processes import cpu_seconds
from bench.report import Section, middle, middle_ratio, rounded

EVENT_COUNT = 5_000_000
EVENTS_EACH = 20
SPAN_DAYS = 30
FLOWS = ("w3", "w20")
CALLERS = 64
TURNS = 3
"""Short turns, many of them: a machine that slows down for a second slows down both."""
_WARM_S = 0.5


def ask(bed: Bed) -> Section:
    found: dict[tuple[str, str], list[dict[str, float]]] = {}
    with (
        bed.server(bed.database("empty"), name="empty") as empty,
        bed.server(bed.database("old"), name="old") as old,
    ):
        taken_s = _give_history(old)
        for server in (empty, old):
            for flow in FLOWS:
                _load(bed, server, flow, _WARM_S)
        for turn in range(bed.repetitions * TURNS):
            for flow in FLOWS:
                # Neither is always the first.
                pair = [("empty", empty), ("old", old)]
                for name, server in pair if turn % 2 == 0 else reversed(pair):
                    found.setdefault((flow, name), []).append(_load(bed, server, flow, bed.seconds / TURNS))
    return Section(
        "Cost of history",
        f"Executions over HTTP with {CALLERS} callers, on an empty database and on one with {EVENT_COUNT:,} events of"
        f" {EVENT_COUNT // EVENTS_EACH:,} executions, side by side and by turns. Making the history took"
        f" {rounded(taken_s)} s. CPU is that of the server and of Postgres, and tells more than the rate on a machine"
        f" that is not quiet. Medians of {bed.repetitions * TURNS} turns, of ratios too.",
        ("work", "database", "/s", "p50 ms", "p99 ms", "CPU ms each", "/s of the empty one", "CPU of the empty one"),
        [_row(flow, name, found[flow, name], found[flow, "empty"]) for flow in FLOWS for name in ("empty", "old")],
    )


def _row(flow: str, name: str, figures: list[dict[str, float]], empty: list[dict[str, float]]) -> tuple[str, ...]:
    measured = middle(figures, "per_second", "p50_ms", "p99_ms", "cpu_ms")
    if figures is empty:
        return (flow, name, *measured, "", "")
    return (flow, name, *measured, middle_ratio(figures, empty), middle_ratio(figures, empty, "cpu_ms"))


def _give_history(server: Server) -> float:
    """Seconds that it took."""
    begin = time.perf_counter()
    caller = Caller(server.http_url, server.key)
    template = caller.invoke("w20")["execution_id"]
    caller.close()
    until_us = time.time_ns() // 1000 - 1_000_000
    from_us = until_us - SPAN_DAYS * 86_400 * 1_000_000
    fill(server.database_url, [template], 0, EVENT_COUNT // EVENTS_EACH, from_us, until_us)
    settle(server.database_url)
    taken_s = time.perf_counter() - begin
    print(f"{EVENT_COUNT:,} events of history made in {taken_s:.1f} s", file=sys.stderr)
    return taken_s


def _load(bed: Bed, server: Server, flow: str, seconds: float) -> dict[str, float]:
    job = {"face": "http", "flow": flow, "callers": CALLERS, "url": server.http_url, "key": server.key}
    before = _cpu_s(bed, server)
    figures = bed.load.run({**job, "seconds": seconds})
    return {**figures, "cpu_ms": (_cpu_s(bed, server) - before) / figures["count"] * 1e3}


def _cpu_s(bed: Bed, server: Server) -> float:
    return cpu_seconds(server.pid) + cpu_seconds(bed.postgres_pid, children=True)
