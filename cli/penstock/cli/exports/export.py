"""`penstock executions export`: writes a whole execution into one document."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import BinaryIO

from penstock.cli.client import Client, JsonObject
from penstock.cli.errors import CliError
from penstock.cli.exports.export_html import html_report
from penstock.cli.exports.export_markdown import markdown_report
from penstock.cli.runs.follow import EXECUTIONS
from penstock.cli.target import find_target

_REPORTS = {"html": html_report, "markdown": markdown_report}


def run(args: argparse.Namespace) -> int:
    asyncio.run(_run(args, Client(find_target())))
    return 0


async def _run(args: argparse.Namespace, client: Client) -> None:
    report = _REPORTS.get(args.format)
    async with client:
        if report is not None:
            text = report(await read_export(client, args.execution_id, no_io=args.no_io))
            with opened(args.out) as file:
                file.write(text.encode())
            return
        async with aclosing(_pieces(client, args.execution_id, args.no_io, args.format == "audit")) as pieces:
            # The first one is waited for, so that a refusal leaves no file.
            piece = await anext(pieces, b"")
            with opened(args.out) as file:
                file.write(piece)
                async for piece in pieces:
                    file.write(piece)


async def read_export(client: Client, execution_id: str, *, no_io: bool) -> JsonObject:
    """The document of an execution."""
    async with aclosing(_pieces(client, execution_id, no_io, False)) as pieces:
        document: JsonObject = json.loads(b"".join([piece async for piece in pieces]))
        return document


def _pieces(client: Client, execution_id: str, no_io: bool, signed: bool) -> AsyncGenerator[bytes, None]:
    query = {"no_io": "true" if no_io else "", "signed": "true" if signed else ""}
    return client.pieces(f"{EXECUTIONS}/{execution_id}:export", query)


@contextmanager
def opened(path: Path | None) -> Iterator[BinaryIO]:
    """Standard output, or a file that is there whole or not at all."""
    if path is None:
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    except OSError as error:
        raise CliError(f"cannot write {path}: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        os.replace(draft, path)
    except BaseException as error:
        os.unlink(draft)
        if isinstance(error, OSError) and not isinstance(error, ConnectionError):
            raise CliError(f"cannot write {path}: {error.strerror}") from error
        raise
