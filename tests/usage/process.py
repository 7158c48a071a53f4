"""A process that adds up, one transaction a time, until it is killed: URL of the database, data directory."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from penstock.engine.storage.postgres import usage
from tests.storage.samples import opened
from tests.usage.desk import ManualClock, Process


async def main(url: str, folder: str) -> None:
    usage._LOT = usage._LOT.replace(f"first {usage.LOT} rows", "first 1 rows")
    async with opened(url) as database:
        process = Process(database, ManualClock(), Path(folder))
        while True:
            await process.rollup._add_lot()
            print("added", flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
