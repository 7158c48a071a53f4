"""Decides in which folder an embedded cluster lives, and which system user its server runs as.

Run by an ordinary user, a cluster lives in `<data-dir>/postgres` and its server runs as that user.

Run by root it cannot: Postgres refuses to. The server then runs as the owner of the cluster, which for
a new one is `postgres`, or `nobody` where that user does not exist. When that user cannot reach the data
directory (one below /root, for example) the permissions of its parents are not changed. The cluster
goes to `/var/lib/penstock/<hash of the data directory>` instead, which outlives a reboot as the data
directory does, and `<data-dir>/postgres.location` names the place. That record is the only link: a data
directory that was deleted and made again begins with an empty database, and the cluster of the deleted
one stays until somebody removes it; its file `data-dir` tells whose it was.
"""

from __future__ import annotations

import hashlib
import logging
import os
import pwd
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from penstock.engine.domain.errors import StoreUnavailable

log = logging.getLogger(__name__)

STATE_DIR = Path("/var/lib/penstock")
SOCKET_NAME = ".s.PGSQL.5432"

_SOCKET_PATH_BYTES_MAX = 99
"""sockaddr_un holds 108 bytes on Linux and 104 elsewhere; Postgres adds to the name while it makes the socket."""


class EmbeddedPostgresError(StoreUnavailable):
    """The embedded server cannot be started or stopped. The message says what to do."""

    reason = "EMBEDDED_POSTGRES"


@dataclass(frozen=True, slots=True)
class Account:
    """A system user other than the one that this process runs as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Home:
    """Where a cluster lives. `account` is whom the server runs as; None means as this process does.

    `is_passing` is true for one that is thrown away when its server ends: then it need not survive a crash.
    """

    folder: Path
    account: Account | None
    is_passing: bool = False

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log_file(self) -> Path:
        return self.folder / "server.log"

    @property
    def major(self) -> int | None:
        """Major version of the Postgres that made the cluster; None before there is one."""
        version = self.data / "PG_VERSION"
        return int(version.read_text()) if version.exists() else None


def find_home(data_dir: Path, state_dir: Path) -> Home:
    """The home of the cluster that belongs to `data_dir`, an existing, resolved folder. Makes it if needed."""
    record = data_dir / "postgres.location"
    recorded = Path(record.read_text().strip()) if record.exists() else None
    if recorded is not None and not recorded.is_dir():
        raise EmbeddedPostgresError(
            f"the database of {data_dir} was in {recorded}, which is gone: "
            f"restore that folder, or delete {record} to begin with an empty database"
        )
    folder = recorded or data_dir / "postgres"
    if os.geteuid() != 0:
        return _home_of_user(folder)
    account = _server_account(folder)
    if recorded is None and not can_enter(data_dir, account):
        if (folder / "data").exists():
            raise EmbeddedPostgresError(
                f"user {account.name} cannot reach {folder} any more: "
                f"allow others to enter each folder above it (chmod o+x)"
            )
        folder = _make_outside(data_dir, state_dir, account)
        _write(record, f"{folder}\n")
    _make_private(folder, account)
    return Home(folder, account)


def can_enter(folder: Path, account: Account) -> bool:
    """Whether `account` may pass through a resolved folder and each one above it."""
    return all(can_execute(step, account) for step in (folder, *folder.parents))


def can_execute(path: Path, account: Account) -> bool:
    """Whether the permission bits let `account` run a file or pass through a folder."""
    status = path.stat()
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def socket_folder(home: Home) -> Path:
    """A private folder whose path is short enough for a socket: the home itself, else one under the temp folder.

    The one under the temp folder is recorded in `<home>/socket.location` and used again while it is there.
    """
    if _suits_socket(home.folder):
        return home.folder
    record = home.folder / "socket.location"
    if record.exists():
        recorded = Path(record.read_text().strip())
        if _is_private(recorded, home.account):
            return recorded
    for parent in (Path(tempfile.gettempdir()).resolve(), Path("/tmp").resolve()):
        # mkdtemp adds eight characters to the prefix.
        if not _suits_socket(parent / "penstock-12345678") or (home.account and not can_enter(parent, home.account)):
            continue
        folder = Path(tempfile.mkdtemp(prefix="penstock-", dir=parent))
        if home.account:
            os.chown(folder, home.account.uid, home.account.gid)
        _write(record, f"{folder}\n")
        return folder
    raise EmbeddedPostgresError(f"the path {home.folder} is too long for a socket and so is that of the temp folder")


def _home_of_user(folder: Path) -> Home:
    _make_private(folder, None)
    owner = folder.stat().st_uid
    if owner != os.geteuid():
        raise EmbeddedPostgresError(
            f"{folder} belongs to user {_account(owner, 0).name}: "
            f"start as the user who made it (root, if it was made by root), or choose another data directory"
        )
    return Home(folder, None)


def _server_account(folder: Path) -> Account:
    """For root: the owner of a cluster that exists, else an unprivileged system user."""
    if folder.exists() and (status := folder.stat()).st_uid != 0:
        return _account(status.st_uid, status.st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedPostgresError(
        "Postgres does not run as root, and there is neither a user postgres nor a user nobody: "
        "make one of them, or start as another user"
    )


def _account(uid: int, gid: int) -> Account:
    try:
        return Account(pwd.getpwuid(uid).pw_name, uid, gid)
    except KeyError:
        return Account(str(uid), uid, gid)


def _make_outside(data_dir: Path, state_dir: Path, account: Account) -> Path:
    state_dir.mkdir(mode=0o755, parents=True, exist_ok=True)
    if not can_enter(state_dir.resolve(), account):
        raise EmbeddedPostgresError(f"user {account.name} can reach neither {data_dir} nor {state_dir}")
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    count = 1
    while True:
        # Clusters of deleted data directories of the same path keep the names before.
        folder = state_dir.resolve() / (digest if count == 1 else f"{digest}-{count}")
        try:
            folder.mkdir(mode=0o700)
            break
        except FileExistsError:
            count += 1
    _write(folder / "data-dir", f"{data_dir}\n")
    log.warning(
        "user %s cannot reach %s: the database is kept in %s",
        account.name,
        data_dir,
        folder,
        extra={"action": "embedded_postgres_placed"},
    )
    return folder


def _make_private(folder: Path, account: Account | None) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    if account is not None and folder.stat().st_uid != account.uid:
        os.chown(folder, account.uid, account.gid)
        folder.chmod(0o700)


def _suits_socket(folder: Path) -> bool:
    # libpq reads a comma as the end of one host and the beginning of the next.
    return len(os.fsencode(folder / SOCKET_NAME)) <= _SOCKET_PATH_BYTES_MAX and "," not in str(folder)


def _is_private(folder: Path, account: Account | None) -> bool:
    """Whether nobody else could have put it there: the temp folder is open to all users."""
    try:
        status = folder.lstat()
    except FileNotFoundError:
        return False
    owner = account.uid if account else os.geteuid()
    return stat.S_ISDIR(status.st_mode) and stat.S_IMODE(status.st_mode) == 0o700 and status.st_uid == owner


def _write(path: Path, text: str) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text)
    partial.replace(path)
