"""`penstock sdk`: writes the client of a flow into a folder."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from urllib.parse import quote

from penstock.cli.client import Client, Download
from penstock.cli.errors import UsageError
from penstock.cli.target import find_target


def run(args: argparse.Namespace) -> int:
    """Prints the path of the archive, for pip or npm to install."""
    if args.flavour and args.language != "python":
        raise UsageError("--flavour is for --language python alone")
    found = asyncio.run(_download(args, Client(find_target())))
    path: Path = args.out / found.name
    try:
        args.out.mkdir(parents=True, exist_ok=True)
        path.write_bytes(found.content)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    print(path)
    return 0


async def _download(args: argparse.Namespace, client: Client) -> Download:
    path = f"/flows/v1/artifacts/{quote(args.flow, safe='@')}/sdk/{args.language}"
    async with client:
        return await client.download(path, {"flavour": args.flavour or ""})
