"""Exports an execution as one document, in memory that does not grow with its log."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass

from google.protobuf.message import Message

from penstock.engine.domain.chain import Chain
from penstock.engine.domain.event import Event
from penstock.engine.rpc import messages, requests
from penstock.engine.rpc.access.hiding import Hider
from penstock.engine.rpc.access.showing import NOBODY
from penstock.engine.rpc.acts.pause_reader import PauseReader
from penstock.engine.rpc.explain.surroundings import SurroundingsReader
from penstock.engine.rpc.exports.export_document import SCHEMA, DocumentWriter, signed_text
from penstock.engine.rpc.exports.export_log import ExportedLog, message_json
from penstock.engine.rpc.exports.export_payloads import JsonObject, Payloads
from penstock.engine.rpc.views.node_views import node_executions
from penstock.engine.rpc.views.outlines import Outline
from penstock.engine.rpc.views.stories import stories, whole_attempt
from penstock.engine.runtime.news import followers
from penstock.engine.runtime.programs.program import Program
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.audit_keys import AuditKey, Signature, Signer, key_id
from penstock.engine.storage.postgres.views import Views
from penstock.engine.storage.records import ExecutionRow, Progress
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.export_pb2 import ExportExecutionRequest, ExportExecutionResponse
from penstock.wire.gen.node_execution_pb2 import NodeExecution
from penstock.wire.scopes import PAYLOADS_READ
from penstock.wire.service import Caller

_HIDER = Hider(NodeExecution.DESCRIPTOR)
_LOT = 200
"""Events that are read at once: of the largest ones they are fewer, see Executions.events."""
_PIECE_BYTES_MAX = 1024 * 1024
"""A large message is cut: gRPC clients take no answer beyond 4 MiB."""


@dataclass(frozen=True, slots=True)
class _Subject:
    """`last` is the sequence of the last event that is exported; `progress` is None for one that has ended."""

    row: ExecutionRow
    program: Program
    progress: Progress | None
    last: int


class Exporter:
    def __init__(self, runtime: Runtime, views: Views, surroundings: SurroundingsReader, audit_key: AuditKey) -> None:
        self._runtime = runtime
        self._views = views
        self._surroundings = surroundings
        self._audit_key = audit_key

    async def export(
        self, request: ExportExecutionRequest, caller: Caller
    ) -> AsyncGenerator[ExportExecutionResponse, None]:
        """See ExecutionService.ExportExecution."""
        subject = await self._read(requests.execution_id(request), caller.account)
        shows_io = caller.grants.allows(PAYLOADS_READ, subject.row.flow)
        signer = self._audit_key.signer() if request.signed else None
        async with aclosing(
            self._pieces(subject, request.no_io or not shows_io, signer, shows_logs=shows_io)
        ) as pieces:
            async for piece in pieces:
                for start in range(0, len(piece), _PIECE_BYTES_MAX):
                    yield ExportExecutionResponse(data=piece[start : start + _PIECE_BYTES_MAX])
                    # Whoever takes pieces at once must not keep others from running.
                    await asyncio.sleep(0)

    async def _read(self, execution_id: str, account: str) -> _Subject:
        """Raises NotFound."""
        progress = None
        while True:
            row = await followers.get_row(self._runtime, execution_id, account)
            if row.complete_us is None:
                progress = (await self._runtime.executions.progress([execution_id])).get(execution_id)
            if row.start_us is not None or progress is None:
                break
            # It found its place between the two reads.
        program = await self._runtime.catalog.program(account, row.graph_id)
        last = row.last_sequence if row.complete_us is not None or progress is None else progress.last_sequence
        return _Subject(row, program, None if row.complete_us is not None else progress, last)

    async def _pieces(
        self, subject: _Subject, no_io: bool, signer: Signer | None, *, shows_logs: bool
    ) -> AsyncGenerator[bytes, None]:
        chain = Chain()
        writer = DocumentWriter(chain)
        payloads = None if no_io else Payloads(subject.program)
        run_input = b"" if payloads is None else await self._runtime.executions.input(subject.row.execution_id)
        writer.begin(await self._head(subject, run_input, payloads))
        log, count = ExportedLog(subject.program, run_input, payloads, shows_logs=shows_logs), 0
        writer.begin_list("events")
        async for event in self._events(subject, no_io):
            for exported in log.read(event):
                writer.event(exported)
                count += 1
            if writer.is_full:
                yield writer.take()
        writer.end_list()
        outline = Outline(subject.program, log.told, log.run)
        async for piece in self._views_of(writer, subject, outline, payloads, shows_logs=shows_logs):
            yield piece
        head = chain.head.hex()
        end: list[tuple[str, JsonObject]] = [
            ("chain", {"algorithm": "sha-256", "event_count": count, "head": head}),
        ]
        if signer is not None:
            end.append(("signature", _signature(signer.sign(signed_text(head)))))
        writer.end(end)
        yield writer.take()

    async def _head(self, subject: _Subject, run_input: bytes, payloads: Payloads | None) -> JsonObject:
        row, now_us = subject.row, self._runtime.clock.now_us()
        artifact = Artifact()
        artifact.CopyFrom(subject.program.artifact)
        artifact.ClearField("descriptors")
        surroundings = await self._surroundings.read(row)
        members: JsonObject = {
            "schema": SCHEMA,
            "export_time": message_json(messages.timestamp(now_us)),
            "execution": message_json(messages.execution(row, subject.progress, now_us, surroundings)),
            "artifact": message_json(artifact),
            "no_io": payloads is None,
        }
        if payloads is not None:
            value, _ = payloads.read(subject.program.artifact.input_type, run_input)
            if value is not None:
                members["input"] = value
        return members

    async def _events(self, subject: _Subject, no_io: bool) -> AsyncIterator[Event]:
        """As stored, without implied starts, up to the last one."""
        row, executions = subject.row, self._runtime.executions
        read = executions.event_heads if no_io else executions.events
        for event in row.first_events():
            yield event
        after, is_all = 0, False
        while not is_all:
            events, is_all = await read(row.execution_id, after, _LOT)
            for event in events:
                if event.sequence > subject.last:
                    return
                yield event
                after = event.sequence
        end = row.last_event()
        if end is not None:
            yield end

    async def _views_of(
        self,
        writer: DocumentWriter,
        subject: _Subject,
        outline: Outline,
        payloads: Payloads | None,
        *,
        shows_logs: bool,
    ) -> AsyncIterator[bytes]:
        execution_id = subject.row.execution_id
        writer.begin_list("nodes")
        for node in await node_executions(self._views, self._runtime.executions, execution_id, outline):
            if not shows_logs:
                _HIDER.hide(node)
            writer.link(message_json(node))
        writer.end_list()
        writer.begin_list("attempts")
        async for attempts in self._attempts(subject, outline):
            for attempt in attempts:
                writer.link(message_json(attempt))
            if writer.is_full:
                yield writer.take()
        writer.end_list()
        writer.begin_list("pauses")
        async for pause in self._pauses(subject, payloads):
            writer.link(pause)
            if writer.is_full:
                yield writer.take()
        writer.end_list()

    async def _attempts(self, subject: _Subject, outline: Outline) -> AsyncIterator[Iterator[Message]]:
        plan = subject.program.artifact.plan
        told = stories(outline.program.graph.names, outline.events)
        for index, node in enumerate(plan.nodes):
            yield (attempt for _, attempt in told[index].attempts)
            after = 0 if node.HasField("map") else subject.last
            while after < subject.last:
                lot = await self._views.items(subject.row.execution_id, index, None, after, _LOT)
                ends = [event for event in lot if event.sequence <= subject.last]
                yield (whole_attempt(node.name, event) for event in ends)
                after = ends[-1].sequence if len(ends) == _LOT else subject.last

    async def _pauses(self, subject: _Subject, payloads: Payloads | None) -> AsyncIterator[JsonObject]:
        reader = PauseReader(self._runtime)
        ahead = [
            each for each in await reader.reached([subject.row.execution_id]) if each.wait.sequence <= subject.last
        ]
        for each in ahead:
            if each.decision is not None and each.decision.sequence > subject.last:
                each.decision = None
        while ahead:
            found = await reader.subjects(ahead)
            for each_subject in found:
                view = await reader.view(each_subject, NOBODY)
                if payloads is None:
                    view.ClearField("input")
                    view.ClearField("value")
                yield message_json(view)
            ahead = ahead[len(found) :]


def _signature(signature: Signature) -> JsonObject:
    return {
        "algorithm": "ed25519",
        "key_id": key_id(signature.public_key),
        "public_key": base64.b64encode(signature.public_key).decode(),
        "value": base64.b64encode(signature.value).decode(),
    }
