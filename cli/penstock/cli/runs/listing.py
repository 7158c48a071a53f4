"""`penstock executions list`: executions that a filter finds."""

from __future__ import annotations

import argparse
import asyncio
import sys

from penstock.cli.client import Client, JsonObject
from penstock.cli.human import failure, moment, span
from penstock.cli.output import print_json, print_table
from penstock.cli.pages import pages
from penstock.cli.runs import saved_queries
from penstock.cli.runs.follow import EXECUTIONS
from penstock.cli.target import find_target


def run(args: argparse.Namespace) -> int:
    saved = saved_queries.find(args.query) if args.query else None
    order_by = args.order_by or (saved.order_by if saved else "")
    query = {"filter": saved_queries.narrowed(args.filter, saved), "order_by": order_by}
    return asyncio.run(_run(args, query, Client(find_target())))


async def _run(args: argparse.Namespace, query: dict[str, str], client: Client) -> int:
    async with client:
        executions = await pages(client, EXECUTIONS, "executions", query, args.limit)
        total = await _total(client, query) if args.total else {}
    if args.output == "json":
        print_json({"executions": executions, **total})
        return 0
    if executions:
        _print(executions)
    else:
        print(_nothing(query), file=sys.stderr)
    if total:
        about = "" if total["total_size_exact"] else "about "
        print(f"{len(executions):,} of {about}{total['total_size']:,}", file=sys.stderr)
    return 0


def _print(executions: list[JsonObject]) -> None:
    rows = [
        (
            execution["execution_id"],
            f"{execution['flow']} v{execution['version']}",
            execution["status"],
            moment(execution.get("create_time")),
            span(execution.get("duration")),
            failure(execution["error"]) if execution.get("error") else "",
        )
        for execution in executions
    ]
    print_table(("EXECUTION", "FLOW", "STATUS", "ACCEPTED", "DURATION", "ERROR"), rows, flexible="ERROR")


def _nothing(query: dict[str, str]) -> str:
    if query["filter"]:
        return f"No execution is so: {query['filter']}"
    return "No executions yet. Start one: penstock invoke FLOW --input '{…}'"


async def _total(client: Client, query: dict[str, str]) -> JsonObject:
    """How many there are on all pages."""
    answer = await client.call("GET", EXECUTIONS, query={**query, "page_size": 1, "with_total_size": "true"})
    return {name: answer[name] for name in ("total_size", "total_size_exact")}
