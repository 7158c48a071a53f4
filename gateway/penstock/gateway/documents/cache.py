"""Keeps the documents that were asked for last."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Document:
    """One body. `tag` is the hash of it, 32 hex digits: its ETag without the quotes."""

    media_type: str
    body: bytes
    tag: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tag", hashlib.sha256(self.body).hexdigest()[:32])


Key = tuple[str, str, str]
"""Account, graph_id and kind. The account because only it may know what is in there."""


class Documents:
    """At most `bytes_max` of bodies; what was not asked for the longest goes first."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._bytes = 0
        self._kept: OrderedDict[Key, Document] = OrderedDict()

    def get(self, key: Key) -> Document | None:
        document = self._kept.get(key)
        if document is not None:
            self._kept.move_to_end(key)
        return document

    def keep(self, key: Key, document: Document) -> None:
        """A body that alone is larger than everything that may be kept is not."""
        if len(document.body) > self._bytes_max:
            return
        if (earlier := self._kept.pop(key, None)) is not None:
            self._bytes -= len(earlier.body)
        self._kept[key] = document
        self._bytes += len(document.body)
        while self._bytes > self._bytes_max:
            self._bytes -= len(self._kept.popitem(last=False)[1].body)
