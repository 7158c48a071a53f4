"""`penstock bulk`: looks at acts on many executions, follows them and stops them."""

from __future__ import annotations

import asyncio
import json
from argparse import Namespace
from typing import Any

from penstock.cli.client import Client, JsonObject
from penstock.cli.human import moment
from penstock.cli.output import print_json, print_table
from penstock.cli.pages import pages
from penstock.cli.runs.bulk import OPERATIONS, follow_to_end
from penstock.cli.runs.bulk_progress import summary
from penstock.cli.table import one_line
from penstock.cli.target import find_target

_NOTHING = (
    "No bulk operations. Begin one, first without changing anything:\n"
    "  penstock executions cancel --filter 'flow = hello' --dry-run"
)


def run(args: Namespace) -> int:
    """Gives 1 when one that is watched could not be done to all."""
    return asyncio.run(_run(args, Client(find_target())))


async def _run(args: Namespace, client: Client) -> int:
    async with client:
        if args.action == "list":
            await _list(args, client)
            return 0
        path = f"{OPERATIONS}/{args.operation_id}"
        if args.action == "cancel":
            operation = await client.call("POST", f"{path}:cancel", body={})
        else:
            operation = await client.call("GET", path)
        if args.action == "watch":
            return await follow_to_end(client, operation, args.output, each_line=True)
        if args.output == "json":
            print_json(operation)
        elif args.action == "cancel":
            print(f"{operation['operation_id']} {operation['state']}: {summary(operation)}")
        else:
            _print(operation)
    return 0


async def _list(args: Namespace, client: Client) -> None:
    operations = await pages(client, OPERATIONS, "operations", {}, args.limit)
    if args.output == "json":
        print_json({"operations": operations})
        return
    if not operations:
        print(_NOTHING)
        return
    rows = [
        (
            operation["operation_id"],
            operation["verb"],
            operation["state"],
            moment(operation["create_time"]),
            *(f"{operation[name]:,}" for name in ("matched", "done", "skipped", "failed")),
            _which(operation),
        )
        for operation in operations
    ]
    headers = ("OPERATION", "VERB", "STATE", "BEGAN", "MATCHED", "DONE", "SKIPPED", "FAILED", "FILTER")
    print_table(headers, rows, flexible="FILTER")


def _print(operation: JsonObject) -> None:
    parameters = operation.get("parameters") or {}
    facts = {
        "operation": operation["operation_id"],
        "verb": operation["verb"],
        "executions": _which(operation),
        "limit": f"{operation['limit']:,}" if operation["limit"] else "",
        **{name: _text(value) for name, value in parameters.items() if value},
        "state": operation["state"],
        "error": operation["error"],
        "matched": f"{operation['matched']:,}",
        "done": f"{operation['done']:,}",
        "skipped": f"{operation['skipped']:,}",
        "failed": f"{operation['failed']:,}",
        "by": operation["created_by"],
        "began": moment(operation["create_time"]),
        "ended": moment(operation.get("complete_time")),
        "process": operation["process"],
    }
    for name, value in facts.items():
        if value:
            print(f"{name + ':':<13}{one_line(value)}")
    for problem in operation["problems"]:
        print(f"  {problem['execution_id']}  {problem['reason']}  {one_line(problem['message'])}")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _which(operation: JsonObject) -> str:
    return "all" if operation["all"] else str(operation["filter"])
