"""`penstock pauses`: looks at what waits for a person, and decides it."""

from __future__ import annotations

import asyncio
import json
from argparse import Namespace
from typing import Any

from penstock.cli.client import Client, JsonObject
from penstock.cli.commandline.pause_arguments import DECISIONS
from penstock.cli.errors import UsageError
from penstock.cli.human import moment
from penstock.cli.input import read_input
from penstock.cli.output import print_json, print_list
from penstock.cli.pages import pages
from penstock.cli.runs import bulk
from penstock.cli.runs.follow import EXECUTIONS
from penstock.cli.table import one_line
from penstock.cli.target import find_target

_EVERY_EXECUTION = "-"


def run(args: Namespace) -> int:
    if args.action in DECISIONS and bulk.is_many(args, "pauses", "ID and PAUSE"):
        if args.action == "approve" and args.value is not None:
            raise UsageError(
                "--value goes along with an ID, or with `pauses resume`: each pause has an input of its own"
            )
        return asyncio.run(_decide_many(args, Client(find_target())))
    if args.action in DECISIONS and args.pause is None:
        raise UsageError(f"pauses {args.action}: expected the name of the pause behind the ID")
    return asyncio.run(_run(args, Client(find_target())))


async def _run(args: Namespace, client: Client) -> int:
    action = {"list": _list, "get": _get, "approve": _decide, "reject": _decide, "resume": _decide}[args.action]
    async with client:
        await action(args, client)
    return 0


async def _decide_many(args: Namespace, client: Client) -> int:
    parameters: JsonObject = {"comment": args.comment, "pause": args.name}
    if args.action == "resume" and args.value is not None:
        parameters["value"] = read_input(args.value, "--value")
    return await bulk.act(args, client, args.action.upper(), parameters)


async def _list(args: Namespace, client: Client) -> None:
    path = f"{EXECUTIONS}/{args.execution_id or _EVERY_EXECUTION}/pauses"
    found = await pages(client, path, "pauses", {}, args.limit)
    if args.output == "json":
        print_json({"pauses": found})
        return
    rows = [
        (
            pause["execution_id"],
            pause["pause"],
            pause["flow"],
            pause["state"],
            moment(pause["open_time"]),
            moment(pause.get("expire_time")),
            pause["prompt"],
        )
        for pause in found
    ]
    headers = ("EXECUTION", "PAUSE", "FLOW", "STATE", "OPENED", "EXPIRES", "PROMPT")
    empty = "This execution came to no pause." if args.execution_id else "Nothing waits for a person."
    print_list(headers, rows, empty, flexible="PROMPT")


async def _get(args: Namespace, client: Client) -> None:
    pause = await client.call("GET", _path(args))
    if args.output == "json":
        print_json(pause)
        return
    expiry = moment(pause.get("expire_time"))
    facts = {
        "execution": pause["execution_id"],
        "flow": f"{pause['flow']} ({pause['graph_id']})",
        "pause": pause["pause"],
        "state": pause["state"],
        "prompt": pause["prompt"],
        "input": _json(pause.get("input")),
        "needs": pause["value_type"] if pause["needs_value"] else "",
        "opened": moment(pause["open_time"]),
        "expires": f"{expiry}, then {pause['on_timeout']}" if expiry else "",
        "decided": moment(pause.get("decide_time")),
        "by": pause["decided_by"],
        "comment": pause["comment"],
        "value": _json(pause.get("value")),
    }
    for name, value in facts.items():
        if value:
            print(f"{name + ':':<11}{one_line(value)}")


async def _decide(args: Namespace, client: Client) -> None:
    body: dict[str, Any] = {"comment": args.comment} if args.comment else {}
    if args.action != "reject" and args.value is not None:
        body["value"] = read_input(args.value, "--value")
    pause = await client.call("POST", f"{_path(args)}:{args.action}", body=body)
    if args.output == "json":
        print_json(pause)
    else:
        print(one_line(f"{pause['execution_id']} {pause['pause']} {pause['state']}"))


def _path(args: Namespace) -> str:
    return f"{EXECUTIONS}/{args.execution_id}/pauses/{args.pause}"


def _json(value: JsonObject | None) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)
