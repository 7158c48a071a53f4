"""Seals payloads: by a key of the account, from which each execution gets a key of its own.

A sealed payload is

    1 byte    7: nothing begins so that is stored plain, no message of protobuf, no JSON, no gzip
    1 byte    what the report of a node begins with, so that statements tell lines of logs from progress; else 0
    8 bytes   id of the data key
    12 bytes  nonce
    n + 16    the payload, by AES-256-GCM

It opens only for what it belongs to, such as an execution, and for its place in it: a row that somebody moves does not.
Keys are derived for each of them because random nonces are good for some billions of payloads of one key, and an
account may have more.
"""

from __future__ import annotations

import hmac
import os
from base64 import b64decode, b64encode
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from penstock.engine.domain.event import Event, EventType
from penstock.engine.storage.master_keys import KEY_BYTES, MasterKeyError
from penstock.engine.storage.records import Acceptance

KEY_ID_BYTES = 8
MARK = b"\x07"
_NONCE_BYTES = 12
_HEAD_BYTES = 2 + KEY_ID_BYTES
_TAG_BYTES = 16
OVERHEAD_BYTES = _HEAD_BYTES + _NONCE_BYTES + _TAG_BYTES
"""What a sealed payload takes more than the payload."""
_USAGE = b"\x1a"
"""Reports that begin so tell what a paid service took: no payload, and the store adds it up."""

INPUT = b"input"
OUTPUT = b"output"
REQUEST = b"request"


def event_place(sequence: int) -> bytes:
    return b"event %d" % sequence


class DataKey:
    """One key of an account."""

    __slots__ = ("_key", "account", "key_id")

    def __init__(self, account: str, key_id: bytes, key: bytes) -> None:
        self.account = account
        self.key_id = key_id
        self._key = key

    def seal(self, payload: bytes, owner: bytes, place: bytes) -> bytes:
        """`owner` names what the payload belongs to: 16 bytes of an execution, or what `owner_of` gives."""
        return self._encrypt(AESGCM(self._derived(owner)), payload, place)

    def open(self, kept: bytes, owner: bytes, place: bytes) -> bytes:
        """Raises MasterKeyError when it was changed, or sealed for another owner or place."""
        head, nonce = kept[:_HEAD_BYTES], kept[_HEAD_BYTES : _HEAD_BYTES + _NONCE_BYTES]
        try:
            return AESGCM(self._derived(owner)).decrypt(nonce, kept[_HEAD_BYTES + _NONCE_BYTES :], head + place)
        except (InvalidTag, ValueError):
            raise MasterKeyError("a payload does not open: it was changed in the database, or moved there") from None

    def seal_text(self, text: str, owner: bytes, place: bytes) -> str:
        """For columns of text."""
        return MARK.decode() + b64encode(self.seal(text.encode(), owner, place)).decode()

    def seal_acceptance(self, acceptance: Acceptance) -> Acceptance:
        return acceptance._replace(input=self.seal(acceptance.input, acceptance.execution_id, INPUT))

    def seal_events(self, execution_id: bytes, events: Sequence[Event]) -> list[Event]:
        """The events with their payloads sealed, but for what the store has to read."""
        cipher = AESGCM(self._derived(execution_id))
        return [self._seal_event(cipher, event) for event in events]

    def fingerprint(self, content: bytes) -> bytes:
        """32 bytes that are equal for equal content: whoever has not the key cannot try what the content may be."""
        return hmac.digest(self._derived(b"fingerprint"), content, "sha256")

    def _seal_event(self, cipher: AESGCM, event: Event) -> Event:
        payload, hint = event.payload, b"\0"
        if payload is None:
            return event
        if event.type is EventType.NODE_REPORTED:
            hint = payload[:1] or hint
            if hint == _USAGE:
                return event
        return event._replace(payload=self._encrypt(cipher, payload, event_place(event.sequence), hint))

    def _encrypt(self, cipher: AESGCM, payload: bytes, place: bytes, hint: bytes = b"\0") -> bytes:
        head, nonce = MARK + hint + self.key_id, os.urandom(_NONCE_BYTES)
        return head + nonce + cipher.encrypt(nonce, payload, head + place)

    def _derived(self, owner: bytes) -> bytes:
        return hmac.digest(self._key, b"penstock payload" + owner, "sha256")


def new_data_key(account: str) -> tuple[DataKey, bytes]:
    """A key and its bytes."""
    key = os.urandom(KEY_BYTES)
    return DataKey(account, os.urandom(KEY_ID_BYTES), key), key


def is_sealed(kept: bytes) -> bool:
    return kept[:1] == MARK


def key_id_of(kept: bytes) -> bytes:
    """The id of the data key that sealed it."""
    return kept[2:_HEAD_BYTES]


def hint_of(kept: bytes) -> bytes:
    """What the report of a node begins with that was sealed."""
    return kept[1:2]


def sealed_of_text(text: str) -> bytes | None:
    """What `seal_text` made a text of; None for a plain text."""
    return b64decode(text[1:]) if text[:1] == MARK.decode() else None
