"""The engine as its faces see it: authentication and every service, errors translated."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from types import SimpleNamespace
from typing import Any

from penstock.engine.rpc.alias_service import AliasService
from penstock.engine.rpc.artifact_diffs import ArtifactDiffs
from penstock.engine.rpc.artifact_service import ArtifactService
from penstock.engine.rpc.config_service import ConfigService
from penstock.engine.rpc.execution_service import ExecutionService
from penstock.engine.rpc.explaining import Explainer
from penstock.engine.rpc.exporting import Exporter
from penstock.engine.rpc.flow_service import FlowService
from penstock.engine.rpc.invocation_service import InvocationService
from penstock.engine.rpc.keys import Keys
from penstock.engine.rpc.package_service import PackageService
from penstock.engine.rpc.pause_service import PauseService
from penstock.engine.rpc.publishing import Publisher
from penstock.engine.rpc.secret_service import SecretService
from penstock.engine.rpc.status import rpc_error
from penstock.engine.rpc.surroundings import SurroundingsReader
from penstock.engine.rpc.timeline import Timeline
from penstock.engine.rpc.typed.directory import TypedDirectory
from penstock.engine.rpc.typed.services import TypedServices
from penstock.engine.rpc.webhook_service import WebhookService
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.audit_keys import AuditKey
from penstock.engine.storage.postgres.aliases import Aliases
from penstock.engine.storage.postgres.configs import ConfigRows
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.explanations import Explanations
from penstock.engine.storage.postgres.failure_counts import FailureCounts
from penstock.engine.storage.postgres.lots import Lots
from penstock.engine.storage.postgres.pinned import Pinned
from penstock.engine.storage.postgres.registry import Registry
from penstock.engine.storage.postgres.secrets import SecretRows
from penstock.engine.storage.postgres.standings import Standings
from penstock.engine.storage.postgres.views import Views
from penstock.engine.storage.sealing import Sealer
from penstock.engine.webhooks.egress import EgressPolicy
from penstock.wire.gen.services import SERVICES
from penstock.wire.service import Caller, MethodSpec


class Face:
    """Satisfies `penstock.wire.service.Engine`."""

    def __init__(
        self, runtime: Runtime, database: Database, sealer: Sealer, egress: EgressPolicy, audit_key: AuditKey
    ) -> None:
        registry = Registry(database)
        catalog, clock = runtime.catalog, runtime.clock
        aliases, standings = Aliases(database), Standings(database)
        diffs = ArtifactDiffs(registry, aliases, Pinned(database))
        self.publisher = publisher = Publisher(registry, diffs, catalog, clock)
        self._runtime = runtime
        self.keys = Keys(registry)
        services: dict[str, Any] = {
            "AliasService": AliasService(registry, aliases, diffs, catalog, clock),
            "ArtifactService": ArtifactService(catalog, registry, diffs, standings, clock),
            "ConfigService": ConfigService(ConfigRows(database), runtime.configs, registry, clock),
            "ExecutionService": _executions(runtime, database, registry, audit_key),
            "FlowService": FlowService(registry, catalog, publisher, clock),
            "InvocationService": (invocations := InvocationService(runtime, egress)),
            "PackageService": PackageService(registry, publisher),
            "PauseService": PauseService(runtime),
            "SecretService": SecretService(SecretRows(database), runtime.secrets),
            "WebhookService": WebhookService(database, sealer, clock, runtime.webhook_due),
        }
        self._services = {
            spec.name: SimpleNamespace(
                **{method.attribute: _guarded(services[spec.name], method) for method in spec.methods}
            )
            for spec in SERVICES
        }
        # No RPC: it accepts an execution of a unary flow or of a pipeline, and gives its id.
        self.start_flow = _guarded_unary(invocations.start_flow)
        self.typed = TypedServices(self, TypedDirectory(catalog, registry), self.start_flow)

    async def authenticate(self, key: str | None) -> Caller:
        try:
            return await self.keys.authenticate(key)
        except Exception as error:
            raise rpc_error(error) from error

    def service(self, name: str) -> Any:
        return self._services[name]

    async def ready(self) -> bool:
        return await self._runtime.is_ready()


def _executions(runtime: Runtime, database: Database, registry: Registry, audit_key: AuditKey) -> ExecutionService:
    views = Views(database)
    explainer = Explainer(runtime, registry, views, Explanations(database))
    timeline = Timeline(runtime, registry, views, Lots(database))
    exporter = Exporter(runtime, views, SurroundingsReader(registry, runtime.executions), audit_key)
    return ExecutionService(runtime, views, registry, explainer, timeline, FailureCounts(database), exporter)


def _guarded(service: object, method: MethodSpec) -> Callable[..., Any]:
    implementation = getattr(service, method.attribute)
    return _guarded_stream(implementation) if method.server_streaming else _guarded_unary(implementation)


def _guarded_unary(implementation: Callable[[Any, Caller], Awaitable[Any]]) -> Callable[[Any, Caller], Awaitable[Any]]:
    async def call(request: Any, caller: Caller) -> Any:
        try:
            return await implementation(request, caller)
        except Exception as error:
            raise rpc_error(error) from error

    return call


def _guarded_stream(implementation: Callable[[Any, Caller], Any]) -> Callable[[Any, Caller], AsyncIterator[Any]]:
    async def call(request: Any, caller: Caller) -> AsyncIterator[Any]:
        async with aclosing(implementation(request, caller)) as messages:
            try:
                async for message in messages:
                    yield message
            except Exception as error:
                raise rpc_error(error) from error

    return call
