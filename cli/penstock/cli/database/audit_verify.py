"""`penstock audit verify`: whether the audit log is what it was."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from penstock.cli.account.audit import RECORDS
from penstock.cli.client import Client
from penstock.cli.errors import CliError, UsageError
from penstock.cli.target import find_target
from penstock.engine.domain.audit import Record
from penstock.engine.storage.audit_chain import START, link, spell

_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00Z")


def run(args: argparse.Namespace) -> int:
    records = _records(args.file)
    problem = _problem(records, args.known)
    if problem:
        raise CliError(f"the audit log does not hold: {problem}")
    if not records:
        print("no call is on record")
        return 0
    last = records[-1]
    print(f"{last['number']} records hold together; the last one is {last['number']}:{last['hash']}")
    return 0


def _records(file: str | None) -> list[dict[str, Any]]:
    try:
        if file is None:
            text = asyncio.run(_fetched(Client(find_target())))
        else:
            text = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        records = json.loads(text)["records"]
    except OSError as error:
        raise CliError(f"{file}: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{file or 'the server'}: expected an export of the audit log") from error
    if not isinstance(records, list):
        raise UsageError(f"{file or 'the server'}: expected an export of the audit log")
    return records


async def _fetched(client: Client) -> bytes:
    async with client:
        return b"".join([piece async for piece in client.pieces(f"{RECORDS}:export", {})])


def _problem(records: list[dict[str, Any]], known: tuple[int, str] | None) -> str:
    """What is wrong first; "" when nothing is."""
    head = START
    for number, record in enumerate(records, 1):
        try:
            if record["number"] != number:
                return f"after record {number - 1} comes record {record['number']}"
            head = link(head, spell(number, _read(record)))
            if record["hash"] != head.hex():
                return f"record {number} was changed, or what came before it"
        except (KeyError, TypeError, ValueError):
            return f"record {number} is none"
        if known is not None and known[0] == number and known[1] != head.hex():
            return f"record {number} is not the one that was known"
    if known is not None and known[0] > len(records):
        return f"record {known[0]} is missing, and what followed it"
    return ""


def _read(record: dict[str, Any]) -> Record:
    time = (datetime.fromisoformat(record["time"]) - _EPOCH) // timedelta(microseconds=1)
    return Record(time, *(str(record[name]) for name in Record._fields[1:]))
