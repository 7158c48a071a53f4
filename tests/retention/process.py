"""A process that sweeps until it is killed in the middle: URL of the database, time of its clock."""

from __future__ import annotations

import asyncio
import sys

from penstock.engine.domain import limits
from penstock.engine.storage.postgres.database import Database
from tests.retention.past import Past

_LOTS = 3


async def main(url: str, time_us: str) -> None:
    limits.SWEEP_LOT, limits.SWEEP_EVENTS = 8, 50
    database = Database(url)
    await database.open()
    past = Past(database)
    past.clock.time_us = int(time_us)
    sweeper = past.sweeper()
    remove = sweeper._retention.remove
    lots = 0

    async def remove_some(*arguments: object, **more: object) -> bool:
        nonlocal lots
        lots += 1
        if lots > _LOTS:
            print("half", flush=True)
            await asyncio.Event().wait()
        return await remove(*arguments, **more)  # type: ignore[arg-type]

    sweeper._retention.remove = remove_some  # type: ignore[method-assign]
    await sweeper.sweep()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
