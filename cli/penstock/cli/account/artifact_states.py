"""`penstock artifacts list|deprecate|retire|restore`: which artifacts there are, and which should still be used."""

from __future__ import annotations

import asyncio
from argparse import Namespace

from penstock.cli.client import Client, JsonObject
from penstock.cli.human import moment
from penstock.cli.output import print_json, print_list
from penstock.cli.pages import pages
from penstock.cli.target import find_target

_ARTIFACTS = "/flows/v1/artifacts"


def run(args: Namespace) -> int:
    return asyncio.run(_run(args, Client(find_target())))


async def _run(args: Namespace, client: Client) -> int:
    async with client:
        if args.action == "list":
            await _list(args, client)
        else:
            await _change(args, client)
    return 0


async def _list(args: Namespace, client: Client) -> None:
    artifacts = await pages(client, _ARTIFACTS, "artifacts", {"flow": args.flow}, args.limit)
    if args.output == "json":
        print_json({"artifacts": artifacts})
        return
    rows = [
        (a["graph_id"], f"{a['flow']} v{a['version']}", a["state"], moment(a["create_time"]), _reason(a))
        for a in artifacts
    ]
    empty = "No artifacts yet. Compile a package: penstock compile PATH"
    print_list(("ARTIFACT", "VERSION", "STATE", "COMPILED", "REASON"), rows, empty, flexible="REASON")


async def _change(args: Namespace, client: Client) -> None:
    body = {} if args.action == "restore" else {"reason": args.reason}
    artifact = await client.call("POST", f"{_ARTIFACTS}/{args.graph_id}:{args.action}", body=body)
    if args.output == "json":
        print_json(artifact)
    else:
        print(f"{artifact['flow']} v{artifact['version']} is {artifact['state']}")


def _reason(artifact: JsonObject) -> str:
    return str(artifact.get("state_change", {}).get("reason", ""))
