"""Seals what must not be read in the database: each value by a data key of its own, which a master key seals.

A sealed value is

    1 byte   form, 1
    8 bytes  id of the master key
    12 + 48  nonce, and the data key sealed by the master key
    12 + n   nonce, and the value sealed by the data key

all of it by AES-256-GCM. Both seals hold only for the context that the value was sealed for, so that a row which
somebody moves to another account or name does not open there. A new master key has to seal the data keys anew, not the
values.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from penstock.engine.storage.master_keys import ID_BYTES, KEY_BYTES, MasterKey, MasterKeyError, MasterKeys

_FORM = b"\x01"
_NONCE_BYTES = 12
_TAG_BYTES = 16
_KEY_END = 1 + ID_BYTES + _NONCE_BYTES + KEY_BYTES + _TAG_BYTES


class Sealer:
    """Seals by the first master key, opens by any that it knows."""

    def __init__(self, keys: MasterKeys) -> None:
        self._keys = keys

    def seal(self, plain: bytes, context: bytes) -> bytes:
        """`context` is told again to open it: see `binding`. Raises MasterKeyError."""
        data_key = os.urandom(KEY_BYTES)
        return _wrap(data_key, self._keys.first(), context) + _encrypt(data_key, plain, context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """Raises MasterKeyError when no known key opens it, or when it was sealed for another context."""
        return _decrypt(self._data_key(sealed, context), sealed[_KEY_END:], context)

    def reseal(self, sealed: bytes, context: bytes) -> bytes | None:
        """The same value under the first master key; None when it is so already. Raises MasterKeyError."""
        first = self._keys.first()
        if sealed[1 : 1 + ID_BYTES] == first.key_id:
            return None
        return _wrap(self._data_key(sealed, context), first, context) + sealed[_KEY_END:]

    def where(self) -> str:
        """Where a master key that is missing is to be put, for messages."""
        return self._keys.where()

    def _data_key(self, sealed: bytes, context: bytes) -> bytes:
        if len(sealed) < _KEY_END or sealed[:1] != _FORM:
            raise MasterKeyError("expected what this version seals, found other bytes: put the value anew")
        key_id = sealed[1 : 1 + ID_BYTES]
        master = self._keys.find(key_id)
        if master is None:
            raise MasterKeyError(
                f"it was sealed by master key {key_id.hex()}, which this server does not know: put that key into"
                f" {self._keys.where()}, or put the value anew",
                facts={"master_key_id": key_id.hex()},
            )
        return _decrypt(master.key, sealed[1 + ID_BYTES : _KEY_END], context)


def binding(*parts: str) -> bytes:
    """A context out of what a value belongs to, such as a table, an account and a name."""
    # With lengths, so that ("a", "bc") is not ("ab", "c").
    return b"".join(len(part).to_bytes(4) + part for part in map(str.encode, parts))


def _wrap(data_key: bytes, master: MasterKey, context: bytes) -> bytes:
    return _FORM + master.key_id + _encrypt(master.key, data_key, context)


def _encrypt(key: bytes, plain: bytes, context: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, context)


def _decrypt(key: bytes, sealed: bytes, context: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)
    except (InvalidTag, ValueError):
        raise MasterKeyError(
            "it does not open: it was changed, or sealed for another account or name; put the value anew"
        ) from None
