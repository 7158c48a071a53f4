"""Starts an execution and streams its frames over connections that break."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from penstock.cli.client import Client, JsonObject
from penstock.cli.errors import CannotConnect, ConnectionBroken
from penstock.cli.patience import Patience
from penstock.cli.runs.follow import follow, read_update

_STREAM = "/invocations/v1/flows/invoke/stream"


async def stream_flow(client: Client, request: JsonObject) -> AsyncGenerator[JsonObject, None]:
    """Every Frame once, as JSON, the final one last.

    Raises ConnectionBroken when the connection breaks before the first frame and `request` has no request_id:
    nobody knows then which execution it started, and asking again could start another one.
    """
    patience = Patience()
    was_accepted = False
    while True:
        execution_id = after = ""
        try:
            async with aclosing(client.events("POST", _STREAM, body=request)) as events:
                async for event in events:
                    frame = read_update(event).data
                    execution_id, after = frame["execution_id"], event.id
                    yield frame
                    if frame["is_final"]:
                        return
            raise ConnectionBroken("the server ended the stream before its final frame")
        except CannotConnect as error:
            if execution_id:
                break
            was_accepted = was_accepted or isinstance(error, ConnectionBroken)
            if not was_accepted or "request_id" not in request:
                raise
            await patience.wait_or_raise(error)
    async with aclosing(follow(client, execution_id, after)) as updates:
        async for update in updates:
            if update.kind == "frame":
                yield update.data
                if update.data["is_final"]:
                    return
