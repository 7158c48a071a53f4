"""Imports an exported document: checks what it says, and keeps it lot by lot."""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from collections.abc import AsyncIterator
from typing import Any, cast
from uuid import UUID

from google.protobuf import descriptor_pool
from google.protobuf.message import Message

from penstock.engine.domain.chain import Chain
from penstock.engine.domain.errors import InvalidArgument, PayloadTooLarge
from penstock.engine.domain.fold import apply
from penstock.engine.domain.ids import execution_id as new_id
from penstock.engine.domain.ids import is_execution_id
from penstock.engine.domain.run import Run
from penstock.engine.rpc.exports.export_document import SCHEMA, signed_text
from penstock.engine.rpc.imports.import_document import DocumentReader
from penstock.engine.rpc.imports.import_events import EventReader
from penstock.engine.runtime.clock import Clock
from penstock.engine.runtime.programs.graphs import graph_of
from penstock.engine.storage.audit_keys import Signature, is_genuine, key_id
from penstock.engine.storage.data_keys import DataKey
from penstock.engine.storage.postgres.imports import ATTEMPTS, EVENTS, NODES, PAUSES, Imports, Item
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.event_pb2 import Event
from penstock.wire.gen.execution_pb2 import Execution
from penstock.wire.gen.imported_execution_pb2 import ImportedExecution
from penstock.wire.gen.node_execution_pb2 import Attempt, NodeExecution
from penstock.wire.gen.pause_pb2 import Pause
from penstock.wire.json import JsonCodec, JsonError

DOCUMENT_BYTES_MAX = 1024 * 1024 * 1024
"""One document: an execution with the most events that it may have, each of a kilobyte."""
_LOT = 50
_LOT_CHARS = 256 * 1024
"""Items that are kept at once: others run between two lots."""
_LISTS: tuple[tuple[str, int, Any], ...] = (
    ("events", EVENTS, Event),
    ("nodes", NODES, NodeExecution),
    ("attempts", ATTEMPTS, Attempt),
    ("pauses", PAUSES, Pause),
)
_CODEC = JsonCodec(descriptor_pool.Default())


class Importer:
    """Keeps documents of one account after the other."""

    def __init__(self, imports: Imports, clock: Clock) -> None:
        self._imports = imports
        self._clock = clock

    async def run(self, account: str, by: str, pieces: AsyncIterator[bytes], *, allow_changed: bool) -> str:
        """The id under which the execution is found. Raises InvalidArgument, PayloadTooLarge and Overloaded.

        A document that was imported before gives the same id.
        """
        import_id = UUID(new_id(self._clock.now_us(), secrets.randbits(62)))
        data_key = await self._imports.data_key(account)
        reading = _Reading(self._imports, import_id, account, pieces, data_key)
        try:
            summary = await reading.read()
            _refuse_changed(summary, allow_changed)
            same = await self._imports.same(account, reading.original_id, reading.chain.head)
            if same is None:
                summary.imported_by = by
                tail = reading.tail
                return await self._imports.end(import_id, account, tail, summary, reading.chain.head, data_key)
        except Exception:
            await self._imports.delete(import_id, account)
            raise
        await self._imports.delete(import_id, account)
        return same


def _refuse_changed(summary: ImportedExecution, allow_changed: bool) -> None:
    problem = summary.problem
    if not problem and summary.signature == ImportedExecution.FORGED:
        problem = "its signature does not hold"
    if problem and not allow_changed:
        raise InvalidArgument(
            f"the document was changed since its export: {problem}; allow_changed takes it all the same",
            field="data",
            reason="CHANGED",
        )


