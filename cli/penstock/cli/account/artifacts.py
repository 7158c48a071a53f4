"""`penstock artifacts`: compares artifacts."""

from __future__ import annotations

import asyncio
from argparse import Namespace

from penstock.cli.changes import breakages, verdict
from penstock.cli.client import Client, JsonObject
from penstock.cli.output import print_json, print_table
from penstock.cli.target import find_target

_PATH = "/flows/v1/artifacts:diff"


def run(args: Namespace) -> int:
    """Gives 1 when callers of the first artifact break whether they send protobuf or JSON, else 0."""
    diff = asyncio.run(_diff(args, Client(find_target())))
    if args.output == "json":
        print_json(diff)
    else:
        _print(diff)
    return 1 if diff["wire_breaking"] or diff["json_breaking"] else 0


async def _diff(args: Namespace, client: Client) -> JsonObject:
    async with client:
        return await client.call("GET", _PATH, query={"before": args.before, "after": args.after})


def _print(diff: JsonObject) -> None:
    print(f"{diff['before']} -> {diff['after']} breaks {verdict(diff)}")
    _print_part(("BREAKS", "PATH", "WHAT"), breakages(diff), "WHAT")
    inside = [(change["kind"], change["subject"], change["message"]) for change in diff["graph_changes"]]
    _print_part(("INSIDE", "SUBJECT", "WHAT"), inside, "WHAT")
    pinned = [(row["graph_id"], str(row["version"]), str(row["execution_count"])) for row in diff["pinned"]]
    _print_part(("PINNED", "VERSION", "EXECUTIONS"), pinned, "")


def _print_part(headers: tuple[str, str, str], rows: list[tuple[str, str, str]], flexible: str) -> None:
    if rows:
        print()
        print_table(headers, rows, flexible)
