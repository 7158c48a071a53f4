"""A real Postgres server in the data directory, for those who name no database.

The cluster is in `<data-dir>/postgres` (for root sometimes elsewhere: see `embedded_home`) and logs to
`server.log` beside it. It listens on a private Unix socket alone. What makes Postgres durable is left
at its defaults. The server outlives an engine that is killed, and the next start finds it running.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Thread
from urllib.parse import quote

from penstock.engine.storage.embedded_binaries import find_binaries
from penstock.engine.storage.embedded_home import (
    SOCKET_NAME,
    STATE_DIR,
    EmbeddedPostgresError,
    Home,
    find_home,
    socket_folder,
)
from penstock.engine.storage.embedded_process import (
    SUPERUSER,
    Postmaster,
    accepts,
    is_process,
    is_server,
    launch,
    log_size,
    log_tail,
    make_cluster,
    read_postmaster,
    terminate,
    wait_for,
    wait_until_ready,
)

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError", "start_ahead"]

log = logging.getLogger(__name__)

_START_S = 120.0
"""Longest start: replaying what a killed server had not written to its tables yet."""

_SOCKET_S = 2.0
"""How long a server that says it is ready may leave its socket unanswered."""

_LOCKED_S = 10.0
"""Longest time that the sessions of a killed server may keep its cluster locked."""

_RELAUNCH_DELAY_S = 0.05


class EmbeddedPostgres:
    """One user of the server of a data directory.

    Several processes may use it at once: the last one to stop ends the server. `data_dir` is made when
    it is not there. `state_dir` is where root keeps what does not fit into the data directory. `is_passing` is for
    a data directory that is removed when this user stops: its server starts faster and survives no crash.
    """

    def __init__(self, data_dir: Path, state_dir: Path = STATE_DIR, *, is_passing: bool = False) -> None:
        self._data_dir = data_dir
        self._state_dir = state_dir
        self._is_passing = is_passing
        self._home: Home | None = None
        self._users: int | None = None

    async def start(self) -> str:
        """The URL of the server, which is started unless it runs. May be called again.

        Raises EmbeddedPostgresError, also when the cluster was made by another major version of
        Postgres than those that are here.
        """
        return await asyncio.to_thread(self._start)

    async def stop(self) -> None:
        """Ends the server unless another process uses it. Does nothing before `start`."""
        await asyncio.to_thread(self._stop)

    def _start(self) -> str:
        try:
            self._data_dir.mkdir(parents=True, exist_ok=True)
            data_dir = self._data_dir.resolve()
            with _locked(data_dir):
                home = replace(find_home(data_dir, self._state_dir), is_passing=self._is_passing)
                postmaster = _started(home, self._state_dir)
                self._home = home
                if self._users is None:
                    self._users = _open_users(data_dir)
                    fcntl.flock(self._users, fcntl.LOCK_SH)
        except OSError as error:
            raise EmbeddedPostgresError(f"cannot start Postgres: {error}") from error
        return f"postgresql://{SUPERUSER}@/postgres?host={quote(str(postmaster.socket_folder), safe='')}&port=5432"

    def _stop(self) -> None:
        if self._home is None or self._users is None:
            return
        users, self._users = self._users, None
        try:
            with _locked(self._data_dir.resolve()):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _end(self._home)
                if self._is_passing:
                    # For root it may be outside of the data directory.
                    shutil.rmtree(self._home.folder, ignore_errors=True)
        except BlockingIOError:
            log.debug("another process uses the server", extra={"action": "embedded_postgres_left"})
        except OSError as error:
            raise EmbeddedPostgresError(f"cannot stop Postgres: {error}") from error
        finally:
            os.close(users)


def start_ahead(data_dir: Path) -> None:
    """Begins to start the server of a data directory that has one, in the background.

    `EmbeddedPostgres.start` finds it running, or tells what goes wrong.
    """
    Thread(target=_start_ahead, args=(data_dir,), name="postgres", daemon=True).start()


def _start_ahead(data_dir: Path) -> None:
    with suppress(OSError, EmbeddedPostgresError), _locked(data_dir.resolve()):
        home = find_home(data_dir.resolve(), STATE_DIR)
        if home.major is not None:
            _started(home, STATE_DIR)


@contextmanager
def _locked(data_dir: Path) -> Iterator[None]:
    """Keeps others from starting or stopping the server meanwhile; the kernel frees it when the process dies."""
    lock = os.open(data_dir / "postgres.lock", os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _open_users(data_dir: Path) -> int:
    """A file that each user of the server holds a shared lock on."""
    return os.open(data_dir / "postgres.users", os.O_RDONLY | os.O_CREAT, 0o644)


def _started(home: Home, state_dir: Path) -> Postmaster:
    begin = time.monotonic()
    # The sessions of a killed server take a moment to end, and keep the cluster locked until then.
    give_up = begin + (_LOCKED_S if (home.data / "postmaster.pid").exists() else 0.0)
    offset = log_size(home)
    while True:
        ready = _running(home) or _launched(home, state_dir, begin + _START_S)
        if ready is not None:
            return ready
        if time.monotonic() > give_up:
            raise EmbeddedPostgresError(f"Postgres did not start: {log_tail(home, offset)}")
        time.sleep(_RELAUNCH_DELAY_S)


def _running(home: Home) -> Postmaster | None:
    """The server that an engine before left running; None when there is none that can be used."""
    found = read_postmaster(home.data)
    if found is None:
        return None
    if not is_server(found.pid, home.data):
        if is_process(found.pid):
            # Another process has the pid by now, and Postgres would take it for the server.
            (home.data / "postmaster.pid").unlink(missing_ok=True)
            (found.socket_folder / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)
        return None
    if found.status == "ready" and wait_for(lambda: accepts(found.socket_folder), _SOCKET_S):
        return found
    if found.status == "starting":
        return wait_until_ready(home, found.pid, time.monotonic() + _START_S)
    # It is stopping, or its socket was deleted.
    terminate(home, found.pid)
    return None


def _launched(home: Home, state_dir: Path, deadline: float) -> Postmaster | None:
    """A new server; None when it ended at once."""
    binaries = find_binaries(home.major, home.account, state_dir).folder
    if home.major is None:
        make_cluster(home, binaries)
    return wait_until_ready(home, launch(home, binaries, socket_folder(home)), deadline)


def _end(home: Home) -> None:
    found = read_postmaster(home.data)
    if found is None or not is_server(found.pid, home.data):
        return
    terminate(home, found.pid)
    if found.socket_folder != home.folder:
        with suppress(OSError):
            found.socket_folder.rmdir()
