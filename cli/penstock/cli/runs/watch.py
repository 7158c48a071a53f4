"""`penstock executions watch`: follows one execution to its end, or all of them."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext

from penstock.cli.client import Client
from penstock.cli.errors import CliError, UsageError
from penstock.cli.human import ending
from penstock.cli.output import print_json_line
from penstock.cli.runs import execution_feed
from penstock.cli.runs.display import display
from penstock.cli.runs.follow import EXECUTIONS, Update, follow
from penstock.cli.target import find_target


def run(args: argparse.Namespace) -> int:
    """Gives 0 for an execution that completed. Raises CliError for one that did not, UsageError."""
    follows_all = bool(args.all or args.flow or args.filter or args.types)
    if follows_all == (args.execution_id is not None):
        raise UsageError("expected either the ID of an execution or one of --all, --flow, --filter and --type")
    if follows_all:
        return execution_feed.run(args)
    if args.after and not (args.after.isascii() and args.after.isdigit()):
        raise UsageError(f'argument --after: expected the sequence of an event, got "{args.after}"')
    return asyncio.run(_watch(args, Client(find_target())))


async def _watch(args: argparse.Namespace, client: Client) -> int:
    async with client:
        # Asked first so that a wrong id or a missing server is told at once, not waited for.
        execution = await client.call("GET", f"{EXECUTIONS}/{args.execution_id}")
        after = "" if args.after == "0" else args.after
        async with _shown(args.output) as show, aclosing(follow(client, args.execution_id, after)) as updates:
            async for update in updates:
                show(update)
                if update.kind == "status":
                    execution = update.data
    if execution["status"] != "COMPLETED":
        raise CliError(ending(args.execution_id, execution["status"], execution.get("error")))
    return 0


def _shown(output: str) -> AbstractAsyncContextManager[Callable[[Update], None]]:
    if output == "json":
        return nullcontext(lambda update: print_json_line({update.kind: update.data}))
    return display(sys.stdout)
