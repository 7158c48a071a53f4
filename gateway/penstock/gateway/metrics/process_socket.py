"""Where each of several processes that share a port can be asked by itself: a socket file in a private folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

_PATH_BYTES_MAX = 100
"""sockaddr_un holds 108 bytes on Linux and 104 elsewhere."""
_NAME_BYTES_MAX = 16


def socket_folder(folder: Path) -> Path:
    """The folder for the sockets of the processes that were given `folder`, made if needed.

    It is `folder` itself unless its path is too long for a socket. Raises OSError when it is another user's.
    """
    folder = folder.resolve()
    if len(os.fsencode(folder)) + _NAME_BYTES_MAX > _PATH_BYTES_MAX:
        digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"penstock-{os.geteuid()}-{digest}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        raise PermissionError(f"{folder} belongs to somebody else")
    return folder


def forget_sockets(folder: Path) -> None:
    """Removes what processes that are gone left behind. Only for who knows that all of them are."""
    shutil.rmtree(socket_folder(folder), ignore_errors=True)
