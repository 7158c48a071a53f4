"""`penstock executions get, events`: looks at one execution."""

from __future__ import annotations

import argparse
import asyncio
import sys

from penstock.cli.client import Client, JsonObject
from penstock.cli.human import failure, moment, span
from penstock.cli.output import print_json, print_list, print_table
from penstock.cli.pages import pages
from penstock.cli.runs.follow import EXECUTIONS
from penstock.cli.table import one_line
from penstock.cli.target import find_target
from penstock.cli.words import event_detail, node_detail


def run(args: argparse.Namespace) -> int:
    return asyncio.run(_run(args, Client(find_target())))


async def _run(args: argparse.Namespace, client: Client) -> int:
    action = {"get": _get, "events": _events}[args.action]
    async with client:
        await action(args, client)
    return 0


async def _get(args: argparse.Namespace, client: Client) -> None:
    path = f"{EXECUTIONS}/{args.execution_id}"
    execution = await client.call("GET", path)
    if args.output == "json":
        print_json(execution)
        return
    facts = {
        "execution": execution["execution_id"],
        "flow": f"{execution['flow']} v{execution['version']} ({execution['graph_id']})",
        "status": execution["status"],
        "accepted": moment(execution.get("create_time")),
        "deadline": moment(execution.get("deadline_time")),
        "ended": moment(execution.get("complete_time")),
        "duration": span(execution.get("duration")),
        "labels": ", ".join(f"{key}={value}" for key, value in sorted(execution.get("labels", {}).items())),
        "config": execution.get("config_id", ""),
        "parent": _parent(execution),
        "made from": _source(execution),
        "cancelled for": execution.get("cancel_reason", ""),
        "error": failure(execution["error"]) if execution.get("error") else "",
    }
    for name, value in facts.items():
        if value:
            print(f"{name + ':':<15}{one_line(value)}")
    nodes = (await client.call("GET", f"{path}/nodes"))["nodes"]
    print()
    print_table(
        ("NODE", "STATUS", "USES", "ATTEMPTS", "DURATION", "DETAIL"),
        [
            (n["node"], n["status"], n["use"], str(n["attempt_count"]), span(n.get("duration")), node_detail(n))
            for n in nodes
        ],
        flexible="DETAIL",
    )
    if trace := (execution.get("error") or {}).get("traceback"):
        print()
        print("\n".join(map(one_line, trace.rstrip().split("\n"))))


async def _events(args: argparse.Namespace, client: Client) -> None:
    path = f"{EXECUTIONS}/{args.execution_id}/events"
    query = {"after_sequence": args.after, "node": args.node}
    events = await pages(client, path, "events", query, sys.maxsize)
    if args.output == "json":
        print_json({"events": events})
        return
    rows = [
        (str(event["sequence"]), moment(event["time"]), event["type"], event.get("node", ""), event_detail(event))
        for event in events
    ]
    empty = f"No such events yet. To wait for them: penstock executions watch {args.execution_id}"
    print_list(("SEQUENCE", "TIME", "TYPE", "NODE", "DETAIL"), rows, empty, flexible="DETAIL")


def _parent(execution: JsonObject) -> str:
    if not execution.get("parent_execution_id"):
        return ""
    node = f" ({execution['parent_node']})" if execution.get("parent_node") else ""
    return f"{execution['parent_execution_id']}{node}"


def _source(execution: JsonObject) -> str:
    source = execution.get("source_execution_id")
    return f"{source} ({execution['source']})" if source else ""
