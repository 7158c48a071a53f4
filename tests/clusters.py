"""A cluster of Postgres that is made and migrated once, and copied to where a server would make its own.

A server finds it as one that starts for the second time does. That a first start makes one is for tests/storage
and for the commands of docs/ to show.
"""

from __future__ import annotations

import asyncio
import atexit
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from penstock.engine.storage.embedded import EmbeddedPostgres
from penstock.engine.storage.embedded_home import STATE_DIR, find_home
from penstock.engine.storage.postgres.migrate import migrate

_NO_POWER_CUTS = "fsync = off\n"
"""A process that is killed leaves what it wrote to the system; no test takes the power away."""


def furnish(data_dir: Path) -> None:
    """Puts a cluster without rows into a data directory that has none."""
    data_dir.mkdir(parents=True, exist_ok=True)
    home = find_home(data_dir.resolve(), STATE_DIR)
    if home.major is None:
        # With its owner: run as root, Postgres runs as another user.
        subprocess.run(["cp", "-a", _made(), home.data], check=True)


@cache
def _made() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="penstock-cluster-")).resolve()
    folder.chmod(0o755)
    atexit.register(shutil.rmtree, folder)
    # In a thread: an async test has a loop of its own running.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _make(folder)).result()
    data = find_home(folder, STATE_DIR).data
    with (data / "postgresql.auto.conf").open("a") as settings:
        settings.write(_NO_POWER_CUTS)
    return data


async def _make(folder: Path) -> None:
    postgres = EmbeddedPostgres(folder)
    await migrate(await postgres.start())
    await postgres.stop()
