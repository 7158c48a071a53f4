"""`penstock audit list` and `export`: who called what that was to change something."""

from __future__ import annotations

import argparse
import asyncio
from contextlib import aclosing

from penstock.cli.client import Client, JsonObject
from penstock.cli.exports.export import opened
from penstock.cli.human import moment
from penstock.cli.output import print_json, print_list
from penstock.cli.pages import pages
from penstock.cli.target import find_target

RECORDS = "/audit/v1/records"
_HEADERS = ("NUMBER", "TIME", "KEY", "METHOD", "ABOUT", "OUTCOME", "FROM")


def run(args: argparse.Namespace) -> int:
    asyncio.run(_run(args, Client(find_target())))
    return 0


async def _run(args: argparse.Namespace, client: Client) -> None:
    async with client:
        if args.action == "export":
            await _export(args, client)
            return
        records = await pages(client, RECORDS, "records", {"filter": args.filter}, args.limit)
    if args.output == "json":
        print_json({"records": records})
    else:
        empty = "No call that was to change something is on record" + (
            " that the filter finds." if args.filter else "."
        )
        print_list(_HEADERS, [_row(record) for record in records], empty, flexible="ABOUT")


async def _export(args: argparse.Namespace, client: Client) -> None:
    async with aclosing(client.pieces(f"{RECORDS}:export", {"after": args.after})) as pieces:
        # The first one is waited for, so that a refusal leaves no file.
        piece = await anext(pieces, b"")
        with opened(args.out) as file:
            file.write(piece)
            async for piece in pieces:
                file.write(piece)


def _row(record: JsonObject) -> tuple[str, ...]:
    return (
        str(record["number"]),
        moment(record["time"]),
        record["key_name"] or record["key_id"],
        record["method"],
        record["resource"],
        record["reason"] or record["outcome"],
        " ".join(filter(None, (record["face"], record["address"]))),
    )
