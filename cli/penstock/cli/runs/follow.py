"""Follows an execution's stream to its end over connections that break."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal

from penstock.cli.client import Client, JsonObject
from penstock.cli.errors import CannotConnect, CliError, ConnectionBroken
from penstock.cli.patience import Patience
from penstock.cli.sse import ServerSentEvent

EXECUTIONS = "/invocations/v1/executions"
_TERMINAL = frozenset({"COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT"})


@dataclass(frozen=True, slots=True)
class Update:
    """One thing that was recorded: a Frame, the Execution at a change of status, or an Event about a node, as JSON."""

    kind: Literal["frame", "status", "node"]
    data: JsonObject

    @property
    def mark(self) -> object:
        """What tells it from the one of its kind before it."""
        match self.kind:
            case "frame":
                # A frame after a rollback may have the index that the rollback has.
                return self.data["frame_index"], self.data.get("rollback_to")
            case "status":
                return self.data["status"]
            case "node":
                return self.data["sequence"]

    @property
    def is_end(self) -> bool:
        """Whether the execution has ended with it."""
        return self.kind == "status" and self.data.get("status") in _TERMINAL


async def follow(client: Client, execution_id: str, after: str = "") -> AsyncGenerator[Update, None]:
    """What is recorded after the event id `after`, without gap or repeat, until the execution has ended.

    One of the updates is a terminal status. A server that goes away is waited for: call another method first to
    find out whether there is one.
    """
    path = f"{EXECUTIONS}/{execution_id}"
    patience = Patience()
    last: dict[str, object] = {}
    ended = False
    while not ended:
        try:
            async with aclosing(client.events("GET", f"{path}/stream", after=after)) as events:
                async for event in events:
                    patience.worked()
                    after = event.id or after
                    update = read_update(event)
                    ended = ended or update.is_end
                    # An id may stand before the last of several updates with one cause; a resume repeats the others.
                    if last.get(update.kind) != update.mark:
                        last[update.kind] = update.mark
                        yield update
            if not ended:
                # When all of it came before `after`, the end too, the stream has nothing left to give.
                now = Update("status", await client.call("GET", path))
                if not now.is_end:
                    raise ConnectionBroken(f"the server ended the stream of execution {execution_id}, which goes on")
                ended = True
                yield now
        except CannotConnect as error:
            if not ended:
                await patience.wait_or_raise(error)


def read_update(event: ServerSentEvent) -> Update:
    """The update that an event carries; frames are events without a name."""
    try:
        data = json.loads(event.data)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise CliError(f"the server sent an event that is not a JSON object: {event.data[:80]}")
    match event.name:
        case "status" | "node" as kind:
            return Update(kind, data)
        case _:
            return Update("frame", data)
