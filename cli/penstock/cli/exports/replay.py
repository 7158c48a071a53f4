"""`penstock executions replay`: walks through what is on record of an execution."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from penstock.cli.client import Client, JsonObject
from penstock.cli.commandline.argument_types import execution_id
from penstock.cli.errors import UsageError
from penstock.cli.exports.export import read_export
from penstock.cli.exports.export_document import read_document
from penstock.cli.exports.replay_keys import walk
from penstock.cli.exports.replay_recording import Recording
from penstock.cli.exports.replay_views import heading, io_lines, print_standing, step_lines
from penstock.cli.target import find_target


def run(args: argparse.Namespace) -> int:
    recording = Recording(_document(args))
    if args.at is not None:
        if args.at > recording.last:
            raise UsageError(f"--at: expected at most {recording.last}, the last sequence, got {args.at}")
        _print_step(recording, args.at, args.show_io)
        print()
        print_standing(recording.at(args.at))
    elif sys.stdin.isatty() and sys.stdout.isatty():
        walk(recording, show_io=args.show_io)
    else:
        _print_all(recording, args.show_io)
    return 0


def _document(args: argparse.Namespace) -> JsonObject:
    try:
        wanted = execution_id(args.source)
    except argparse.ArgumentTypeError:
        path = Path(args.source)
        if not path.exists():
            raise UsageError(
                f"expected an execution (32 lower-case hex digits) or an exported document, got {args.source}"
            ) from None
        return read_document(path)
    return asyncio.run(_fetch(wanted, no_io=not args.show_io))


async def _fetch(wanted: str, *, no_io: bool) -> JsonObject:
    async with Client(find_target()) as client:
        return await read_export(client, wanted, no_io=no_io)


def _print_all(recording: Recording, show_io: bool) -> None:
    print(heading(recording))
    for sequence in range(1, recording.last + 1):
        _print_step(recording, sequence, show_io)
    print()
    print_standing(recording.at(recording.last))


def _print_step(recording: Recording, sequence: int, show_io: bool) -> None:
    lines = step_lines(recording, sequence)
    if show_io:
        lines += io_lines(recording, sequence)
    print("\n".join(lines))
