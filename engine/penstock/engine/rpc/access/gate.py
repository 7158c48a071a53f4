"""Lets calls through as far as the key of their caller goes: the one place that does, whichever way a call comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from time import time_ns
from types import SimpleNamespace
from typing import Any

from penstock.engine.domain.errors import Unauthenticated
from penstock.engine.rpc.access.auditing import Auditor
from penstock.engine.rpc.access.invocations import Invocations
from penstock.engine.rpc.access.open_streams import OpenStreams
from penstock.engine.rpc.access.rule import Rule
from penstock.engine.rpc.keys import Keys
from penstock.engine.rpc.status import rpc_error
from penstock.engine.runtime.programs.catalog import Catalog
from penstock.engine.storage.postgres.subjects import SubjectRows
from penstock.wire.service import Caller, MethodSpec, ServiceSpec

Unary = Callable[[Any, Caller], Awaitable[Any]]
Stream = Callable[[Any, Caller], AsyncIterator[Any]]


class Gate:
    """Wraps methods of services. What comes out raises RpcError alone."""

    def __init__(self, keys: Keys, rows: SubjectRows, catalog: Catalog, auditor: Auditor) -> None:
        self._auditor = auditor
        self._keys = keys
        self._open = OpenStreams(keys)
        self._rows = rows
        self._invocations = Invocations(rows, catalog)

    def service(self, implementation: object, spec: ServiceSpec) -> Any:
        """The methods of a service, by their names in Python."""
        methods = {}
        for method in spec.methods:
            wrap = self.stream if method.server_streaming else self.unary
            methods[method.attribute] = wrap(getattr(implementation, method.attribute), spec.name, method)
        return SimpleNamespace(**methods)

    def unary(self, implementation: Unary, service: str, method: MethodSpec) -> Unary:
        rule = self._rule(service, method)
        quick = rule.quick

        async def call(request: Any, caller: Caller) -> Any:
            try:
                if quick <= caller.grants.whole:
                    return await implementation(request, caller)
                limits = await rule.limits(request, caller)
                answer = await implementation(request, caller)
                return answer if limits is None else await limits.seen(answer)
            except Exception as error:
                raise rpc_error(error) from error

        return self._auditor.unary(call, service, method) if self._auditor.records(method) else call

    def stream(self, implementation: Stream, service: str, method: MethodSpec) -> Stream:
        rule, keys, streams = self._rule(service, method), self._keys, self._open
        quick = rule.quick

        async def call(request: Any, caller: Caller) -> AsyncIterator[Any]:
            stream = streams.begin(caller)
            try:
                limits = None if quick <= caller.grants.whole else await rule.limits(request, caller)
                mark = keys.mark()
                async with aclosing(implementation(request, caller)) as messages:  # type: ignore[type-var]
                    stream.wait()
                    async for message in messages:
                        stream.waiting = None
                        if mark != (now := keys.mark()):
                            mark = now
                            await keys.check(caller)
                        if _has_expired(caller):
                            raise Unauthenticated("unauthorized")
                        if limits is None or await limits.shows(message):
                            yield message
                        stream.wait()
            except asyncio.CancelledError:
                if stream.was_ended():
                    raise rpc_error(Unauthenticated("unauthorized")) from None
                raise
            except Exception as error:
                raise rpc_error(error) from error
            finally:
                streams.finish(stream)

        return self._auditor.stream(call, service, method) if self._auditor.records(method) else call

    def _rule(self, service: str, method: MethodSpec) -> Rule:
        return Rule(service, method, self._rows, self._invocations)


def _has_expired(caller: Caller) -> bool:
    return caller.expire_us is not None and time_ns() // 1000 >= caller.expire_us
