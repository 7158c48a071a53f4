"""How long a page of a list of a million executions takes."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import psycopg

from bench.bed import Bed, Server
from bench.crowd import EXECUTIONS, GIVEN, INVOKE, Caller, begin_many
from bench.history_data import fill, settle
from bench.processes import line, process
from bench.report import Section, rounded

COUNT = 1_000_000
RARE_COUNT = 40
LIVE_COUNT = 1_000
SPAN_DAYS = 28
"""What is kept for 30 days, as it is unless somebody says otherwise, must not begin to go meanwhile."""
CALLS = 200
_NODES = f"{EXECUTIONS}/-/nodes"
_CALLS_S_MAX = 4.0
"""A list that is slow is not asked for two hundred times."""

SLOTS = ("w1",) * 60 + ("found",) * 10 + ("w3",) * 26 + ("fail",) * 3 + ("cancelled",)
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
    ("flow = fail AND status = FAILED", 'flow = "fail" AND status = FAILED'),
    ("error.code, a thirtieth", "error.code = NODE_RAISED"),
    ("error.code, none has it", "error.code = NOTHING"),
    ("error.node AND error.class", "error.node = n0 AND error.class = LOGIC"),
    ("labels, a tenth", "labels.team = blue"),
    ("labels, none has it", "labels.team = green"),
    ("input.s, one of 20,000 values", 'input.s = "s77"'),
    ("input.s begins with", 'input.s = "s7*"'),
    ("output.n > 10, nearly all", "output.n > 10"),
    ("output.n > 19,990, few", "output.n > 19990"),
    ("input.n = 77 AND status = FAILED, none is", "input.n = 77 AND status = FAILED"),
    ("create_time, an hour long ago", "{hour}"),
    ("duration > 10 s, the queued and the running", "duration > 10s"),
    ("parent_execution_id, none has it", "parent_execution_id = 019a0000000070008000000000000000"),
    ("alias = live", "alias = live AND flow = w3"),
    ("node.waiting, none does", "node.waiting = n0"),
    ("node.ran = n2, a quarter", "node.ran = n2"),
)
ORDERS = (
    ("by duration, flow = W20", 'flow = "w20"', "duration desc"),
    ("by complete_time, input.n = 77", "input.n = 77", "complete_time desc"),
    ("by complete_time, all", "", "complete_time desc"),
    ("by duration, an hour long ago", "{hour}", "duration desc"),
)
NODES = (
    ("nodes, no filter", ""),
    ("nodes, status = FAILED", "status = FAILED"),
    ("nodes, node = n19, of the 40 oldest", "node = n19"),
)
VALUES = 20_000
"""Different values of each searchable field."""
# What a searchable field has in each copy: the copies of a history have none of their own.
_SEARCHED = f"""insert into search_values (execution_id, path, account, text_value, number_value)
select execution_id, path, account, case path when 'input.s' then 's' || n end, case when path <> 'input.s' then n end
from (select execution_id, account, row_number() over (order by execution_id) % {VALUES} as n
      from executions where flow = 'found') e, unnest(array['input.n', 'input.s', 'output.n']) path
on conflict do nothing"""
# The oldest executions of a flow become those of an account that has no others.
_GIVEN_AWAY = """update executions set account = %s where execution_id in (
  select execution_id from executions where flow = 'w1' order by execution_id limit %s)"""
_OTHER = "few"


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
            rows += [_row(name, pages(caller, text, CALLS, order_by=order_by)) for name, text, order_by in ORDERS]
            rows += [_row(name, pages(caller, text, CALLS, path=_NODES, member="nodes")) for name, text in NODES]
            rows.append(_row("no filter, with total_size", pages(caller, "", CALLS, with_total_size="true")))
            caller.close()
            other = _other(server)
            rows.append(_row(f"no filter, of who has the {RARE_COUNT} oldest", pages(other, "", CALLS)))
            rows.append(_row("the same with total_size", pages(other, "", CALLS, with_total_size="true")))
            other.close()
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
    found = {"flow": "found", "input": GIVEN, "wait": True, "labels": {"team": "blue"}}
    ran["found"] = caller.request("POST", INVOKE, found)["execution_id"]
    cancelled = caller.request("POST", INVOKE, {"flow": "wait", "input": GIVEN})["execution_id"]
    caller.request("DELETE", f"/invocations/v1/flows/{cancelled}?reason=enough")
    caller.close()
    ran["cancelled"] = cancelled
    now_us = time.time_ns() // 1000
    day_us = 86_400 * 1_000_000
    from_us = now_us - SPAN_DAYS * day_us
    fill(server.database_url, [ran["w20"]], 0, RARE_COUNT, from_us - day_us, from_us)
    fill(server.database_url, [ran[slot] for slot in SLOTS], RARE_COUNT, count - RARE_COUNT, from_us, now_us - day_us)
    with psycopg.connect(server.database_url) as connection:
        connection.execute(_SEARCHED.encode())
    print(f"{count:,} executions of history made in {time.perf_counter() - begin:.1f} s", file=sys.stderr)


def _other(server: Server) -> Caller:
    """Somebody who has few executions, older than nearly all that others have."""
    places = ("--data-dir", str(server.folder), "--database-url", server.database_url)
    with process(sys.executable, "-m", "penstock.cli", "accounts", "create", _OTHER, *places) as child:
        key = line(child).strip()
    with psycopg.connect(server.database_url) as connection:
        connection.execute(_GIVEN_AWAY, (_OTHER, RARE_COUNT))
    return Caller(server.http_url, key)


def pages(
    caller: Caller,
    text: str,
    calls: int,
    page: int = 1,
    path: str = EXECUTIONS,
    member: str = "executions",
    **others: str,
) -> Found:
    """Asks for the first page, or the second, of what a filter lets through."""
    arguments = {name: value for name, value in {"filter": text.format(hour=_hour()), **others}.items() if value}
    if page == 2:
        arguments["page_token"] = caller.get(f"{path}?{urlencode(arguments)}")["next_page_token"]
    path = f"{path}?{urlencode(arguments)}"
    latencies: list[float] = []
    size = 0
    while len(latencies) < calls and sum(latencies) < _CALLS_S_MAX:
        begin = time.perf_counter()
        answer = caller.get(path)
        latencies.append(time.perf_counter() - begin)
        size = len(answer[member])
    latencies.sort()
    p50, p99 = (latencies[int(len(latencies) * part)] * 1e3 for part in (0.5, 0.99))
    return Found(len(latencies), p50, p99, size)


def _hour() -> str:
    """An hour in the middle of the history."""
    begin = datetime.now(UTC).replace(microsecond=0) - timedelta(days=SPAN_DAYS / 2)
    times = [(begin + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ") for hours in (0, 1)]
    return f"create_time >= {times[0]} AND create_time < {times[1]}"


def _row(name: str, found: Found) -> tuple[str, ...]:
    return (name, str(found.size), str(found.calls), rounded(found.p50_ms), rounded(found.p99_ms))
