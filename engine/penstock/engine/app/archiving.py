"""Archives executions as signed exports."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from penstock.engine.rpc.explain.surroundings import SurroundingsReader
from penstock.engine.rpc.exports.exporting import Exporter
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.runtime.upkeep.archive import Archive
from penstock.engine.storage.audit_keys import AuditKey
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.registry import Registry
from penstock.engine.storage.postgres.views import Views
from penstock.wire.gen.export_pb2 import ExportExecutionRequest
from penstock.wire.service import Caller


def make_archive(folder: Path | None, runtime: Runtime, database: Database, audit_key: AuditKey) -> Archive | None:
    """The archive in a folder; None for no folder."""
    if folder is None:
        return None
    surroundings = SurroundingsReader(Registry(database), runtime.executions)
    exporter = Exporter(runtime, Views(database), surroundings, audit_key)

    async def export(execution_id: str, account: str) -> AsyncGenerator[bytes, None]:
        request = ExportExecutionRequest(execution_id=execution_id, signed=True)
        async with aclosing(exporter.export(request, Caller(account, "retention"))) as pieces:
            async for piece in pieces:
                yield piece.data

    return Archive(folder, export)
