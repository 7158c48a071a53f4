"""`penstock webhooks`: looks at deliveries of results, and at what they are signed with."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace

from penstock.cli.client import Client, JsonObject
from penstock.cli.human import moment, span
from penstock.cli.output import print_json, print_list
from penstock.cli.pages import pages
from penstock.cli.table import one_line
from penstock.cli.target import find_target

_WEBHOOKS = "/webhooks/v1"


def run(args: Namespace) -> int:
    return asyncio.run(_run(args, Client(find_target())))


async def _run(args: Namespace, client: Client) -> int:
    action = {"deliveries": _deliveries, "redeliver": _redeliver, "secret": _secret, "rotate": _rotate}[args.action]
    async with client:
        await action(args, client)
    return 0


async def _deliveries(args: Namespace, client: Client) -> None:
    query = {"execution_id": args.execution_id or ""}
    deliveries = await pages(client, f"{_WEBHOOKS}/deliveries", "deliveries", query, args.limit)
    if args.output == "json":
        print_json({"deliveries": deliveries})
        return
    rows = [
        (
            delivery["execution_id"],
            str(delivery["number"]),
            moment(delivery["delivery_time"]),
            span(delivery["duration"]),
            delivery["state"],
            _detail(delivery),
        )
        for delivery in deliveries
    ]
    empty = "No deliveries yet. Have a result sent: penstock invoke FLOW --webhook URL"
    print_list(("EXECUTION", "TRY", "TIME", "DURATION", "STATE", "DETAIL"), rows, empty, flexible="DETAIL")


async def _redeliver(args: Namespace, client: Client) -> None:
    answer = await client.call("POST", f"{_WEBHOOKS}/executions/{args.execution_id}:redeliver", body={})
    if args.output == "json":
        print_json(answer)
    else:
        print(f"the result of {args.execution_id} is delivered again")


async def _secret(args: Namespace, client: Client) -> None:
    _print_secret(args, await client.call("GET", f"{_WEBHOOKS}/secret"))


async def _rotate(args: Namespace, client: Client) -> None:
    _print_secret(args, await client.call("POST", f"{_WEBHOOKS}/secret:rotate", body={"at_once": args.at_once}))


def _print_secret(args: Namespace, secret: JsonObject) -> None:
    """The secret alone on standard output, so that it can be taken up by another program."""
    if args.output == "json":
        print_json(secret)
        return
    print(secret["secret"])
    if "old_expire_time" in secret:
        print(f"older secrets sign beside it until {moment(secret['old_expire_time'])}", file=sys.stderr)


def _detail(delivery: JsonObject) -> str:
    """What came of it, and what follows."""
    what = delivery["error"] or f"answered {delivery['status_code']}"
    if "next_time" in delivery:
        what += f"; again at {moment(delivery['next_time'])}"
    return one_line(what)
