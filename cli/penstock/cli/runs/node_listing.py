"""`penstock executions nodes`: node executions of all executions, or of one."""

from __future__ import annotations

import argparse
import asyncio
import sys

from penstock.cli.client import Client, JsonObject
from penstock.cli.human import moment, span
from penstock.cli.output import print_json, print_table
from penstock.cli.pages import pages
from penstock.cli.runs import saved_queries
from penstock.cli.runs.follow import EXECUTIONS
from penstock.cli.target import find_target
from penstock.cli.words import node_detail

_ALL = "-"


def run(args: argparse.Namespace) -> int:
    saved = saved_queries.find(args.query) if args.query else None
    return asyncio.run(_run(args, saved_queries.narrowed(args.filter, saved), Client(find_target())))


async def _run(args: argparse.Namespace, text: str, client: Client) -> int:
    path = f"{EXECUTIONS}/{args.execution_id or _ALL}/nodes"
    async with client:
        nodes = await pages(client, path, "nodes", {"filter": text}, args.limit)
    if args.output == "json":
        print_json({"nodes": nodes})
    elif nodes:
        _print(nodes)
    else:
        print(f"No node execution is so: {text}" if text else "No executions yet.", file=sys.stderr)
    return 0


def _print(nodes: list[JsonObject]) -> None:
    has_executions = "execution_id" in nodes[0]
    headers = ("NODE", "STATUS", "STARTED", "DURATION", "DETAIL")
    rows = [(*_of_execution(node, has_executions), *_row(node)) for node in nodes]
    print_table((*(("EXECUTION", "FLOW") if has_executions else ()), *headers), rows, flexible="DETAIL")


def _of_execution(node: JsonObject, is_shown: bool) -> tuple[str, ...]:
    return (node["execution_id"], f"{node['flow']} v{node['version']}") if is_shown else ()


def _row(node: JsonObject) -> tuple[str, ...]:
    started = moment(node.get("start_time"))
    return node["node"], node["status"], started, span(node.get("duration")), node_detail(node)
