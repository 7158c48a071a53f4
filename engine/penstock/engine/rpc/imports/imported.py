"""Answers for executions that were imported, where there is no other of that id, from their documents."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from types import SimpleNamespace
from typing import Any

from penstock.engine.domain.errors import Conflict, NotFound
from penstock.engine.domain.ids import is_execution_id
from penstock.engine.domain.page import PageTokenError
from penstock.engine.rpc.imports.import_service import imported_message
from penstock.engine.rpc.imports.imported_lists import ImportedLists
from penstock.engine.rpc.imports.imported_record import Record
from penstock.engine.rpc.imports.imported_stream import ImportedStreams
from penstock.engine.rpc.imports.imported_views import ImportedViews
from penstock.engine.storage.postgres.imports import Imports
from penstock.wire.scope_missing import scope_missing
from penstock.wire.scopes import PAYLOADS_READ
from penstock.wire.service import Caller, MethodSpec, ServiceSpec

_NOT_HERE = (NotFound, PageTokenError)
"""Lists may look at their token first, and one of an import is none of theirs."""

Unary = Callable[[Any, Caller], Awaitable[Any]]
Stream = Callable[[Any, Caller], AsyncIterator[Any]]


class Imported:
    """Wraps methods of services whose requests name an execution. What is not imported is as it was, and as quick."""

    def __init__(self, imports: Imports) -> None:
        self._imports = imports
        self._answers = (ImportedViews(imports), ImportedLists(imports))
        self._streams = ImportedStreams(imports)

    def service(self, service: Any, spec: ServiceSpec) -> Any:
        """The service with each of its methods wrapped."""
        return SimpleNamespace(
            **{
                method.attribute: (self.stream if method.server_streaming else self.unary)(
                    getattr(service, method.attribute), method
                )
                for method in spec.methods
            }
        )

    def unary(self, implementation: Unary, method: MethodSpec) -> Unary:
        if not _names_execution(method):
            return implementation
        found = [getattr(each, method.attribute, None) for each in self._answers]
        answer = next(filter(None, found), None)

        async def call(request: Any, caller: Caller) -> Any:
            try:
                return await implementation(request, caller)
            except _NOT_HERE:
                record = await self._find(request, caller)
                if record is None:
                    raise
                if answer is None:
                    raise _refusal(record) from None
                return await answer(request, record)

        return call

    def stream(self, implementation: Stream, method: MethodSpec) -> Stream:
        if not _names_execution(method):
            return implementation
        answer = getattr(self._streams, method.attribute, None)

        async def call(request: Any, caller: Caller) -> AsyncIterator[Any]:
            try:
                async with aclosing(implementation(request, caller)) as messages:  # type: ignore[type-var]
                    async for message in messages:
                        yield message
                return
            except _NOT_HERE:
                record = await self._find(request, caller)
                if record is None:
                    raise
            if answer is None:
                raise _refusal(record)
            if method.name == "ExportExecution":
                _require_payloads(caller, record)
            async with aclosing(answer(request, record)) as messages:
                async for message in messages:
                    yield message

        return call

    async def _find(self, request: Any, caller: Caller) -> Record | None:
        if not is_execution_id(request.execution_id):
            return None
        found = await self._imports.get(request.execution_id, caller.account)
        return None if found is None else Record(await self._imports.opened(found), imported_message(found))


def _names_execution(method: MethodSpec) -> bool:
    return "execution_id" in method.request.DESCRIPTOR.fields_by_name and "Imported" not in method.name


def _require_payloads(caller: Caller, record: Record) -> None:
    """A document is given as it came, or not at all: what nodes logged stands in all of it. Raises RpcError."""
    flow = record.imported.execution.flow
    if not caller.grants.allows(PAYLOADS_READ, flow):
        raise scope_missing(PAYLOADS_READ, flow)


def _refusal(record: Record) -> Conflict:
    execution = record.imported.execution
    status = execution.Status.Name(execution.status)
    return Conflict(
        f"execution {execution.execution_id} was imported to be looked at, as it was {status}: nothing drives it and"
        " nothing changes it",
        reason="IMPORTED",
        facts={"status": status},
    )
