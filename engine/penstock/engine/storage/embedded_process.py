"""Runs the server process of an embedded cluster: makes the cluster, launches, watches and ends the server.

`postmaster.pid`, which the server writes, says how far it is (as `pg_ctl` reads it); nothing here needs
a database connection. Every function blocks and is meant for a thread.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from penstock.engine.storage.embedded_home import SOCKET_NAME, EmbeddedPostgresError, Home

SUPERUSER = "penstock"

_POLL_S = 0.005
_EXEC_S = 0.2
_FAST_STOP_S = 30.0
_IMMEDIATE_STOP_S = 10.0
_LOG_BYTES_MAX = 10 * 1024 * 1024
_OUTPUT_CHARACTERS_MAX = 2_000

# The shell ends at once and leaves the server behind: no event loop, and no exit of this process, ends it.
_LAUNCH = '"$@" >>"$0" 2>&1 </dev/null & echo $!'


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What `postmaster.pid` says. `status` is starting, ready, stopping or standby."""

    pid: int
    socket_folder: Path
    status: str


def read_postmaster(data: Path) -> Postmaster | None:
    """None when there is no such file, or the server has only begun to write it."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        return Postmaster(int(lines[0]), Path(lines[4]), lines[7].strip())
    except (FileNotFoundError, ValueError, IndexError):
        return None


def is_server(pid: int, data: Path) -> bool:
    """Whether the process is the server of that cluster: after a reboot its pid may be anybody's."""
    if os.getpid() == 1:
        # The first process of a container inherits the server, and nobody else reaps it.
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
    return os.fsencode(data) in _command_line(pid)


def is_process(pid: int) -> bool:
    """Whether there is a process of that pid, whosever it is."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def accepts(folder: Path) -> bool:
    """Whether a server listens on the socket in that folder."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(1.0)
        try:
            connection.connect(str(folder / SOCKET_NAME))
        except OSError:
            return False
        return True


def make_cluster(home: Home, binaries: Path) -> None:
    """Makes `home.data`; a cluster that was only half made is not mistaken for one."""
    partial = home.folder / "data.partial"
    if partial.exists():
        shutil.rmtree(partial)
    # Locale C sorts text alike on every machine, so that no index breaks when the C library changes.
    options = ["--username", SUPERUSER, "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-instructions"]
    if home.is_passing:
        options.append("--no-sync")
    _run(home, [binaries / "initdb", "--pgdata", partial, *options])
    partial.rename(home.data)
    folder = os.open(home.folder, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def launch(home: Home, binaries: Path, sockets: Path) -> int:
    """Starts the server in a session of its own, so that Ctrl-C here does not end it. Gives its pid."""
    if home.log_file.exists() and home.log_file.stat().st_size > _LOG_BYTES_MAX:
        home.log_file.replace(home.folder / "server.log.1")
    quoted = '"' + str(sockets).replace('"', '""') + '"'
    settings = ["listen_addresses=", f"unix_socket_directories={quoted}", "unix_socket_permissions=0700", "port=5432"]
    if home.is_passing:
        settings += ["fsync=off", "full_page_writes=off", "synchronous_commit=off"]
    options = [word for setting in settings for word in ("-c", setting)]
    server = [str(binaries / "postgres"), "-D", str(home.data), *options]
    return int(_run(home, ["/bin/sh", "-c", _LAUNCH, home.log_file, *server]))


def wait_until_ready(home: Home, pid: int, deadline: float) -> Postmaster | None:
    """The server once it accepts connections; None when it ended before. `deadline` is on the monotonic clock."""
    while True:
        found = read_postmaster(home.data)
        if found and found.pid == pid and found.status == "ready" and accepts(found.socket_folder):
            return found
        # A process that is just becoming the server has no command line for a moment.
        if not wait_for(lambda: is_server(pid, home.data), _EXEC_S):
            return None
        if time.monotonic() > deadline:
            raise EmbeddedPostgresError(f"Postgres is not ready yet; its log is {home.log_file}")
        time.sleep(_POLL_S)


def terminate(home: Home, pid: int) -> None:
    """Ends the server and returns when its process is gone; sessions that are open are broken off."""
    steps = ((signal.SIGINT, _FAST_STOP_S), (signal.SIGQUIT, _IMMEDIATE_STOP_S))
    for number, patience_s in steps[1:] if home.is_passing else steps:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        if wait_for(lambda: not is_server(pid, home.data), patience_s):
            return
    raise EmbeddedPostgresError(f"Postgres (process {pid}) does not stop; its log is {home.log_file}")


def wait_for(condition: Callable[[], bool], patience_s: float) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    return True


def log_size(home: Home) -> int:
    return home.log_file.stat().st_size if home.log_file.exists() else 0


def log_tail(home: Home, offset: int) -> str:
    """The end of what the server logged after `offset` bytes."""
    if not home.log_file.exists():
        return ""
    with home.log_file.open("rb") as file:
        # A log that is shorter by now was begun anew.
        file.seek(offset if offset <= log_size(home) else 0)
        return _one_line(file.read().decode(errors="replace"))


def _command_line(pid: int) -> bytes:
    """Empty for a process that is gone, or ended and not reaped."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return b""
    return subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, check=False).stdout


def _run(home: Home, command: Iterable[str | Path]) -> str:
    """Runs a program as the owner of the cluster and gives its output."""
    # PG* variables of the user would reach into the server, and its language into the log.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    environment |= {"LC_ALL": "C", "TZ": "UTC"}
    words = [str(word) for word in command]
    account = home.account
    answer = subprocess.run(
        words,
        env=environment,
        cwd="/",
        start_new_session=True,
        capture_output=True,
        text=True,
        check=False,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    if answer.returncode != 0:
        raise EmbeddedPostgresError(f"{words[0]} failed: {_one_line(answer.stderr or answer.stdout)}")
    return answer.stdout


def _one_line(text: str) -> str:
    return "; ".join(line.strip() for line in text[-_OUTPUT_CHARACTERS_MAX:].splitlines() if line.strip())
