"""Acts on all executions that a filter finds: the server does it, the command follows."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from uuid import uuid4

from penstock.cli.client import Client, JsonObject
from penstock.cli.errors import CannotConnect, CliError, ConnectionBroken, UsageError
from penstock.cli.human import failure, moment
from penstock.cli.output import print_json, print_table
from penstock.cli.patience import Patience
from penstock.cli.repeat import post_until_answered
from penstock.cli.runs.bulk_progress import Progress, hint, print_problems, summary

OPERATIONS = "/bulk/v1/operations"
ENDED = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})


def is_many(args: argparse.Namespace, group: str, what: str) -> bool:
    """Whether the command line means many. Raises UsageError unless it means either one or many."""
    many = bool(args.filter or args.all)
    if many is bool(args.execution_id):
        raise UsageError(f"{group} {args.action}: expected either {what} or one of --filter and --all")
    if not many and (args.limit or args.dry_run):
        raise UsageError("--limit and --dry-run go along with --filter or --all")
    return many


async def act(args: argparse.Namespace, client: Client, verb: str, parameters: JsonObject) -> int:
    """Gives 1 when it could not be done to one of them, or not to the end. An interrupt ends the command alone."""
    body: JsonObject = {"verb": verb, "parameters": {name: value for name, value in parameters.items() if value}}
    body |= {"all": True} if args.all else {"filter": args.filter}
    if args.limit:
        body["limit"] = args.limit
    async with client:
        if args.dry_run:
            _show(await client.call("POST", OPERATIONS, body=body | {"dry_run": True}), args.output)
            return 0
        body["request_id"] = getattr(args, "request_id", "") or uuid4().hex
        operation = await post_until_answered(client, OPERATIONS, body)
        if getattr(args, "no_wait", False):
            print_json(operation) if args.output == "json" else print(operation["operation_id"])
            return 0
        return await follow_to_end(client, operation, args.output)


async def follow_to_end(client: Client, operation: JsonObject, output: str, *, each_line: bool = False) -> int:
    """Shows progress on stderr and what came of it on stdout; with `each_line` every change as a line of JSON."""
    progress = Progress(sys.stderr, is_silent=output == "json")
    try:
        async with aclosing(updates(client, operation)) as found:
            async for operation in found:
                progress.show(operation, as_json=each_line and output == "json")
    except asyncio.CancelledError:
        progress.end()
        print(hint(operation["operation_id"]), file=sys.stderr)
        raise
    finally:
        progress.end()
    if output == "json":
        if not each_line:
            print_json(operation)
    else:
        print_problems(operation, sys.stderr)
        print(summary(operation))
    if operation["state"] == "FAILED":
        raise CliError(f"bulk operation {operation['operation_id']} FAILED: {operation['error']}")
    return 1 if operation["failed"] or operation["state"] == "CANCELLED" else 0


async def updates(client: Client, operation: JsonObject) -> AsyncGenerator[JsonObject, None]:
    """The operation as it stands, then after each change, to its end. A server that goes away is waited for."""
    path = f"{OPERATIONS}/{operation['operation_id']}"
    yield operation
    patience = Patience()
    while operation["state"] not in ENDED:
        try:
            async with aclosing(client.events("GET", f"{path}/stream", after=str(operation["revision"]))) as events:
                async for event in events:
                    patience.worked()
                    operation = _read(event.data)
                    yield operation
            if operation["state"] not in ENDED:
                operation = await client.call("GET", path)
                if operation["state"] not in ENDED:
                    raise ConnectionBroken(f"the server ended the stream of bulk operation {operation['operation_id']}")
                yield operation
        except CannotConnect as error:
            await patience.wait_or_raise(error)


def _read(text: str) -> JsonObject:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or "state" not in found:
        raise CliError(f"the server sent an event that is no bulk operation: {text[:80]}")
    return found


def _show(operation: JsonObject, output: str) -> None:
    """What a dry run found."""
    if output == "json":
        print_json(operation)
        return
    rows = [
        (
            execution["execution_id"],
            f"{execution['flow']} v{execution['version']}",
            execution["status"],
            moment(execution["create_time"]),
            failure(execution["error"]) if execution.get("error") else "",
        )
        for execution in operation["sample"]
    ]
    if rows:
        print_table(("EXECUTION", "FLOW", "STATUS", "ACCEPTED", "ERROR"), rows, flexible="ERROR")
    matched = operation["matched"]
    more = f", the first {len(rows)} of them above" if matched > len(rows) else ""
    print_problems(operation, sys.stderr)
    found = f"{matched:,} execution{'' if matched == 1 else 's'}{more}{_tried(operation)}"
    print(f"{found}; nothing was changed", file=sys.stderr)


def _tried(operation: JsonObject) -> str:
    """Which of them would not take what is to be given to them."""
    failed, skipped, checked = operation["failed"], operation["skipped"], operation["checked"]
    parts = [
        *([f"{failed:,} would refuse it"] if failed else []),
        *([f"{skipped:,} would have nothing to do"] if skipped else []),
        *([f"of the first {checked:,}"] if 0 < checked < operation["matched"] else []),
    ]
    return "".join(f", {part}" for part in parts)
