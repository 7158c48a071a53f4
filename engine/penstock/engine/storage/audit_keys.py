"""The key that an installation signs exports with, from a file of its data directory."""

from __future__ import annotations

import base64
import contextlib
import os
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from penstock.engine.domain.errors import Conflict

FILE = "audit.key"
KEY_BYTES = 32
_ID_LENGTH = 16


class AuditKeyError(Conflict):
    """The audit key cannot be read or made; the text says what to do."""

    reason = "AUDIT_KEY"


@dataclass(frozen=True, slots=True)
class Signature:
    """Of Ed25519 (RFC 8032), with the public key that it holds for."""

    public_key: bytes
    value: bytes


class Signer:
    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def sign(self, message: bytes) -> Signature:
        return Signature(self._key.public_key().public_bytes_raw(), self._key.sign(message))


class AuditKey:
    """The key of the file, which holds 32 bytes in base64."""

    def __init__(self, data_dir: Path) -> None:
        """The file is not looked at before it is needed."""
        self._file = data_dir / FILE

    def signer(self) -> Signer:
        """Makes the file with a new key when there is none. Raises AuditKeyError."""
        try:
            if not self._file.exists():
                _make(self._file)
            text = self._file.read_text(encoding="ascii").strip()
            return Signer(Ed25519PrivateKey.from_private_bytes(base64.b64decode(text, validate=True)))
        except OSError as error:
            raise AuditKeyError(f"cannot read or make the audit key {self._file}: {error.strerror}") from error
        except ValueError:
            # Without the text: it may be a key with a slip in it.
            raise AuditKeyError(f"{self._file}: expected {KEY_BYTES} bytes in base64, got something else") from None


def key_id(public_key: bytes) -> str:
    """A short name of a public key, for people to compare."""
    return sha256(public_key).hexdigest()[:_ID_LENGTH]


def is_genuine(signature: Signature, message: bytes) -> bool:
    """Whether the holder of the key signed the message."""
    try:
        Ed25519PublicKey.from_public_bytes(signature.public_key).verify(signature.value, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _make(file: Path) -> None:
    """Makes the file, whole or not at all. When several processes do so at once, one file stays."""
    file.parent.mkdir(parents=True, exist_ok=True)
    # For its owner alone from the beginning.
    descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{FILE}-")
    try:
        with os.fdopen(descriptor, "w") as stream:
            stream.write(base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode() + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(FileExistsError):
            # Unlike a rename it leaves the file of another process alone.
            os.link(draft, file)
    finally:
        os.unlink(draft)
