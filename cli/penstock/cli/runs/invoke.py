"""`penstock invoke`: runs a flow."""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from contextlib import aclosing
from uuid import uuid4

from penstock.cli.client import Client, JsonObject
from penstock.cli.errors import CliError, Refused, UsageError
from penstock.cli.human import failure, paused
from penstock.cli.input import read_input
from penstock.cli.output import print_json, print_json_line
from penstock.cli.repeat import post_until_answered
from penstock.cli.runs.display import display
from penstock.cli.runs.follow import follow
from penstock.cli.runs.frames import stream_flow
from penstock.cli.target import find_target
from penstock.wire.scopes import SCOPE_MISSING

_INVOKE = "/invocations/v1/flows/invoke"
_GRAPH_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
_TIMEOUT_S = 30.0
# For a server that is about to report the timeout itself.
_GRACE_S = 5.0


def run(args: argparse.Namespace) -> int:
    """Gives 0 when the run completed, or was accepted with --no-wait."""
    return asyncio.run(_run(args, _request(args), Client(find_target())))


async def _run(args: argparse.Namespace, request: JsonObject, client: Client) -> int:
    timeout_s = args.timeout or _TIMEOUT_S
    async with client:
        if args.stream:
            return await _stream(client, request, timeout_s)
        # With an id of its own the call can be repeated when the connection breaks before the answer is there.
        request.setdefault("request_id", uuid4().hex)
        if args.wait and args.output == "table":
            return await _watch(client, request, timeout_s)
        answer = await _accept(client, request | {"wait": args.wait})
        if args.output == "table":
            print(answer["execution_id"])
            return 0
        print_json(answer)
        if args.wait:
            _output(answer)
        return 0


def _request(args: argparse.Namespace) -> JsonObject:
    request: JsonObject = {"graph_id" if _GRAPH_ID.fullmatch(args.flow) else "flow": args.flow}
    if args.input is not None:
        request["input"] = read_input(args.input)
    if args.timeout is not None:
        request["timeout_seconds"] = args.timeout
    if args.request_id:
        request["request_id"] = args.request_id
    if args.labels:
        request["labels"] = dict(args.labels)
    if args.config:
        request["config_id"] = args.config
    if args.overwrite_cache:
        request["overwrite_cache"] = True
    if args.webhook:
        request["webhook"] = {"url": args.webhook, "headers": dict(args.webhook_headers)}
    elif args.webhook_headers:
        raise UsageError("--webhook-header needs a --webhook that it goes along with")
    return request


async def _accept(client: Client, request: JsonObject) -> JsonObject:
    """The answer to an invocation, asked again when the connection broke before it came."""
    try:
        return await post_until_answered(client, _INVOKE, request)
    except Refused as error:
        if error.reason != "IS_PIPELINE":
            raise
        # The server names its paths; here the same thing is a flag.
        raise CliError("the flow is a pipeline; --stream prints its frames") from error


async def _watch(client: Client, request: JsonObject, timeout_s: float) -> int:
    """Shows progress on stderr, then prints the output message."""
    execution_id = (await _accept(client, request))["execution_id"]
    try:
        async with (
            asyncio.timeout(timeout_s),
            display(sys.stderr) as show,
            aclosing(follow(client, execution_id)) as updates,
        ):
            async for update in updates:
                show(update)
                if update.kind == "status" and update.data["status"] == "PAUSED":
                    raise CliError(paused(execution_id))
    except TimeoutError:
        raise _unfinished(execution_id) from None
    except Refused as error:
        # A key that may only run flows hears of nothing but the end.
        if error.reason != SCOPE_MISSING:
            raise
    # The same request, this time for its result: where the execution has ended, the answer comes at once.
    print_json(_output(await _accept(client, request | {"wait": True})))
    return 0


def _output(answer: JsonObject) -> JsonObject:
    """The output message. Raises CliError when there is none."""
    result = answer.get("result")
    if result is None and answer.get("status") == "PAUSED":
        raise CliError(paused(answer["execution_id"]))
    if result is None:
        raise _unfinished(answer["execution_id"])
    if not result["success"]:
        raise CliError(f"execution {answer['execution_id']}: {failure(result['error'])}")
    output: JsonObject = result["output"]
    return output


async def _stream(client: Client, request: JsonObject, timeout_s: float) -> int:
    """Prints each frame's payload."""
    execution_id = ""
    try:
        async with asyncio.timeout(timeout_s + _GRACE_S), aclosing(stream_flow(client, request)) as frames:
            async for frame in frames:
                execution_id = frame["execution_id"]
                if "payload" in frame:
                    print_json_line(frame["payload"])
                if not frame["success"]:
                    raise CliError(f"execution {execution_id}: {frame.get('error') or 'failed'}")
    except TimeoutError:
        raise _unfinished(execution_id) from None
    return 0


def _unfinished(execution_id: str) -> CliError:
    if not execution_id:
        return CliError("no frame came in time; --timeout SECONDS waits longer")
    hint = f"penstock executions watch {execution_id} follows it"
    return CliError(f"execution {execution_id} did not end in time and goes on; {hint}")
