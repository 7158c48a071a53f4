"""`penstock migrate`: brings the database to what this version needs."""

from __future__ import annotations

import asyncio
from argparse import Namespace

from penstock.cli.errors import CliError
from penstock.engine.domain.errors import PenstockError
from penstock.engine.storage.embedded import EmbeddedPostgres
from penstock.engine.storage.postgres.migrate import migrate


def run(args: Namespace) -> int:
    try:
        applied = asyncio.run(_migrate(args))
    except (PenstockError, OSError) as error:
        raise CliError(str(error)) from error
    for name in applied:
        print(f"applied {name}")
    if not applied:
        print("the database is up to date")
    return 0


async def _migrate(args: Namespace) -> list[str]:
    if args.database_url:
        return await migrate(args.database_url)
    args.data_dir.mkdir(parents=True, exist_ok=True)
    postgres = EmbeddedPostgres(args.data_dir)
    try:
        return await migrate(await postgres.start())
    finally:
        await postgres.stop()
