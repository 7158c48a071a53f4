"""What all views of an imported execution are made from: items of its document, by kind and node."""

from __future__ import annotations

import json
from typing import Any

from google.protobuf.struct_pb2 import Struct

from penstock.engine.domain import page
from penstock.engine.domain.errors import InvalidArgument
from penstock.engine.domain.event import EventType
from penstock.engine.rpc.imports.imported_record import Record
from penstock.engine.storage.postgres.imports import EVENTS, Imports
from penstock.wire.json import to_struct

CHECKPOINTS = (EventType.NODE_SUCCEEDED, EventType.NODE_RECOVERED)


class ImportedItems:
    def __init__(self, imports: Imports) -> None:
        self._imports = imports

    async def items(
        self,
        record: Record,
        kind: int,
        after: int,
        size: int,
        node: str | None = None,
        types: tuple[int, ...] | None = None,
    ) -> tuple[list[tuple[int, Any]], bool]:
        """Number and JSON of those after a number, and whether these are all."""
        found, is_all = await self._imports.items(record.stored.import_id, kind, after, size, node, types)
        return [(number, json.loads(text)) for number, text in found], is_all

    async def output(self, record: Record) -> Any:
        """That of the terminal node; None when there is none."""
        terminal = record.graph.names[record.graph.terminal]
        found, _ = await self.items(record, EVENTS, 0, 1, terminal, CHECKPOINTS)
        return found[0][1].get("output") if found else None


def next_token(found: list[tuple[int, Any]], is_all: bool, binding: str) -> str:
    """Of the page after one; "" for none."""
    return "" if is_all or not found else page.encode(str(found[-1][0]), binding)


def node_name(record: Record, name: str, *, is_needed: bool = False) -> str | None:
    """None for all nodes. Raises InvalidArgument for one that the flow does not have."""
    if not name and not is_needed:
        return None
    if name not in record.graph.names:
        known = ", ".join(record.graph.names)
        raise InvalidArgument(f"node: expected one of {known}, got {name[:80]!r}", field="node")
    return name


def struct_of(value: Any) -> Struct | None:
    """None for what the document does not hold."""
    return to_struct(value) if isinstance(value, dict) else None
