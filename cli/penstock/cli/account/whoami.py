"""`penstock whoami`: tells whose the key in use is, and what it may do."""

from __future__ import annotations

import asyncio
from argparse import Namespace

from penstock.cli.client import Client
from penstock.cli.human import moment
from penstock.cli.output import print_json
from penstock.cli.table import one_line
from penstock.cli.target import find_target


def run(args: Namespace) -> int:
    return asyncio.run(_run(args, Client(find_target())))


async def _run(args: Namespace, client: Client) -> int:
    async with client:
        answer = await client.call("GET", "/keys/v1/whoami")
    if args.output == "json":
        print_json(answer)
        return 0
    key = answer["api_key"]
    told = {
        "account": answer["account"],
        "key": f"{key['name']} ({key['key_id']})",
        "scopes": " ".join(key.get("scopes", ())),
        "expires": moment(key.get("expire_time")) or "never",
    }
    for name, text in told.items():
        print(f"{name + ':':<9} {one_line(text)}")
    return 0
