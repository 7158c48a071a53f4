"""`penstock aliases`: looks at aliases and moves them."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace

from penstock.cli.changes import sentences
from penstock.cli.client import Client, JsonObject
from penstock.cli.errors import CliError, Refused
from penstock.cli.human import moment
from penstock.cli.output import print_json, print_list
from penstock.cli.pages import pages
from penstock.cli.table import one_line
from penstock.cli.target import find_target

_NOTHING = "nothing"
_HINT = "--allow-breaking moves it nevertheless"
_ALL = "-"


def run(args: Namespace) -> int:
    return asyncio.run(_run(args, Client(find_target())))


async def _run(args: Namespace, client: Client) -> int:
    action = {"list": _list, "set": _set, "delete": _delete, "history": _history}[args.action]
    async with client:
        await action(args, client)
    return 0


async def _list(args: Namespace, client: Client) -> None:
    aliases = await pages(client, _path(args.flow), "aliases", {}, sys.maxsize)
    if args.output == "json":
        print_json({"aliases": aliases})
        return
    rows = [
        (alias["alias"], _words(alias["targets"]), moment(alias["update_time"]), _mover(alias)) for alias in aliases
    ]
    empty = f"{args.flow} has no aliases. Point one at a version: penstock aliases set {args.flow} live v1"
    print_list(("ALIAS", "STANDS FOR", "MOVED", "BY KEY"), rows, empty, flexible="STANDS FOR")


async def _set(args: Namespace, client: Client) -> None:
    body = {
        "targets": args.targets,
        "validate_only": args.validate_only,
        "allow_breaking": args.allow_breaking,
        "etag": args.etag,
    }
    try:
        answer = await client.call("PUT", f"{_path(args.flow)}/{args.alias}", body=body)
    except Refused as error:
        if error.reason != "BREAKING_CHANGE":
            raise
        for violation in error.violations:
            print(f"{args.flow}@{args.alias}: {one_line(violation)}", file=sys.stderr)
        raise CliError(f"callers of {args.flow}@{args.alias} would break: {_HINT}") from error
    if args.output == "json":
        print_json(answer)
        return
    for sentence in dict.fromkeys(sentence for diff in answer["diffs"] for sentence in sentences(diff)):
        print(one_line(sentence))
    verb = "would stand for" if args.validate_only else "stands for"
    print(f"{args.flow}@{args.alias} {verb} {_words(answer['alias']['targets'])}")


async def _delete(args: Namespace, client: Client) -> None:
    answer = await client.call("DELETE", f"{_path(args.flow)}/{args.alias}", query={"etag": args.etag})
    if args.output == "json":
        print_json(answer)
    else:
        print(f"{args.flow}@{args.alias} is gone")


async def _history(args: Namespace, client: Client) -> None:
    path = f"{_path(args.flow)}/{args.alias or _ALL}/moves"
    moves = await pages(client, path, "moves", {}, args.limit)
    if args.output == "json":
        print_json({"moves": moves})
        return
    rows = [(moment(m["move_time"]), m["alias"], _words(m["before"]), _words(m["after"]), _mover(m)) for m in moves]
    print_list(("MOVED", "ALIAS", "FROM", "TO", "BY KEY"), rows, f"No alias of {args.flow} has moved yet.")


def _path(flow: str) -> str:
    return f"/flows/v1/flows/{flow}/aliases"


def _words(targets: list[JsonObject]) -> str:
    """v3 90 %, v4 10 %; v3 when it is the only one."""
    if len(targets) == 1:
        return f"v{targets[0]['version']}"
    return ", ".join(f"v{target['version']} {target['weight']} %" for target in targets) or _NOTHING


def _mover(moved: JsonObject) -> str:
    return str(moved.get("key_id") or "the server")
