"""A process that delivers what is due until it is killed: URL of the database, data directory, seconds of a claim."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

from penstock.engine.storage.master_keys import MasterKeys
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.sealing import Sealer
from tests.webhooks.desk import SETTINGS, make_deliverer


async def main(url: str, data_dir: str, claim_s: str) -> None:
    database = Database(url)
    await database.open()
    settings = replace(SETTINGS, claim_s=float(claim_s))
    await make_deliverer(database, Sealer(MasterKeys(Path(data_dir), "")), settings).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
