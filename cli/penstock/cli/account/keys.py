"""`penstock keys`: looks at the keys of the account, changes and ends them."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace

from penstock.cli.client import Client, JsonObject
from penstock.cli.errors import UsageError
from penstock.cli.human import moment
from penstock.cli.output import print_json, print_list
from penstock.cli.pages import pages
from penstock.cli.target import find_target

_PATH = "/keys/v1/keys"


def run(args: Namespace) -> int:
    return asyncio.run(_run(args, Client(find_target())))


async def _run(args: Namespace, client: Client) -> int:
    action = {"list": _list, "update": _update, "rotate": _rotate, "revoke": _revoke}[args.action]
    async with client:
        await action(args, client)
    return 0


async def _list(args: Namespace, client: Client) -> None:
    query: dict[str, str | int] = {"show_revoked": "true"} if args.revoked else {}
    keys = await pages(client, _PATH, "api_keys", query, sys.maxsize)
    if args.output == "json":
        print_json({"api_keys": keys})
        return
    headers = ("KEY", "NAME", "STATE", "SCOPES", "LAST USED", "EXPIRES", "CREATED")
    print_list(headers, [_row(key) for key in keys], "No keys.", flexible="SCOPES")


def _row(key: JsonObject) -> tuple[str, ...]:
    return (
        key["key_id"],
        key["name"],
        key["state"],
        " ".join(key.get("scopes", ())),
        moment(key.get("use_time")) or "never",
        moment(key.get("expire_time")) or "never",
        moment(key["create_time"]),
    )


async def _update(args: Namespace, client: Client) -> None:
    changes: JsonObject = {}
    if args.name is not None:
        changes["name"] = args.name
    if args.scopes is not None:
        changes["scopes"] = args.scopes
    if args.expire is not None:
        changes["expire_time"] = args.expire or None
    if not changes:
        raise UsageError("expected --name, --scope or --expire (see penstock keys update --help)")
    body = {name: value for name, value in changes.items() if value is not None}
    mask = ",".join(changes).replace("expire_time", "expireTime")
    key = await client.call("PATCH", f"{_PATH}/{args.key_id}", query={"update_mask": mask}, body=body)
    _tell(args, key, f"key {args.key_id} is changed")


async def _rotate(args: Namespace, client: Client) -> None:
    body = {} if args.overlap is None else {"overlap": f"{args.overlap}s"}
    print((await client.call("POST", f"{_PATH}/{args.key_id}:rotate", body=body))["key"])


async def _revoke(args: Namespace, client: Client) -> None:
    _tell(args, await client.call("POST", f"{_PATH}/{args.key_id}:revoke", body={}), f"key {args.key_id} is revoked")


def _tell(args: Namespace, key: JsonObject, text: str) -> None:
    if args.output == "json":
        print_json(key)
    else:
        print(text)
