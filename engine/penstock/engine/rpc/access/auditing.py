"""Records calls that were to change something: who made them, what they were about, what came of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from penstock.engine.domain.audit import Audited, Record
from penstock.engine.runtime.clock import Clock
from penstock.engine.runtime.upkeep.auditing import AuditWriter
from penstock.wire.origin import Origin, origin
from penstock.wire.scopes import INVOKE
from penstock.wire.service import Caller, MethodSpec
from penstock.wire.status import RpcError

Unary = Callable[[Any, Caller], Awaitable[Any]]
Stream = Callable[[Any, Caller], AsyncIterator[Any]]

_NAMES = frozenset({"flow", "alias", "node", "pause", "signal", "package", "name", "secret"})
_NO_SUBJECT = frozenset({"request_id", "upload_id", "parent_execution_id"})
_MADE = ("execution_id", "operation_id", "key_id", "graph_id")
_RESOURCE_LENGTH_MAX = 256
_FROM_WITHIN = Origin("SERVER", "")


class Auditor:
    def __init__(self, writer: AuditWriter, clock: Clock, audited: Audited) -> None:
        self._writer = writer
        self._clock = clock
        self._audited = audited

    def records(self, method: MethodSpec) -> bool:
        """Whether calls of a method are recorded."""
        if self._audited is Audited.OFF or not method.is_change:
            return False
        return self._audited is Audited.ALL or method.scope != INVOKE

    def unary(self, call: Unary, service: str, method: MethodSpec) -> Unary:
        """`call` has to raise RpcError alone."""
        about = _About(service, method)

        async def recorded(request: Any, caller: Caller) -> Any:
            try:
                answer = await call(request, caller)
            except RpcError as error:
                await self._record(about, request, caller, None, error)
                raise
            await self._record(about, request, caller, answer, None)
            return answer

        return recorded

    def stream(self, call: Stream, service: str, method: MethodSpec) -> Stream:
        about = _About(service, method)

        async def recorded(request: Any, caller: Caller) -> AsyncIterator[Any]:
            is_recorded = False
            try:
                async with aclosing(call(request, caller)) as messages:  # type: ignore[type-var]
                    async for message in messages:
                        if not is_recorded:
                            is_recorded = True
                            await self._record(about, request, caller, message, None)
                        yield message
            except RpcError as error:
                if not is_recorded:
                    await self._record(about, request, caller, None, error)
                raise

        return recorded

    async def _record(
        self, about: _About, request: Any, caller: Caller, answer: Any | None, error: RpcError | None
    ) -> None:
        came = origin.get() or _FROM_WITHIN
        record = Record(
            self._clock.now_us(),
            caller.key_id,
            caller.key_name,
            about.method,
            about.resource(request, answer),
            "OK" if error is None else error.code.name,
            "" if error is None else error.reason,
            came.face,
            came.address,
            about.request_id(request) or came.request_id,
        )
        # Runs of flows come by the thousand, and so do the acts of a bulk operation; both are on record elsewhere.
        if about.is_run or came is _FROM_WITHIN:
            await self._writer.note(caller.account, record)
        else:
            await self._writer.put(caller.account, record)


class _About:
    """What the requests and answers of one method say of what they are about."""

    def __init__(self, service: str, method: MethodSpec) -> None:
        self.method = f"{service}.{method.name}"
        self.is_run = method.scope == INVOKE
        self._has_request_id = "request_id" in method.request.DESCRIPTOR.fields_by_name
        paths = list(_paths(method.request.DESCRIPTOR))
        # Where a flow is named, the artifact is what a gateway made of it.
        self._paths = tuple(path for path in paths if path != ("graph_id",) or ("flow",) not in paths)
        self._artifact = ("graph_id",) in paths and ("graph_id",) not in self._paths
        fields = method.response.DESCRIPTOR.fields_by_name
        asked = {path[-1] for path in self._paths}
        self._made = next((name for name in _MADE if name in fields and name not in asked), "")

    def resource(self, request: Any, answer: Any | None) -> str:
        values = []
        for path in self._paths:
            value = request
            for name in path:
                value = getattr(value, name)
            if value:
                values.append(value)
        if self._artifact and not request.flow:
            values.append(request.graph_id)
        if isinstance(answer, str):
            values.append(answer)  # of a typed service's Start: the id of the execution
        elif self._made and answer is not None and (made := getattr(answer, self._made)):
            values.append(made)
        return "/".join(values)[:_RESOURCE_LENGTH_MAX]

    def request_id(self, request: Any) -> str:
        return str(request.request_id) if self._has_request_id else ""


def _paths(request: Descriptor) -> Iterator[tuple[str, ...]]:
    """Fields of a request, and of the messages in it, that name something."""
    for field in request.fields:
        if _names(field):
            yield (field.name,)
        elif field.message_type is not None and not field.is_repeated:
            yield from ((field.name, inner.name) for inner in field.message_type.fields if _names(inner))


def _names(field: FieldDescriptor) -> bool:
    if field.is_repeated or field.type != FieldDescriptor.TYPE_STRING or field.name in _NO_SUBJECT:
        return False
    return field.name.endswith("_id") or field.name in _NAMES
