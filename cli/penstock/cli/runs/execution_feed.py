"""`penstock executions watch --all`: follows what all executions record, over connections that break."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from typing import TextIO
from urllib.parse import urlencode

from penstock.cli.client import Client, JsonObject
from penstock.cli.errors import CannotConnect, CliError, ConnectionBroken
from penstock.cli.human import moment
from penstock.cli.output import print_json_line
from penstock.cli.patience import Patience
from penstock.cli.runs.follow import EXECUTIONS
from penstock.cli.table import one_line
from penstock.cli.target import find_target
from penstock.cli.words import event_detail

_WAITING = "waiting for what happens; Ctrl-C ends it"
_CLEAR_LINE = "\r\x1b[K"


def run(args: argparse.Namespace) -> int:
    """Never ends by itself."""
    return asyncio.run(_run(args, Client(find_target())))


async def _run(args: argparse.Namespace, client: Client) -> int:
    show = _show_json if args.output == "json" else _Lines(sys.stdout).show
    events = follow_all(client, _query(args), args.after or "")
    async with _until_unread(sys.stdout), client, aclosing(events):
        async for cursor, recorded in events:
            show(cursor, recorded)
    return 0


@asynccontextmanager
async def _until_unread(stream: TextIO) -> AsyncIterator[None]:
    """Raises BrokenPipeError as soon as nobody reads the stream: the next event may be far away."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    is_unread = False

    def end() -> None:
        nonlocal is_unread
        is_unread = True
        loop.remove_reader(stream)
        task.cancel()

    with suppress(OSError, ValueError):
        if not stream.isatty():
            # Of the end of a pipe that is written to, nothing is ever told but that the other one is closed.
            loop.add_reader(stream, end)
    try:
        yield
    except asyncio.CancelledError:
        if is_unread:
            raise BrokenPipeError from None
        raise
    finally:
        with suppress(OSError, ValueError):
            loop.remove_reader(stream)


async def follow_all(
    client: Client, query: Mapping[str, list[str]], cursor: str
) -> AsyncGenerator[tuple[str, JsonObject | None], None]:
    """Each event with its cursor, without gap or repeat; None in place of an event that only says how far all is read.

    A server that goes away is waited for once it has answered.
    """
    path = f"{EXECUTIONS}:watch?{urlencode(query, doseq=True)}"
    patience, has_answered = Patience(), False
    while True:
        try:
            async with aclosing(client.events("GET", path, after=cursor)) as events:
                async for event in events:
                    patience.worked()
                    has_answered, cursor = True, event.id
                    yield cursor, _recorded(event.data) if event.name == "recorded" else None
            raise ConnectionBroken("the server ended the stream of all executions, which has no end")
        except CannotConnect as error:
            if not has_answered:
                raise
            await patience.wait_or_raise(error)


def _query(args: argparse.Namespace) -> dict[str, list[str]]:
    conditions = [f'flow = "{args.flow}"'] * bool(args.flow) + [args.filter] * bool(args.filter)
    query = {"filter": [" AND ".join(conditions)]} if conditions else {}
    return query | ({"types": args.types} if args.types else {})


def _recorded(text: str) -> JsonObject:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise CliError(f"the server sent an event that is not a JSON object: {text[:80]}")
    return found


def _show_json(cursor: str, recorded: JsonObject | None) -> None:
    if recorded is not None:
        print_json_line({"cursor": cursor, "recorded": recorded})


class _Lines:
    """One line an event. On a terminal a last one says that there is nothing wrong when nothing happens."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_live = stream.isatty() and os.environ.get("TERM") != "dumb"

    def show(self, cursor: str, recorded: JsonObject | None) -> None:
        if self._is_live:
            self._stream.write(_CLEAR_LINE)
        if recorded is not None:
            self._stream.write(f"{one_line(line(recorded))}\n")
        if self._is_live:
            self._stream.write(_WAITING)
        self._stream.flush()


def line(recorded: JsonObject) -> str:
    """Time, execution, flow, what happened, where, and more."""
    event = recorded["event"]
    words = [moment(event["time"]), recorded["execution_id"], f"{recorded['flow']} v{recorded['version']}"]
    words += [event["type"], event.get("node", ""), event_detail(event)]
    return "  ".join(filter(None, words))
