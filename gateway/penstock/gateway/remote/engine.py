"""An engine in another process, as the gateway sees it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from types import SimpleNamespace
from typing import Any

from penstock.gateway import limits
from penstock.gateway.remote.aliases import KnownAliases
from penstock.gateway.remote.credentials import Credentials
from penstock.gateway.remote.keys import KnownKeys, RemoteCaller
from penstock.gateway.remote.link import Link
from penstock.gateway.remote.streaming import follow
from penstock.gateway.remote.unary import ask
from penstock.wire import relay
from penstock.wire.gen.relay_service_pb2 import RelayIdentity, RelayReadiness
from penstock.wire.gen.services import SERVICES
from penstock.wire.metrics import Family
from penstock.wire.scopes import Grants
from penstock.wire.service import OK, Caller, MethodSpec, Readiness
from penstock.wire.status import Code, RpcError


class RemoteEngine:
    """Satisfies `penstock.wire.service.Engine`, from start() to stop(). Only its own callers may call its services."""

    def __init__(self, address: str, credentials: Credentials | None = None) -> None:
        """`address` is the HOST:PORT of the engine's gRPC; `credentials` None: it speaks plain text."""
        self._link = Link(address, credentials)
        self._keys = KnownKeys()
        self._services = {
            spec.name: SimpleNamespace(**{method.attribute: self._method(method) for method in spec.methods})
            for spec in SERVICES
        }
        artifacts, flows, aliases = self._services["ArtifactService"], self._services["FlowService"], KnownAliases()
        artifacts.get_artifact = aliases.remembering(artifacts.get_artifact)
        flows.compile_flow = aliases.forgetting(flows.compile_flow)
        flows.delete_flow = aliases.forgetting(flows.delete_flow)
        moves = self._services["AliasService"]
        for service, method in (
            (moves, "set_alias"),
            (moves, "delete_alias"),
            (artifacts, "deprecate_artifact"),
            (artifacts, "retire_artifact"),
            (artifacts, "restore_artifact"),
        ):
            setattr(service, method, aliases.forgetting(getattr(service, method)))

    async def start(self) -> None:
        """Begins to connect. Calls are refused as UNAVAILABLE while there is no connection."""
        await self._link.start()

    async def wait_until_connected(self) -> None:
        await self._link.wait_until_connected()

    async def stop(self) -> None:
        await self._link.stop()

    async def authenticate(self, key: str | None) -> Caller:
        if key is not None and (known := self._keys.get(key)) is not None:
            return known
        answer = await ask(self._link.connection, relay.AUTHENTICATE, key or "", b"")
        identity = RelayIdentity.FromString(answer)
        caller = RemoteCaller(identity.account, identity.key_id, key or "", grants=Grants(identity.scopes))
        self._keys.keep(caller)
        return caller

    def service(self, name: str) -> Any:
        return self._services[name]

    async def metrics(self) -> list[Family]:
        """None: the engine is a target of its own."""
        return []

    async def readiness(self) -> Readiness:
        try:
            async with asyncio.timeout(limits.READY_TIMEOUT_S):
                answer = await ask(self._link.connection, relay.READY, "", b"")
        except (RpcError, TimeoutError):
            return Readiness({"engine": "the engine cannot be reached"})
        told = RelayReadiness.FromString(answer)
        if not told.checks:
            return Readiness({"engine": OK if told.is_ready else "the engine is not ready"})
        return Readiness({check.name: check.state for check in told.checks})

    def _method(self, method: MethodSpec) -> Callable[..., Any]:
        return self._streaming(method) if method.server_streaming else self._unary(method)

    def _unary(self, method: MethodSpec) -> Callable[[Any, RemoteCaller], Awaitable[Any]]:
        path, read = method.path, method.response.FromString

        async def call(request: Any, caller: RemoteCaller) -> Any:
            try:
                return read(await ask(self._link.connection, path, caller.key, request.SerializeToString()))
            except RpcError as error:
                self._note(error, caller)
                raise

        return call

    def _streaming(self, method: MethodSpec) -> Callable[[Any, RemoteCaller], AsyncIterator[Any]]:
        path, read = method.path, method.response.FromString

        async def call(request: Any, caller: RemoteCaller) -> AsyncIterator[Any]:
            messages = follow(self._link.connection, path, caller.key, request.SerializeToString())
            async with aclosing(messages):
                try:
                    async for message in messages:
                        yield read(message)
                except RpcError as error:
                    self._note(error, caller)
                    raise

        return call

    def _note(self, error: RpcError, caller: RemoteCaller) -> None:
        if error.code is Code.UNAUTHENTICATED:
            self._keys.forget(caller.key)
