"""`penstock executions import` and `penstock imports`: takes exported executions in, to be looked at."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from typing import BinaryIO
from uuid import uuid4

from penstock.cli.client import Client, JsonObject
from penstock.cli.errors import ConnectionBroken, UsageError
from penstock.cli.human import moment
from penstock.cli.output import print_json, print_table
from penstock.cli.pages import pages
from penstock.cli.patience import Patience
from penstock.cli.runs.follow import EXECUTIONS
from penstock.cli.table import one_line
from penstock.cli.target import find_target

IMPORTS = "/invocations/v1/imports"
_PART_BYTES = 8 * 1024 * 1024
"""What is sent at once of a large document."""
_NOTHING = (
    "Nothing was imported. Take an exported execution in:\n"
    "  penstock executions export ID --out run.json\n"
    "  penstock executions import run.json"
)
_SIGNATURES = {
    "ABSENT": "not signed: whoever changed it may have made the hashes anew",
    "GENUINE": "signed by key {}",
    "FORGED": "its signature does not hold",
}


def run(args: Namespace) -> int:
    return asyncio.run(_run(args, Client(find_target())))


async def _run(args: Namespace, client: Client) -> int:
    action = {"import": _import, "list": _list, "get": _get, "delete": _delete}[args.action]
    async with client:
        await action(args, client)
    return 0


async def _import(args: Namespace, client: Client) -> None:
    try:
        with args.file.open("rb") as file:
            size = args.file.stat().st_size
            found = await _sent(client, file, size, args)
    except OSError as error:
        if isinstance(error, ConnectionError):
            raise
        raise UsageError(f"cannot read {args.file}: {error.strerror}") from error
    if args.output == "json":
        print_json(found)
    else:
        _print(found)


async def _sent(client: Client, file: BinaryIO, size: int, args: Namespace) -> JsonObject:
    """What became of the document. One that was sent before is the same one, so a broken upload begins anew."""
    patience = Patience()
    while True:
        file.seek(0)
        try:
            return await _upload(client, file, size, args.allow_changed)
        except ConnectionBroken as error:
            await patience.wait_or_raise(error)


async def _upload(client: Client, file: BinaryIO, size: int, allow_changed: bool) -> JsonObject:
    allowed = {"allow_changed": "true" if allow_changed else ""}
    if size <= _PART_BYTES:
        answer = await client.upload(f"{EXECUTIONS}:import", allowed, file.read())
        return dict(answer["imported"])
    upload_id, offset = uuid4().hex, 0
    while True:
        part = file.read(_PART_BYTES)
        more = offset + len(part) < size
        query = allowed | {"upload_id": upload_id, "offset": str(offset), "more": "true" if more else ""}
        answer = await client.upload(f"{EXECUTIONS}:import", query, part)
        if not more:
            return dict(answer["imported"])
        offset += len(part)


async def _list(args: Namespace, client: Client) -> None:
    imports = await pages(client, IMPORTS, "imports", {}, args.limit)
    if args.output == "json":
        print_json({"imports": imports})
        return
    if not imports:
        print(_NOTHING)
        return
    rows = [
        (
            each["execution"]["execution_id"],
            f"{each['execution']['flow']} v{each['execution']['version']}",
            each["execution"]["status"],
            f"{each['event_count']:,}",
            moment(each["export_time"]),
            moment(each["import_time"]),
            each["imported_by"],
        )
        for each in imports
    ]
    headers = ("EXECUTION", "FLOW", "STATUS", "EVENTS", "EXPORTED", "IMPORTED", "BY")
    print_table(headers, rows, flexible="BY")


async def _get(args: Namespace, client: Client) -> None:
    found = await client.call("GET", f"{IMPORTS}/{args.execution_id}")
    if args.output == "json":
        print_json(found)
    else:
        _print(found)


async def _delete(args: Namespace, client: Client) -> None:
    answer = await client.call("DELETE", f"{IMPORTS}/{args.execution_id}")
    if args.output == "json":
        print_json(answer)
    else:
        print(f"import {args.execution_id} is deleted")


def _print(found: JsonObject) -> None:
    execution = found["execution"]
    facts = {
        "execution": execution["execution_id"],
        "original": execution.get("original_execution_id", ""),
        "flow": f"{execution['flow']} v{execution['version']}",
        "status": execution["status"],
        "events": f"{found['event_count']:,}" + (", without what flowed" if found["no_io"] else ""),
        "exported": moment(found["export_time"]),
        "imported": f"{moment(found['import_time'])} by {found['imported_by']}",
        "chain": found["problem"] or "nothing was changed since the export",
        "signature": _SIGNATURES.get(found["signature"], "").format(found["signed_by"]),
    }
    for name, value in facts.items():
        if value:
            print(f"{name + ':':<11}{one_line(value)}")
