"""`penstock executions timeline`: how long what took in an execution, as bars that fit the terminal."""

from __future__ import annotations

import argparse
import asyncio
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from penstock.cli.client import Client, JsonObject
from penstock.cli.human import span as length
from penstock.cli.output import print_json
from penstock.cli.runs.follow import EXECUTIONS
from penstock.cli.table import cell_count, render
from penstock.cli.target import find_target

_PAGE_SIZE = 1_000
_BAR_MIN = 10
"""Cells: a shorter bar tells nothing."""
_QUEUED, _RUNS, _WAITS, _FAILED = "·", "█", "░", "✗"


def run(args: argparse.Namespace) -> int:
    return asyncio.run(_run(args, Client(find_target())))


async def _run(args: argparse.Namespace, client: Client) -> int:
    async with client:
        timeline = await _read(client, f"{EXECUTIONS}/{args.execution_id}/timeline")
    if args.output == "json":
        print_json(timeline)
    else:
        spans = timeline["spans"]
        print(draw(spans if args.all else shown(spans), timeline["time"], shutil.get_terminal_size().columns))
    return 0


async def _read(client: Client, path: str) -> JsonObject:
    """All pages as one; the time is that of the last."""
    spans: list[JsonObject] = []
    token = ""
    while True:
        page = await client.call("GET", path, query={"page_size": _PAGE_SIZE, "page_token": token})
        spans += page["spans"]
        token = page["next_page_token"]
        if not token:
            return {"spans": spans, "time": page["time"]}


def shown(spans: Sequence[JsonObject]) -> list[JsonObject]:
    """Without items, and without the one attempt of a node, which is the node."""
    attempts = Counter(span["node"] for span in spans if span["type"] == "ATTEMPT")
    return [
        span
        for span in spans
        if span["type"] != "ITEM" and not (span["type"] == "ATTEMPT" and attempts[span["node"]] == 1)
    ]


def draw(spans: Sequence[JsonObject], now: str, width: int) -> str:
    """One line a span, those of a node under it. `now` is where open spans end."""
    spans = _by_node(spans)
    scale = _Scale.of(spans, now)
    rows = [(_name(span), scale.offset(span), length(span.get("queue_time")), scale.length(span)) for span in spans]
    table = render(("SPAN", "START", "QUEUED", "TOOK"), rows, width - _BAR_MIN - 2, flexible="SPAN").split("\n")
    left = max(map(cell_count, table))
    bars = ["", *(scale.bar(span, max(_BAR_MIN, width - left - 2)) for span in spans)]
    lines = (f"{line}{' ' * (left - cell_count(line))}  {bar}" for line, bar in zip(table, bars, strict=True))
    return "\n".join(line.rstrip() for line in lines)


@dataclass(frozen=True, slots=True)
class _Scale:
    """Times are seconds."""

    first: float
    last: float

    @classmethod
    def of(cls, spans: Sequence[JsonObject], now: str) -> _Scale:
        starts = [_at(span.get("ready_time") or span.get("start_time")) or _seconds(now) for span in spans]
        ends = [_at(span.get("end_time")) or _seconds(now) for span in spans]
        first = min(starts, default=0.0)
        return cls(first, max([*ends, first + 1e-6]))

    def offset(self, span: JsonObject) -> str:
        start = _at(span.get("start_time"))
        return "" if start is None else f"+{length(f'{max(0.0, start - self.first)}s')}"

    def length(self, span: JsonObject) -> str:
        start, end = _at(span.get("start_time")), _at(span.get("end_time"))
        if start is None:
            return ""
        return length(f"{max(0.0, (end or self.last) - start)}s") + ("" if end else " …")

    def bar(self, span: JsonObject, width: int) -> str:
        end = self._cell(_at(span.get("end_time")) or self.last, width)
        start = self._cell(_at(span.get("start_time")) or self.last, width)
        ready = min(
            start, self._cell(_at(span.get("ready_time")) or self.first, width) if "ready_time" in span else start
        )
        start = min(start, width - 1) if "start_time" in span else width
        ready = min(ready, start)
        fill = (_WAITS if span["type"] == "WAIT" else _RUNS) * max(1, end - start) if start < width else ""
        if fill and span["state"] == "FAILED":
            fill = fill[:-1] + _FAILED
        return " " * ready + _QUEUED * (start - ready) + fill

    def _cell(self, at: float, width: int) -> int:
        return round((min(max(at, self.first), self.last) - self.first) / (self.last - self.first) * width)


def _by_node(spans: Sequence[JsonObject]) -> list[JsonObject]:
    order = {node: place for place, node in enumerate(dict.fromkeys(span["node"] for span in spans))}
    return sorted(spans, key=lambda span: order[span["node"]])


def _name(span: JsonObject) -> str:
    match span["type"]:
        case "EXECUTION":
            return "execution"
        case "NODE":
            return str(span["node"])
        case "WAIT":
            return f"  waits: {span['wait']}"
        case "ITEM":
            return f"  item {span['item']}{_number(span)}"
        case "ITEMS":
            failed = f", {span['items_failed']:,} failed" if span["items_failed"] else ""
            return f"  {span['item_count']:,} items{_number(span)}{failed}"
        case _:
            what = "undo" if span.get("compensation") else "fallback" if span.get("fallback") else "attempt"
            return f"  {what} {span['attempt']}"


def _number(span: JsonObject) -> str:
    return f", attempt {span['attempt']}" if span["attempt"] > 1 else ""


def _at(time: str | None) -> float | None:
    return None if time is None else _seconds(time)


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()
