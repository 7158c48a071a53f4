"""What is kept of an API key's secret: a hash, keyed by the master key where there is one that all servers know.

The secret has 256 random bits, so one round of SHA-256 is enough: there is nothing to guess that a slow hash would
protect. The master key makes the hashes of a database worthless to whoever has only the database.
"""

from __future__ import annotations

import hashlib
import hmac

from penstock.engine.storage.master_keys import MasterKey, MasterKeyError, MasterKeys
from penstock.engine.storage.postgres.keys import SecretHash

_PURPOSE = b"penstock api key hash"
_NO_HASH = SecretHash(bytes(32), None)


class KeyHasher:
    """Makes hashes and compares them."""

    def __init__(self, master_keys: MasterKeys, *, is_alone: bool) -> None:
        """`is_alone`: no server of another data directory works on the database, so that one may use the file's key.

        Otherwise new hashes are keyed when PENSTOCK_MASTER_KEY is set: what the file of one server holds, the others
        could not verify. Without a key they are plain ones.
        """
        self._master_keys = master_keys
        self._is_alone = is_alone

    def make(self, key_id: str, secret: str) -> SecretHash:
        """Raises MasterKeyError when the master key cannot be read or made."""
        if not (self._is_alone or self._master_keys.are_given):
            return SecretHash(_plain(secret), None)
        master = self._master_keys.first()
        return SecretHash(_keyed(master, key_id, secret), master.key_id)

    def matches(self, key_id: str, secret: str, kept: SecretHash | None) -> bool:
        """In a time that tells nothing of `kept`, also when it is None. Raises MasterKeyError for an unknown key."""
        wanted = _NO_HASH if kept is None else kept
        if wanted.master_key_id is None:
            is_same = hmac.compare_digest(wanted.value, _plain(secret))
        else:
            master = self._master_keys.find(wanted.master_key_id)
            if master is None:
                raise MasterKeyError(
                    f"API key {key_id} was hashed by master key {wanted.master_key_id.hex()}, which this server does"
                    f" not know: put that key into {self._master_keys.where()}, or rotate the API key",
                    facts={"master_key_id": wanted.master_key_id.hex()},
                )
            is_same = hmac.compare_digest(wanted.value, _keyed(master, key_id, secret))
        return is_same and kept is not None

    def is_to_be_renewed(self, kept: SecretHash) -> bool:
        """Whether it is keyed by a master key that is not the first one any more."""
        return kept.master_key_id is not None and kept.master_key_id != self._master_keys.first().key_id


def _plain(secret: str) -> bytes:
    return hashlib.sha256(_bytes(secret)).digest()


def _keyed(master: MasterKey, key_id: str, secret: str) -> bytes:
    pepper = hmac.digest(master.key, _PURPOSE, "sha256")
    return hmac.digest(pepper, b"%b_%b" % (_bytes(key_id), _bytes(secret)), "sha256")


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")
