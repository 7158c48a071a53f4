"""`penstock secrets rotate`: seals what is sealed by a new master key, in the database, for whoever runs the server."""

from __future__ import annotations

import asyncio
from argparse import Namespace

from penstock.cli.errors import CliError
from penstock.cli.output import print_json
from penstock.engine.domain.errors import PenstockError
from penstock.engine.runtime.settings.secrets import reseal_all
from penstock.engine.storage.embedded import EmbeddedPostgres
from penstock.engine.storage.master_keys import MasterKeys
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.migrate import migrate
from penstock.engine.storage.postgres.secrets import SecretRows
from penstock.engine.storage.postgres.webhook_secrets import WebhookSecrets
from penstock.engine.storage.sealing import Sealer


def run(args: Namespace) -> int:
    try:
        count = asyncio.run(_reseal(args))
    except (PenstockError, OSError) as error:
        raise CliError(str(error)) from error
    if args.output == "json":
        print_json({"resealed": count})
    elif count:
        print(f"{count} {'secret is' if count == 1 else 'secrets are'} sealed by the first master key now")
    else:
        print("every secret was sealed by the first master key already")
    return 0


async def _reseal(args: Namespace) -> int:
    keys = MasterKeys(args.data_dir)
    if args.database_url:
        return await _reseal_in(args.database_url, keys, replaces_lost=args.replace_lost)
    args.data_dir.mkdir(parents=True, exist_ok=True)
    postgres = EmbeddedPostgres(args.data_dir)
    try:
        return await _reseal_in(await postgres.start(), keys, replaces_lost=args.replace_lost)
    finally:
        await postgres.stop()


async def _reseal_in(database_url: str, keys: MasterKeys, *, replaces_lost: bool) -> int:
    await migrate(database_url)
    sealer = Sealer(keys)
    database = Database(database_url, sealer)
    await database.open()
    try:
        count = await database.data_keys.reseal(replaces_lost=replaces_lost)
        count += await reseal_all(SecretRows(database), sealer)
        return count + await WebhookSecrets(database, sealer).reseal()
    finally:
        await database.close()
