"""`penstock executions failures`: how many executions failed, by day, flow and sort of trouble."""

from __future__ import annotations

import argparse
import asyncio
import sys

from penstock.cli.client import Client
from penstock.cli.output import print_json, print_table
from penstock.cli.pages import pages
from penstock.cli.target import find_target

_PATH = "/invocations/v1/failures"


def run(args: argparse.Namespace) -> int:
    return asyncio.run(_run(args, Client(find_target())))


async def _run(args: argparse.Namespace, client: Client) -> int:
    async with client:
        counts = await pages(client, _PATH, "counts", {"flow": args.flow, "days": args.days}, sys.maxsize)
    if args.output == "json":
        print_json({"counts": counts})
    elif counts:
        rows = [(each["date"], each["flow"], each["classification"], f"{each['count']:,}") for each in counts]
        print_table(("DATE", "FLOW", "TROUBLE", "COUNT"), rows)
    else:
        print("no failures")
    return 0
