"""Acts on all executions that a filter finds.

Each new execution has a request id that follows from the command and the execution that it is made from. So nothing is
made twice: the same command, given again after it broke off, goes on with the rest.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from functools import partial

from penstock.cli.client import Client, JsonObject
from penstock.cli.errors import CannotConnect, CliError, ConnectionBroken, Refused
from penstock.cli.follow import EXECUTIONS
from penstock.cli.human import failure, moment
from penstock.cli.output import print_json, print_table
from penstock.cli.patience import Patience
from penstock.cli.tally import Tally

AT_ONCE = 16
"""Calls under way: enough for a server to write them in groups, few enough to leave it room for others."""
_PAGE_SIZE = 1_000
_HASH_LENGTH = 16

_CONDITIONS = {
    "cancel": "NOT complete_time:*",
    "recover": "(status = FAILED OR status = CANCELLED OR status = TIMED_OUT)",
    "relaunch": "",
}
"""What each verb can act on."""


async def act(args: argparse.Namespace, client: Client) -> int:
    """Gives 1 when one of them was refused. Raises CannotConnect, with how to go on, when the server is gone."""
    tally = Tally(args.action, args.output)
    async with client:
        many = _Many(args, client, tally)
        if args.dry_run:
            await _list(many, args.output)
            return 0
        try:
            await many.act()
        finally:
            tally.end()
    return 1 if tally.refused else 0


async def cancel(client: Client, execution_id: str, reason: str) -> JsonObject:
    """The execution, CANCELLED or on its way there."""
    return await client.call("DELETE", f"/invocations/v1/flows/{execution_id}", query={"reason": reason})


async def _list(many: _Many, output: str) -> None:
    found = [execution async for page in many.pages() for execution in page]
    if output == "json":
        print_json({"executions": found})
        return
    rows = [
        (
            execution["execution_id"],
            f"{execution['flow']} v{execution['version']}",
            execution["status"],
            moment(execution["create_time"]),
            failure(execution["error"]) if execution.get("error") else "",
        )
        for execution in found
    ]
    print_table(("EXECUTION", "FLOW", "STATUS", "ACCEPTED", "ERROR"), rows, flexible="ERROR")
    count = f"{len(found):,} execution{'' if len(found) == 1 else 's'}"
    print(", ".join([count, *many.tally.left()]), file=sys.stderr)


class _Many:
    """The executions that a command line means."""

    def __init__(self, args: argparse.Namespace, client: Client, tally: Tally) -> None:
        self.tally = tally
        self._args = args
        self._client = client
        self._places = asyncio.Semaphore(AT_ONCE)
        self._until = args.until or ""
        self._trouble: CliError | None = None

    async def pages(self) -> AsyncGenerator[list[JsonObject], None]:
        """The executions, newest first: what is made meanwhile is not among them."""
        left, token = self._args.limit or sys.maxsize, ""
        while True:
            query: dict[str, str | int] = {"filter": self._filter(), "page_size": _PAGE_SIZE, "page_token": token}
            page = await _answer(partial(self._client.call, "GET", EXECUTIONS, query=query), bool(token))
            found = [each for each in page["executions"] if not each.get("parent_execution_id")]
            self.tally.children += len(page["executions"]) - len(found)
            self._until = self._until or next((each["create_time"] for each in found), "")
            yield found[:left]
            left -= len(found)
            token = page.get("next_page_token", "")
            if not token or left <= 0:
                return

    async def act(self) -> None:
        async with aclosing(self.pages()) as pages:
            async for page in pages:
                await asyncio.gather(*map(self._act_on, page))
                if self._trouble is not None:
                    hint = f"the same command with --until {self._until} goes on from there"
                    raise type(self._trouble)(f"{self._trouble}; {hint}")

    async def _act_on(self, execution: JsonObject) -> None:
        async with self._places:
            if self._trouble is not None:
                return
            execution_id = execution["execution_id"]
            try:
                self.tally.add(execution_id, await _answer(partial(self._call, execution_id), True))
            except Refused as error:
                self.tally.refuse(execution_id, error)
            except CannotConnect as error:
                self._trouble = error
            self.tally.show()

    async def _call(self, execution_id: str) -> JsonObject:
        args = self._args
        if args.action == "cancel":
            return await cancel(self._client, execution_id, args.reason)
        body = {"request_id": f"{args.request_id or _key(args)}-{execution_id}"}
        if args.action == "relaunch" and args.flow:
            body["flow"] = args.flow
        return await self._client.call("POST", f"{EXECUTIONS}/{execution_id}:{args.action}", body=body)

    def _filter(self) -> str:
        # OR binds more tightly than AND, so what is asked for needs no parentheses and errors keep their position.
        until = f'create_time <= "{self._args.until}"' if self._args.until else ""
        return " AND ".join(filter(None, (self._args.filter, _CONDITIONS[self._args.action], until)))


def _key(args: argparse.Namespace) -> str:
    """What the request ids of a command begin with."""
    said = [args.action, args.filter, getattr(args, "flow", "")]
    return f"bulk-{hashlib.sha256(json.dumps(said).encode()).hexdigest()[:_HASH_LENGTH]}"


async def _answer(call: Callable[[], Awaitable[JsonObject]], is_known: bool) -> JsonObject:
    """The answer of a server that goes away or has no room for a while. One that is not known is not waited for."""
    patience = Patience()
    while True:
        try:
            return await call()
        except CannotConnect as error:
            if not is_known:
                raise
            await patience.wait_or_raise(error)
        except Refused as error:
            if error.reason != "OVERLOADED":
                raise
            await patience.wait_or_raise(ConnectionBroken(str(error)))
