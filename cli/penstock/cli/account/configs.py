"""`penstock configs`: looks at config profiles and changes them."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from typing import Any

from penstock.cli.client import Client, JsonObject
from penstock.cli.human import moment
from penstock.cli.input import read_input
from penstock.cli.output import print_json, print_list
from penstock.cli.pages import pages
from penstock.cli.table import one_line
from penstock.cli.target import find_target

_PATH = "/configs/v1/configs"
_EVERY_FLOW = "every flow"


def run(args: Namespace) -> int:
    return asyncio.run(_run(args, Client(find_target())))


async def _run(args: Namespace, client: Client) -> int:
    action = {"list": _list, "get": _get, "set": _set, "delete": _delete}[args.action]
    async with client:
        await action(args, client)
    return 0


async def _list(args: Namespace, client: Client) -> None:
    configs = await pages(client, _PATH, "configs", {"flow": args.flow}, sys.maxsize)
    if args.output == "json":
        print_json({"configs": configs})
        return
    rows = [
        (
            config["config_id"],
            config.get("flow") or _EVERY_FLOW,
            "yes" if config.get("is_default") else "",
            moment(config.get("update_time")),
            config.get("description", ""),
        )
        for config in configs
    ]
    empty = "No config profiles yet. Make one: penstock configs set NAME --values JSON"
    print_list(("CONFIG", "FOR", "DEFAULT", "CHANGED", "DESCRIPTION"), rows, empty, flexible="DESCRIPTION")


async def _get(args: Namespace, client: Client) -> None:
    # Values are a tree: no table shows them.
    print_json(await client.call("GET", f"{_PATH}/{args.config_id}"))


async def _set(args: Namespace, client: Client) -> None:
    config = _given(args)
    query = {"update_mask": ",".join(map(_camel, config)), "allow_missing": "true"}
    answer = await client.call("PATCH", f"{_PATH}/{args.config_id}", query=query, body=config)
    if args.output == "json":
        print_json(answer)
        return
    default = ", default" if answer.get("is_default") else ""
    print(one_line(f"config {args.config_id} is for {_whom(answer)}{default}"))


async def _delete(args: Namespace, client: Client) -> None:
    answer = await client.call("DELETE", f"{_PATH}/{args.config_id}")
    if args.output == "json":
        print_json(answer)
    else:
        print(f"config {args.config_id} is gone")


def _given(args: Namespace) -> JsonObject:
    """What the command line says about the config; what it does not say stays as it is."""
    config: dict[str, Any] = {}
    if args.flow is not None:
        config["flow"] = args.flow
    if args.default is not None:
        config["is_default"] = args.default
    if args.description is not None:
        config["description"] = args.description
    if args.values is not None:
        config["values"] = read_input(args.values, "--values")
    if args.nodes is not None:
        config["nodes"] = read_input(args.nodes, "--nodes")
    return config


def _whom(config: JsonObject) -> str:
    return f"flow {config['flow']}" if config.get("flow") else _EVERY_FLOW


def _camel(name: str) -> str:
    """is_default -> isDefault: the JSON form of a field mask."""
    head, *rest = name.split("_")
    return head + "".join(map(str.capitalize, rest))
