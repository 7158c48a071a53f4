"""The master keys of a server: from PENSTOCK_MASTER_KEY, else from a file of the data directory."""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

from penstock.engine.domain.errors import Conflict

VARIABLE = "PENSTOCK_MASTER_KEY"
FILE = "master.key"
KEY_BYTES = 32
ID_BYTES = 8

_HOW = "`openssl rand -base64 32` makes one"


class MasterKeyError(Conflict):
    """A master key is missing or is none; the text says what to do."""

    reason = "MASTER_KEY"


@dataclass(frozen=True, slots=True, repr=False)
class MasterKey:
    """A key of AES-256. `key_id` names it and tells nothing of it."""

    key_id: bytes
    key: bytes


class MasterKeys:
    """Those that a server knows: the first one seals, all of them open.

    The variable holds them in base64, parted by commas; the file holds one a line. When the variable has any, those of
    the file only open.
    """

    def __init__(self, data_dir: Path, variable: str | None = None) -> None:
        """`variable` is the text of PENSTOCK_MASTER_KEY, None for what the environment says.

        Raises MasterKeyError when it holds something else than keys. The file is not looked at before it is needed.
        """
        self._file = data_dir / FILE
        text = os.environ.get(VARIABLE, "") if variable is None else variable
        self._given = [_key(part.strip(), VARIABLE) for part in text.split(",") if part.strip()]
        self._known: list[MasterKey] = []

    @property
    def are_given(self) -> bool:
        """Whether the variable holds any: then every server of the installation has them."""
        return bool(self._given)

    def first(self) -> MasterKey:
        """The key that seals. Makes the file when there is none and the variable is empty. Raises MasterKeyError."""
        known = self._known or self._read()
        if not known:
            _make(self._file)
            known = self._read()
            if not known:
                raise MasterKeyError(f"{self._file}: expected a master key, found none: {_HOW}")
        return known[0]

    def find(self, key_id: bytes) -> MasterKey | None:
        """The key of that id; None when this server does not know it. Raises MasterKeyError."""
        # Read anew before it is given up, for a key that was put into the file since.
        return _find(self._known, key_id) or _find(self._read(), key_id)

    def where(self) -> str:
        """Where a missing key is to be put, for messages."""
        return f"{VARIABLE} (behind a comma) or as a line of {self._file}"

    def _read(self) -> list[MasterKey]:
        try:
            lines = self._file.read_text(encoding="ascii").split()
        except FileNotFoundError:
            lines = []
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text"
            raise MasterKeyError(f"cannot read the master key in {self._file}: {why}") from error
        self._known = self._given + [_key(line, str(self._file)) for line in lines]
        return self._known


def _find(keys: list[MasterKey], key_id: bytes) -> MasterKey | None:
    return next((key for key in keys if key.key_id == key_id), None)


def _key(text: str, source: str) -> MasterKey:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        # Without the text: it may be a key with a slip in it.
        raise MasterKeyError(f"{source}: expected {KEY_BYTES} bytes in base64, got other text: {_HOW}") from None
    if len(key) != KEY_BYTES:
        raise MasterKeyError(f"{source}: expected {KEY_BYTES} bytes in base64, got {len(key)} bytes: {_HOW}")
    return MasterKey(hashlib.sha256(b"penstock master key" + key).digest()[:ID_BYTES], key)


def _make(file: Path) -> None:
    """Makes the file with a new key, whole or not at all. When several processes do so at once, one file stays."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # For its owner alone from the beginning.
        descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{FILE}-")
        try:
            with os.fdopen(descriptor, "w") as stream:
                stream.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode() + "\n")
                stream.flush()
                # What it seals is durable as soon as it is sealed: the key has to be so before.
                os.fsync(stream.fileno())
            with contextlib.suppress(FileExistsError):
                # Unlike a rename it leaves the file of another process alone.
                os.link(draft, file)
        finally:
            os.unlink(draft)
        _sync_folder(file.parent)
    except OSError as error:
        raise MasterKeyError(
            f"cannot make a master key in {file}: {error.strerror}: put one into {VARIABLE} ({_HOW})"
        ) from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
