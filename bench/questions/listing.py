"""How long a page of a list of a million executions takes."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from urllib.parse import urlencode

from bench.bed import Bed, Server
from bench.crowd import EXECUTIONS, GIVEN, INVOKE, Caller, begin_many
from bench.history_data import fill, settle
from bench.report import Section, rounded

COUNT = 1_000_000
RARE_COUNT = 40
LIVE_COUNT = 1_000
SPAN_DAYS = 30
CALLS = 200
_CALLS_S_MAX = 4.0
"""A list that is slow is not asked for two hundred times."""

SLOTS = ("w1",) * 70 + ("w3",) * 26 + ("fail",) * 3 + ("cancelled",)
"""What a hundred executions of the history are."""

FILTERS = (
    ("no filter", ""),
    ("status = COMPLETED", "status = COMPLETED"),
    ("status = FAILED", "status = FAILED"),
    ("status = RUNNING", "status = RUNNING"),
    ("status = QUEUED, none is", "status = QUEUED"),
    ("flow = W3, a quarter", 'flow = "w3"'),
    (f"flow = W20, the {RARE_COUNT} oldest", 'flow = "w20"'),
    ("flow = W1 AND status = FAILED, none is", 'flow = "w1" AND status = FAILED'),
)


@dataclass(frozen=True, slots=True)
class Found:
    calls: int
    p50_ms: float
    p99_ms: float
    size: int
    """Items of the page."""


def ask(bed: Bed) -> Section:
    with bed.server(bed.database("listing"), name="listing") as server:
        try:
            make_history(server, COUNT)
            begin_many(server.http_url, server.key, "wait", LIVE_COUNT)
            settle(server.database_url)
            caller = Caller(server.http_url, server.key)
            rows = [_row(name, pages(caller, text, CALLS)) for name, text in FILTERS]
            rows.insert(1, _row("no filter, second page", pages(caller, "", CALLS, page=2)))
            caller.close()
        finally:
            # It would give the waiting nodes ten seconds to end.
            server.process.kill()
    return Section(
        "Lists",
        f"One page of 50 of {COUNT:,} executions over HTTP, of which {LIVE_COUNT:,} are in flight; one caller, newest"
        f" first. Up to {CALLS} calls each, fewer where they would take over {_CALLS_S_MAX:g} s.",
        ("list", "items", "calls", "p50 ms", "p99 ms"),
        rows,
    )


def make_history(server: Server, count: int) -> None:
    """`count` executions as SLOTS says, and before them a few of another flow."""
    begin = time.perf_counter()
    caller = Caller(server.http_url, server.key)
    ran = {flow: caller.invoke(flow)["execution_id"] for flow in ("w1", "w3", "w20", "fail")}
    cancelled = caller.request("POST", INVOKE, {"flow": "wait", "input": GIVEN})["execution_id"]
    caller.request("DELETE", f"/invocations/v1/flows/{cancelled}?reason=enough")
    caller.close()
    ran["cancelled"] = cancelled
    now_us = time.time_ns() // 1000
    day_us = 86_400 * 1_000_000
    from_us = now_us - SPAN_DAYS * day_us
    fill(server.database_url, [ran["w20"]], 0, RARE_COUNT, from_us - day_us, from_us)
    fill(server.database_url, [ran[slot] for slot in SLOTS], RARE_COUNT, count - RARE_COUNT, from_us, now_us - day_us)
    print(f"{count:,} executions of history made in {time.perf_counter() - begin:.1f} s", file=sys.stderr)


def pages(caller: Caller, text: str, calls: int, page: int = 1) -> Found:
    """Asks for the first page, or the second, of executions that a filter lets through."""
    arguments = {"filter": text} if text else {}
    if page == 2:
        arguments["page_token"] = caller.get(f"{EXECUTIONS}?{urlencode(arguments)}")["next_page_token"]
    path = f"{EXECUTIONS}?{urlencode(arguments)}"
    latencies: list[float] = []
    size = 0
    while len(latencies) < calls and sum(latencies) < _CALLS_S_MAX:
        begin = time.perf_counter()
        answer = caller.get(path)
        latencies.append(time.perf_counter() - begin)
        size = len(answer["executions"])
    latencies.sort()
    p50, p99 = (latencies[int(len(latencies) * part)] * 1e3 for part in (0.5, 0.99))
    return Found(len(latencies), p50, p99, size)


def _row(name: str, found: Found) -> tuple[str, ...]:
    return (name, str(found.size), str(found.calls), rounded(found.p50_ms), rounded(found.p99_ms))
