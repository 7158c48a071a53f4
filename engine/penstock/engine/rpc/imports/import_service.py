"""ImportService: takes exported executions in, to be looked at."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from google.protobuf.empty_pb2 import Empty

from penstock.engine.domain import page
from penstock.engine.domain.errors import InvalidArgument, NotFound, PayloadTooLarge, PenstockError
from penstock.engine.rpc import requests
from penstock.engine.rpc.callers import by_line
from penstock.engine.rpc.imports.importing import DOCUMENT_BYTES_MAX, Importer
from penstock.engine.rpc.messages import timestamp
from penstock.engine.runtime.clock import Clock
from penstock.engine.storage.postgres.imports import Import, Imports
from penstock.wire.gen import import_service_pb2 as pb
from penstock.wire.gen.imported_execution_pb2 import ImportedExecution
from penstock.wire.service import Caller

_UPLOAD_ID = re.compile(r"[!-~]{1,64}")
_PIECE_BYTES = 1024 * 1024


class ImportService:
    """See proto/penstock/v1/import_service.proto."""

    def __init__(self, imports: Imports, clock: Clock) -> None:
        self._imports = imports
        self._importer = Importer(imports, clock)

    async def import_execution(self, request: pb.ImportExecutionRequest, caller: Caller) -> pb.ImportExecutionResponse:
        if not request.data:
            raise InvalidArgument("data: expected an exported document, got nothing", field="data")
        if not request.upload_id:
            if request.more or request.offset:
                raise InvalidArgument("upload_id: expected one for a document in parts, got none", field="upload_id")
            return await self._import(_split(request.data), request, caller)
        _check_part(request)
        account, upload_id = caller.account, request.upload_id
        await self._imports.put_part(account, upload_id, request.offset, request.data)
        if request.more:
            return pb.ImportExecutionResponse(bytes_size=request.offset + len(request.data))
        try:
            answer = await self._import(self._parts(account, upload_id), request, caller)
        except PenstockError:
            await self._imports.drop_parts(account, upload_id)
            raise
        await self._imports.drop_parts(account, upload_id)
        return answer

    async def _parts(self, account: str, upload_id: str) -> AsyncIterator[bytes]:
        async for part in self._imports.parts(account, upload_id):
            async for piece in _split(part):
                yield piece

    async def _import(
        self, pieces: AsyncIterator[bytes], request: pb.ImportExecutionRequest, caller: Caller
    ) -> pb.ImportExecutionResponse:
        execution_id = await self._importer.run(
            caller.account, by_line(caller), pieces, allow_changed=request.allow_changed
        )
        found = imported_message(await self._find(execution_id, caller))
        return pb.ImportExecutionResponse(imported=found, bytes_size=found.bytes_size)

    async def get_imported_execution(
        self, request: pb.GetImportedExecutionRequest, caller: Caller
    ) -> ImportedExecution:
        return imported_message(await self._find(requests.execution_id(request), caller))

    async def list_imported_executions(
        self, request: pb.ListImportedExecutionsRequest, caller: Caller
    ) -> pb.ListImportedExecutionsResponse:
        size = requests.page_size(request)
        binding = f"imports|{caller.account}"
        after = requests.execution_token(request.page_token, binding)
        found = await self._imports.page(caller.account, UUID(after) if after else None, size + 1)
        token = page.encode(found[size - 1].import_id.hex, binding) if len(found) > size else ""
        return pb.ListImportedExecutionsResponse(
            imports=[imported_message(each) for each in found[:size]], next_page_token=token
        )

    async def delete_imported_execution(self, request: pb.DeleteImportedExecutionRequest, caller: Caller) -> Empty:
        found = await self._find(requests.execution_id(request), caller)
        await self._imports.delete(found.import_id, caller.account)
        return Empty()

    async def _find(self, execution_id: str, caller: Caller) -> Import:
        found = await self._imports.get(execution_id, caller.account)
        if found is None:
            raise NotFound(f"there is no import {execution_id}")
        return found


def imported_message(found: Import) -> ImportedExecution:
    """An import as callers see it: its execution under the id that it has here."""
    message = ImportedExecution()
    message.CopyFrom(found.summary)
    message.import_time.CopyFrom(timestamp(found.import_us))
    execution = message.execution
    execution.execution_id = found.execution_id
    execution.imported = True
    if found.original_id != found.execution_id:
        execution.original_execution_id = found.original_id
    return message


def _check_part(request: Any) -> None:
    if not _UPLOAD_ID.fullmatch(request.upload_id):
        raise InvalidArgument(
            f"upload_id: expected 1 to 64 printable ASCII characters, got {request.upload_id[:80]!r}", field="upload_id"
        )
    if request.offset < 0:
        raise InvalidArgument(f"offset: expected 0 or more, got {request.offset}", field="offset")
    if request.offset + len(request.data) > DOCUMENT_BYTES_MAX:
        raise PayloadTooLarge(
            f"data: expected a document of at most {DOCUMENT_BYTES_MAX:,} bytes, got a larger one",
            facts={"limit_bytes": str(DOCUMENT_BYTES_MAX)},
        )


async def _split(data: bytes) -> AsyncIterator[bytes]:
    """In pieces, so that the text of no more than one is held beside the bytes."""
    for start in range(0, len(data), _PIECE_BYTES):
        yield data[start : start + _PIECE_BYTES]