class _Reading:
    """One document on its way in."""

    def __init__(
        self,
        imports: Imports,
        import_id: UUID,
        account: str,
        pieces: AsyncIterator[bytes],
        data_key: DataKey | None,
    ) -> None:
        self.original_id = ""
        self.chain = Chain()
        self.tail = ""
        self._imports = imports
        self._import_id = import_id
        self._account = account
        self._data_key = data_key
        self._size = 0
        self._problem = ""
        self._reader = DocumentReader(self._counted(pieces))

    async def read(self) -> ImportedExecution:
        await self._reader.begin()
        summary, name = await self._head()
        for expected, kind, message in _LISTS:
            if name != expected:
                raise InvalidArgument(f"the document: expected the member {expected}, got {_shown(name)}")
            count = await self._list(expected, kind, message)
            if kind == EVENTS:
                summary.event_count = count
            name = await self._reader.member()
        await self._tail(name, summary)
        summary.problem = self._problem
        summary.bytes_size = self._size
        return summary

    async def _counted(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for piece in pieces:
            self._size += len(piece)
            if self._size > DOCUMENT_BYTES_MAX:
                raise PayloadTooLarge(
                    f"data: expected a document of at most {DOCUMENT_BYTES_MAX:,} bytes, got a larger one",
                    facts={"limit_bytes": str(DOCUMENT_BYTES_MAX)},
                )
            yield piece

    async def _head(self) -> tuple[ImportedExecution, str | None]:
        """What stands before the lists, and the name of the first list."""
        members: dict[str, Any] = {}
        texts: list[str] = []
        lists = {name for name, _, _ in _LISTS}
        while (name := await self._reader.member()) is not None and name not in lists:
            if name in members:
                raise InvalidArgument(f"the document has the member {name[:80]!r} twice")
            members[name], text = await self._reader.value()
            texts.append(f"{json.dumps(name)}:{text}")
        if members.get("schema") != SCHEMA:
            got = _shown(members.get("schema"))
            raise InvalidArgument(f'the document: expected an exported execution with schema "{SCHEMA}", got {got}')
        self._link(members, "what stands before the events")
        execution = cast(Execution, _decoded(Execution, members.get("execution"), "execution"))
        artifact = cast(Artifact, _decoded(Artifact, members.get("artifact"), "artifact"))
        self.original_id = execution.execution_id
        if not is_execution_id(self.original_id):
            raise InvalidArgument(
                f"execution.execution_id: expected 32 lower-case hex digits, got {_shown(self.original_id)}"
            )
        try:
            self._run = Run(graph_of(artifact))
        except (ValueError, KeyError, IndexError) as error:
            raise InvalidArgument(f"artifact: its plan cannot be read: {error}") from None
        self._events = EventReader({each: index for index, each in enumerate(self._run.graph.names)})
        summary = ImportedExecution(execution=execution, no_io=members.get("no_io") is True)
        _set_time(summary, members.get("export_time"))
        head = ",\n".join(texts)
        await self._imports.begin(self._import_id, self._account, self.original_id, head, self._data_key)
        return summary, name

    async def _list(self, name: str, kind: int, message: type[Message]) -> int:
        lot: list[Item] = []
        count = size = 0
        async for value, text in self._reader.items():
            count += 1
            place = f"{name}[{count - 1}]"
            item = (
                self._event(value, text, place) if kind == EVENTS else self._other(value, text, place, count, message)
            )
            lot.append(item)
            size += len(text)
            if len(lot) == _LOT or size > _LOT_CHARS:
                await self._imports.put(self._import_id, kind, lot, self._data_key)
                lot, size = [], 0
        if lot:
            await self._imports.put(self._import_id, kind, lot, self._data_key)
        return count

    def _event(self, value: Any, text: str, place: str) -> Item:
        if not isinstance(value, dict):
            raise InvalidArgument(f"{place}: expected an object")
        message = cast(Event, _decoded(Event, value.get("event"), f"{place}.event"))
        try:
            event = self._events.read(message)
            apply(self._run, event)
        except KeyError as error:
            raise InvalidArgument(f"{place}.event: the flow has no node {error}") from None
        except (ValueError, AssertionError, AttributeError) as error:
            raise InvalidArgument(f"{place}.event: it does not follow from what is before it: {error}") from None
        told = value.pop("hash", None)
        if self._link(value, place) != told:
            self._trouble(f"event {message.sequence} does not have the hash that it shows")
        return Item(message.sequence, int(message.type), message.node if message.HasField("node") else None, text)

    def _other(self, value: Any, text: str, place: str, number: int, message: type[Message]) -> Item:
        decoded: Any = _decoded(message, value, place)
        self._link(value, place)
        return Item(number, 0, decoded.pause if isinstance(decoded, Pause) else decoded.node, text)

    async def _tail(self, name: str | None, summary: ImportedExecution) -> None:
        members: dict[str, Any] = {}
        texts: list[str] = []
        while name is not None:
            members[name], text = await self._reader.value()
            texts.append(f"{json.dumps(name)}:{text}")
            name = await self._reader.member()
        self.tail = ",\n".join(texts)
        told, head = members.get("chain"), self.chain.head.hex()
        if not isinstance(told, dict) or told.get("head") != head or told.get("event_count") != summary.event_count:
            self._trouble("the chain does not end in the hash that it shows")
        summary.signature = ImportedExecution.ABSENT
        if (signature := members.get("signature")) is not None:
            self._check_signature(summary, signature, head)

    def _check_signature(self, summary: ImportedExecution, told: Any, head: str) -> None:
        summary.signature = ImportedExecution.FORGED
        try:
            found = Signature(_bytes(told["public_key"]), _bytes(told["value"]))
        except (KeyError, TypeError, ValueError, binascii.Error):
            return
        summary.signed_by = key_id(found.public_key)
        if is_genuine(found, signed_text(head)):
            summary.signature = ImportedExecution.GENUINE

    def _link(self, value: Any, place: str) -> str:
        try:
            return self.chain.add(value)
        except ValueError as error:
            raise InvalidArgument(f"{place}: {error}") from None

    def _trouble(self, problem: str) -> None:
        """Only the first place says something: all that follows differs by it."""
        self._problem = self._problem or problem


def _decoded(message: type[Message], value: Any, place: str) -> Message:
    descriptor: Any = message.DESCRIPTOR
    if not isinstance(value, dict):
        raise InvalidArgument(f"{place}: expected an object, got {_shown(value)}")
    try:
        return _CODEC.decoder(descriptor)(value)
    except JsonError as error:
        raise InvalidArgument(f"{place}: {error}") from None


def _set_time(summary: ImportedExecution, value: Any) -> None:
    try:
        summary.export_time.FromJsonString(value)
    except (ValueError, TypeError, AttributeError):
        raise InvalidArgument(
            f"export_time: expected a time such as 2026-01-31T12:00:00Z, got {_shown(value)}"
        ) from None


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _shown(value: Any) -> str:
    return json.dumps(value)[:80] if value is not None else "nothing"
