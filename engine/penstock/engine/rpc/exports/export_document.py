"""Writes an export piece by piece, and the chain of hashes through it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from penstock.engine.domain.chain import Chain
from penstock.engine.rpc.exports.export_payloads import JsonObject
from penstock.wire.json import dumps

SCHEMA = "penstock.export/1"

_PIECE_BYTES = 64 * 1024
"""What is collected before it is sent on."""


def signed_text(head: str) -> bytes:
    """What is signed of a document whose chain ends in `head`."""
    return f"{SCHEMA} {head}".encode()


class DocumentWriter:
    """One JSON object, a line for each member and for each item of a list. `take` what is written."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._parts: list[bytes] = []
        self._size = 0

    @property
    def is_full(self) -> bool:
        return self._size >= _PIECE_BYTES

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = b"".join(self._parts)
        self._parts, self._size = [], 0
        return taken

    def begin(self, members: JsonObject) -> None:
        """The members before the first list: the first link."""
        self._chain.add(members)
        self._write(b"{")
        for place, (name, value) in enumerate(members.items()):
            self._write(b"%b%b:%b" % (b",\n" if place else b"", dumps(name), dumps(value)))

    def begin_list(self, name: str) -> None:
        self._write(b",\n%b:[" % dumps(name))
        self._is_first = True

    def event(self, value: JsonObject) -> None:
        """A link that shows its hash."""
        value["hash"] = self._chain.add(value)
        self._item(value)

    def link(self, value: JsonObject) -> None:
        self._chain.add(value)
        self._item(value)

    def end_list(self) -> None:
        self._write(b"\n]")

    def end(self, members: Iterable[tuple[str, Any]]) -> None:
        """What is no part of the chain, and the end of the document."""
        for name, value in members:
            self._write(b",\n%b:%b" % (dumps(name), dumps(value)))
        self._write(b"}\n")

    def _item(self, value: JsonObject) -> None:
        self._write((b"\n" if self._is_first else b",\n") + dumps(value))
        self._is_first = False

    def _write(self, part: bytes) -> None:
        self._parts.append(part)
        self._size += len(part)
