"""`penstock keys create`: makes an API key in the database itself, for whoever runs the server."""

from __future__ import annotations

import asyncio
from argparse import Namespace

from penstock.cli.errors import CliError
from penstock.engine.domain.errors import PenstockError
from penstock.engine.rpc.keys import Keys
from penstock.engine.storage.embedded import EmbeddedPostgres
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.migrate import migrate
from penstock.engine.storage.postgres.registry import Registry


def run(args: Namespace) -> int:
    """Prints the key alone: it is seen this once."""
    try:
        print(asyncio.run(_create(args)))
    except (PenstockError, OSError) as error:
        raise CliError(str(error)) from error
    return 0


async def _create(args: Namespace) -> str:
    if args.database_url:
        return await _create_in(args.database_url, args)
    args.data_dir.mkdir(parents=True, exist_ok=True)
    postgres = EmbeddedPostgres(args.data_dir)
    try:
        return await _create_in(await postgres.start(), args)
    finally:
        await postgres.stop()


async def _create_in(database_url: str, args: Namespace) -> str:
    await migrate(database_url)
    database = Database(database_url)
    await database.open()
    try:
        return await Keys(Registry(database)).create(args.account, args.name)
    finally:
        await database.close()
