"""`penstock invoke`: runs a flow."""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from uuid import uuid4

from penstock.cli.client import Client, JsonObject
from penstock.cli.display import display
from penstock.cli.errors import CannotConnect, CliError, ConnectionBroken, Refused
from penstock.cli.follow import EXECUTIONS, follow, read_update
from penstock.cli.human import ending, failure
from penstock.cli.input import read_input
from penstock.cli.output import print_json, print_json_line
from penstock.cli.patience import Patience
from penstock.cli.target import find_target

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
        if args.output == "json":
            return await _answer(client, request | {"wait": args.wait})
        accepted = await _accept(client, request)
        if args.wait:
            return await _watch(client, accepted["execution_id"], timeout_s)
        print(accepted["execution_id"])
        return 0


def _request(args: argparse.Namespace) -> JsonObject:
    request: JsonObject = {"graph_id" if _GRAPH_ID.fullmatch(args.flow) else "flow": args.flow}
    if args.input is not None:
        request["input"] = read_input(args.input)
    if args.timeout is not None:
        request["timeout_seconds"] = args.timeout
    if args.labels:
        request["labels"] = dict(args.labels)
    # With an id of its own the call can be repeated when the connection breaks before the answer is there.
    request["request_id"] = args.request_id or uuid4().hex
    return request


async def _accept(client: Client, request: JsonObject) -> JsonObject:
    """The answer to an invocation, asked again when the connection broke before it came."""
    patience = Patience()
    is_repeat = False
    while True:
        try:
            return await client.call("POST", _INVOKE, body=request)
        except CannotConnect as error:
            is_repeat = is_repeat or isinstance(error, ConnectionBroken)
            if not is_repeat:
                raise
            await patience.wait_or_raise(error)
        except Refused as error:
            if error.reason != "IS_PIPELINE":
                raise
            # The server names its paths; here the same thing is a flag.
            raise CliError("the flow is a pipeline; --stream prints its frames") from error


async def _answer(client: Client, request: JsonObject) -> int:
    """Prints the server's answer as it is."""
    answer = await _accept(client, request)
    print_json(answer)
    if "result" not in answer:
        if request["wait"]:
            raise _unfinished(answer["execution_id"])
    elif not answer["result"]["success"]:
        raise CliError(failure(answer["result"].get("error") or {}))
    return 0


async def _watch(client: Client, execution_id: str, timeout_s: float) -> int:
    """Shows progress on stderr, then prints the output message."""
    try:
        async with (
            asyncio.timeout(timeout_s),
            display(sys.stderr) as show,
            aclosing(follow(client, execution_id)) as updates,
        ):
            async for update in updates:
                show(update)
    except TimeoutError:
        raise _unfinished(execution_id) from None
    output = await client.call("GET", f"{EXECUTIONS}/{execution_id}/output")
    if output["status"] != "COMPLETED":
        raise CliError(ending(execution_id, output["status"], output.get("error")))
    print_json(output.get("output"))
    return 0


async def _stream(client: Client, request: JsonObject, timeout_s: float) -> int:
    """Prints each frame's payload."""
    execution_id = ""
    try:
        async with asyncio.timeout(timeout_s + _GRACE_S), aclosing(_frames(client, request)) as frames:
            async for frame in frames:
                execution_id = frame["execution_id"]
                if "payload" in frame:
                    print_json_line(frame["payload"])
                if not frame["success"]:
                    raise CliError(f"execution {execution_id}: {frame.get('error') or 'failed'}")
    except TimeoutError:
        raise _unfinished(execution_id) from None
    return 0


async def _frames(client: Client, request: JsonObject) -> AsyncGenerator[JsonObject, None]:
    """Every frame once, the final one last, over connections that break."""
    execution_id = after = ""
    patience = Patience()
    is_repeat = False
    while not execution_id:
        try:
            async with aclosing(client.events("POST", f"{_INVOKE}/stream", body=request)) as events:
                async for event in events:
                    frame = read_update(event).data
                    execution_id, after = frame["execution_id"], event.id
                    yield frame
                    if frame["is_final"]:
                        return
            raise ConnectionBroken("the server ended the stream before its final frame")
        except CannotConnect as error:
            is_repeat = is_repeat or isinstance(error, ConnectionBroken)
            if not is_repeat:
                raise
            if not execution_id:
                await patience.wait_or_raise(error)
    async with aclosing(follow(client, execution_id, after)) as updates:
        async for update in updates:
            if update.kind == "frame":
                yield update.data
                if update.data["is_final"]:
                    return


def _unfinished(execution_id: str) -> CliError:
    if not execution_id:
        return CliError("no frame came in time; --timeout SECONDS waits longer")
    hint = f"penstock executions watch {execution_id} follows it"
    return CliError(f"execution {execution_id} did not end in time and goes on; {hint}")
