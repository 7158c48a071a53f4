"""The engine as its faces see it: authentication and every service, errors translated."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from google.protobuf import descriptor_pool

from penstock.engine.domain.audit import Audited
from penstock.engine.rpc.access.auditing import Auditor
from penstock.engine.rpc.access.gate import Gate
from penstock.engine.rpc.acts.bulk_acts import BulkActs
from penstock.engine.rpc.acts.bulk_operation_service import BulkOperationService
from penstock.engine.rpc.acts.bulk_targets import TargetFinder
from penstock.engine.rpc.acts.bulk_trial import BulkTrial
from penstock.engine.rpc.acts.pause_service import PauseService
from penstock.engine.rpc.acts.retrying import Retrier
from penstock.engine.rpc.api_key_service import ApiKeyService
from penstock.engine.rpc.artifacts.alias_service import AliasService
from penstock.engine.rpc.artifacts.artifact_diffs import ArtifactDiffs
from penstock.engine.rpc.artifacts.artifact_service import ArtifactService
from penstock.engine.rpc.artifacts.flow_service import FlowService
from penstock.engine.rpc.artifacts.package_service import PackageService
from penstock.engine.rpc.artifacts.publishing import ClosedPublisher, Publisher
from penstock.engine.rpc.audit_service import AuditService
from penstock.engine.rpc.execution_service import ExecutionService
from penstock.engine.rpc.explain.explaining import Explainer
from penstock.engine.rpc.explain.surroundings import SurroundingsReader
from penstock.engine.rpc.exports.exporting import Exporter
from penstock.engine.rpc.imports.import_service import ImportService
from penstock.engine.rpc.imports.imported import Imported
from penstock.engine.rpc.invocation_service import InvocationService
from penstock.engine.rpc.keys import Keys
from penstock.engine.rpc.settings.config_service import ConfigService
from penstock.engine.rpc.settings.limit_service import LimitService
from penstock.engine.rpc.settings.policy_service import PolicyService
from penstock.engine.rpc.settings.retention_service import RetentionService
from penstock.engine.rpc.settings.secret_service import SecretService
from penstock.engine.rpc.settings.usage_service import UsageService
from penstock.engine.rpc.settings.webhook_service import WebhookService
from penstock.engine.rpc.status import rpc_error
from penstock.engine.rpc.typed.directory import TypedDirectory
from penstock.engine.rpc.typed.services import TypedServices
from penstock.engine.rpc.views.filters import Filters
from penstock.engine.rpc.views.listing import ExecutionPages
from penstock.engine.rpc.views.node_lists import NodeLists
from penstock.engine.rpc.views.timeline import Timeline
from penstock.engine.rpc.views.watching import FeedReader
from penstock.engine.runtime.news.all_feed import AllFeed
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.runtime.upkeep.auditing import AuditWriter
from penstock.engine.runtime.upkeep.bulk import BulkRunner
from penstock.engine.runtime.upkeep.retention import Sweeper
from penstock.engine.storage.audit_keys import AuditKey
from penstock.engine.storage.key_hashes import KeyHasher
from penstock.engine.storage.postgres.aliases import Aliases
from penstock.engine.storage.postgres.audit import AuditRows
from penstock.engine.storage.postgres.bulk import Bulk, BulkRows
from penstock.engine.storage.postgres.bulk_targets import BulkTargets
from penstock.engine.storage.postgres.commit_order import CommitOrder
from penstock.engine.storage.postgres.configs import ConfigRows
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.execution_lists import ExecutionLists
from penstock.engine.storage.postgres.explanations import Explanations
from penstock.engine.storage.postgres.failure_counts import FailureCounts
from penstock.engine.storage.postgres.imports import Imports
from penstock.engine.storage.postgres.keys import KeyRows
from penstock.engine.storage.postgres.lots import Lots
from penstock.engine.storage.postgres.node_logs import NodeLogs
from penstock.engine.storage.postgres.pinned import Pinned
from penstock.engine.storage.postgres.policies import PolicyRows
from penstock.engine.storage.postgres.rate_limits import RateLimits
from penstock.engine.storage.postgres.registry import Registry
from penstock.engine.storage.postgres.retries import RetryRows
from penstock.engine.storage.postgres.run_lists import RunLists
from penstock.engine.storage.postgres.search import Search
from penstock.engine.storage.postgres.secrets import SecretRows
from penstock.engine.storage.postgres.standings import Standings
from penstock.engine.storage.postgres.subjects import SubjectRows
from penstock.engine.storage.postgres.views import Views
from penstock.engine.storage.sealing import Sealer
from penstock.engine.webhooks.egress import EgressPolicy
from penstock.wire.gen.services import SERVICES
from penstock.wire.json import JsonCodec
from penstock.wire.metrics import Family
from penstock.wire.service import Caller, MethodSpec, Readiness


class Face:
    """Satisfies `penstock.wire.service.Engine`."""

    def __init__(
        self,
        runtime: Runtime,
        database: Database,
        sealer: Sealer,
        egress: EgressPolicy,
        audit_key: AuditKey,
        hasher: KeyHasher,
        sweeper: Sweeper,
        audit: AuditWriter,
        *,
        audited: Audited,
        allows_publishing: bool,
    ) -> None:
        registry = Registry(database)
        catalog, clock = runtime.catalog, runtime.clock
        aliases, standings = Aliases(database), Standings(database)
        diffs = ArtifactDiffs(registry, aliases, Pinned(database))
        self.publisher = publisher = Publisher(registry, diffs, catalog, clock)
        # What callers bring; what the server itself publishes is for whoever runs it to say.
        entrance = publisher if allows_publishing else ClosedPublisher(registry, diffs, catalog, clock)
        self._runtime = runtime
        key_rows = KeyRows(database)
        self.keys = Keys(key_rows, hasher, clock, runtime.key_news.mark, runtime.key_news.changed, runtime.meters)
        gate = Gate(self.keys, SubjectRows(database), catalog, Auditor(audit, clock, audited))
        imports = Imports(database)
        imported = Imported(imports)
        acts, finder = BulkActs(self.service, self._bulk_caller), TargetFinder(Filters(Search(database)), self._asker)
        bulk_rows, targets = BulkRows(database), BulkTargets(database)
        self.bulk = BulkRunner(runtime, bulk_rows, targets, finder.find, acts.act)
        services: dict[str, Any] = {
            "ApiKeyService": ApiKeyService(key_rows, self.keys, clock),
            "AliasService": AliasService(registry, aliases, diffs, catalog, clock),
            "ArtifactService": ArtifactService(catalog, registry, diffs, standings, clock),
            "AuditService": AuditService(AuditRows(database), JsonCodec(descriptor_pool.Default())),
            "BulkOperationService": BulkOperationService(
                bulk_rows, targets, finder, BulkTrial(runtime), self.bulk, clock
            ),
            "ConfigService": ConfigService(ConfigRows(database), runtime.configs, registry, clock),
            "ExecutionService": _executions(runtime, database, registry, audit_key),
            "FlowService": FlowService(registry, catalog, entrance, clock),
            "ImportService": ImportService(imports, clock),
            "InvocationService": (invocations := InvocationService(runtime, egress)),
            "LimitService": LimitService(
                RateLimits(database), key_rows, registry, runtime.places, clock, runtime.key_news.changed
            ),
            "PackageService": PackageService(registry, entrance),
            "PauseService": PauseService(runtime),
            "PolicyService": PolicyService(runtime, PolicyRows(database)),
            "RetentionService": RetentionService(database, registry, clock, sweeper.settings.default_s, sweeper.nudge),
            "SecretService": SecretService(SecretRows(database), runtime.secrets),
            "UsageService": UsageService(database, runtime.usage, runtime.budgets, registry, clock),
            "WebhookService": WebhookService(database, sealer, clock, runtime.webhook_due),
        }
        self._services = {
            spec.name: gate.service(imported.service(services[spec.name], spec), spec) for spec in SERVICES
        }
        self.collect: Callable[[], Awaitable[list[Family]]] = _nothing
        """Gives the metrics of the engine."""
        # No RPC: it accepts an execution of a unary flow or of a pipeline, and gives its id.
        self.start_flow = gate.unary(
            invocations.start_flow, "InvocationService", _method("InvocationService", "InvokeFlow")
        )
        self.typed = TypedServices(self, TypedDirectory(catalog, registry), self.start_flow)

    async def authenticate(self, key: str | None) -> Caller:
        try:
            return await self.keys.authenticate(key)
        except Exception as error:
            raise rpc_error(error) from error

    async def _asker(self, bulk: Bulk) -> Caller:
        """Whoever asked for a bulk operation, as far as that key goes now."""
        return await self.keys.caller(bulk.account, bulk.key_id, bulk.key_name)

    async def _bulk_caller(self, bulk: Bulk) -> Caller:
        try:
            return await self._asker(bulk)
        except Exception as error:
            raise rpc_error(error) from error

    def service(self, name: str) -> Any:
        return self._services[name]

    async def readiness(self) -> Readiness:
        return await self._runtime.readiness()

    async def metrics(self) -> list[Family]:
        return await self.collect()


def _executions(runtime: Runtime, database: Database, registry: Registry, audit_key: AuditKey) -> ExecutionService:
    views = Views(database)
    explainer = Explainer(runtime, registry, views, Explanations(database))
    timeline = Timeline(runtime, registry, views, Lots(database))
    exporter = Exporter(runtime, views, SurroundingsReader(registry, runtime.executions), audit_key)
    found, filters = ExecutionLists(database), Filters(Search(database))
    pages = ExecutionPages(runtime, found, filters)
    nodes = NodeLists(runtime, views, registry, found, filters, NodeLogs(database))
    feed = FeedReader(AllFeed(runtime, CommitOrder(database)), registry, runtime.clock)
    lists, failures = RunLists(database), FailureCounts(database)
    retrier = Retrier(runtime, RetryRows(database))
    return ExecutionService(
        runtime, views, registry, explainer, timeline, failures, exporter, feed, lists, pages, nodes, retrier
    )


def _method(service: str, name: str) -> MethodSpec:
    return next(method for spec in SERVICES if spec.name == service for method in spec.methods if method.name == name)


async def _nothing() -> list[Family]:
    return []
