"""`penstock executions cancel, retry, signal, recover, relaunch, fork`: acts on executions, makes others from them."""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import aclosing, nullcontext
from uuid import uuid4

from penstock.cli.client import Client, JsonObject
from penstock.cli.errors import CliError, UsageError
from penstock.cli.human import ending, paused
from penstock.cli.input import read_input
from penstock.cli.output import print_json, print_json_line
from penstock.cli.repeat import post_until_answered
from penstock.cli.runs import bulk
from penstock.cli.runs.display import display
from penstock.cli.runs.follow import EXECUTIONS, Update, follow
from penstock.cli.target import find_target

_VERBS = {
    "cancel": "CANCEL",
    "retry": "RETRY_NOW",
    "signal": "SIGNAL",
    "recover": "RECOVER",
    "relaunch": "RELAUNCH",
    "fork": "FORK",
}


def run(args: argparse.Namespace) -> int:
    """Gives 1 for a new execution that did not complete, and when it could not be done to one of many."""
    is_many, parameters = bulk.is_many(args, "executions", "an ID"), _parameters(args)
    client = Client(find_target())
    if is_many:
        return asyncio.run(bulk.act(args, client, _VERBS[args.action], parameters))
    if args.action == "cancel":
        return asyncio.run(_cancel(args, client))
    if args.action == "retry":
        return asyncio.run(_retry(args, client))
    if args.action == "signal":
        return asyncio.run(_signal(args, parameters.get("payload", {}), client))
    body = parameters | {"request_id": args.request_id or uuid4().hex}
    return asyncio.run(_make(args, {name: value for name, value in body.items() if value}, client))


def _parameters(args: argparse.Namespace) -> JsonObject:
    """What the verb is told beside which executions. What is "" says nothing."""
    match args.action:
        case "cancel":
            return {"reason": args.reason}
        case "retry":
            return {"node": args.node}
        case "signal":
            payload = {} if args.payload is None else {"payload": read_input(args.payload, "--payload")}
            return {"signal": args.signal, **payload}
        case "relaunch":
            return {"flow": args.flow}
        case "fork":
            return _fork(args)
        case _:
            return {}


def _fork(args: argparse.Namespace) -> JsonObject:
    found: JsonObject = {"node": args.node}
    if args.patch is not None:
        found["patch"] = read_input(args.patch, "--patch")
    elif args.mask:
        raise UsageError("--mask needs a --patch whose fields it names")
    return found | ({"update_mask": args.mask} if args.mask else {})


async def _cancel(args: argparse.Namespace, client: Client) -> int:
    async with client:
        path = f"/invocations/v1/flows/{args.execution_id}"
        execution = await client.call("DELETE", path, query={"reason": args.reason})
    if args.output == "json":
        print_json(execution)
    else:
        print(f"{execution['execution_id']} {execution['status']}")
    return 0


async def _retry(args: argparse.Namespace, client: Client) -> int:
    # With an id of its own the call can be repeated when the connection breaks before the answer is there.
    body = {"node": args.node, "request_id": uuid4().hex} if args.node else {"request_id": uuid4().hex}
    async with client:
        answer = await post_until_answered(client, f"{EXECUTIONS}/{args.execution_id}:retry-now", body)
    if args.output == "json":
        print_json(answer)
    else:
        print(f"{answer['execution_id']} tries again: {', '.join(answer['nodes'])}")
    return 0


async def _signal(args: argparse.Namespace, payload: JsonObject, client: Client) -> int:
    path = f"{EXECUTIONS}/{args.execution_id}/signals/{args.signal}"
    async with client:
        # The body is the payload alone.
        answer = await client.call("POST", path, query={"request_id": args.request_id}, body=payload)
    if args.output == "json":
        print_json(answer)
    else:
        print(f"{answer['execution_id']} has it as event {answer['sequence']}")
    return 0


async def _make(args: argparse.Namespace, body: JsonObject, client: Client) -> int:
    async with client:
        execution = await post_until_answered(client, f"{EXECUTIONS}/{args.execution_id}:{args.action}", body)
        if not args.no_wait:
            await _follow(args, client, execution)
        elif args.output == "json":
            print_json(execution)
        else:
            print(execution["execution_id"])
    return 0


async def _follow(args: argparse.Namespace, client: Client, execution: JsonObject) -> None:
    """Shows progress on stderr, then prints the output; the frames of a pipeline as they come."""
    execution_id, is_for_people = execution["execution_id"], args.output == "table"
    if is_for_people:
        print(f"execution {execution_id} {_LEADS[args.action]} {args.execution_id}", file=sys.stderr)
    is_pipeline = execution["mode"] == "PIPELINE"
    silent = nullcontext(lambda update: None)
    shown = display(sys.stderr) if is_for_people else silent
    async with shown as show, aclosing(follow(client, execution_id)) as updates:
        async for update in updates:
            show(update)
            if is_for_people and is_pipeline:
                _print_frame(update)
            if update.kind == "status":
                execution = update.data
                if execution["status"] == "PAUSED":
                    break
    if not is_for_people:
        print_json(execution)
    if execution["status"] == "PAUSED":
        raise CliError(paused(execution_id))
    if execution["status"] != "COMPLETED":
        raise CliError(ending(execution_id, execution["status"], execution.get("error")))
    if is_for_people and not is_pipeline:
        print_json((await client.call("GET", f"{EXECUTIONS}/{execution_id}/output"))["output"])


_LEADS = {"recover": "goes on where it stopped:", "relaunch": "runs again", "fork": "goes on from a checkpoint of"}


def _print_frame(update: Update) -> None:
    if update.kind == "frame" and "payload" in update.data:
        print_json_line(update.data["payload"])
