"""Builds an engine process and starts its parts in order; stop is start reversed."""

from __future__ import annotations

from contextlib import AsyncExitStack

from penstock.engine.app.archiving import make_archive
from penstock.engine.app.settings import Settings
from penstock.engine.app.site import Site
from penstock.engine.rpc.face import Face
from penstock.engine.rpc.server import GrpcServer, address
from penstock.engine.runtime.clock import SystemClock
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.runtime.upkeep.auditing import AuditWriter
from penstock.engine.runtime.upkeep.retention import Sweeper
from penstock.engine.storage.audit_keys import AuditKey
from penstock.engine.storage.journal import Journal
from penstock.engine.storage.key_hashes import KeyHasher
from penstock.engine.storage.master_keys import MasterKeys
from penstock.engine.storage.postgres.audit import AuditRows
from penstock.engine.storage.postgres.commands import Commands
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.group_writer import PostgresGroupWriter
from penstock.engine.storage.postgres.notices import Notices
from penstock.engine.storage.sealing import Sealer
from penstock.engine.telemetry.metrics import EngineMetrics
from penstock.engine.webhooks.deliverer import WebhookDeliverer

_STREAM_GRACE_S = 1.0
"""How long open gRPC streams may go on after the drain."""


class EngineProcess:
    """One engine: database, runtime, and a gRPC server unless its settings name no address."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stack = AsyncExitStack()
        self.face: Face
        self.runtime: Runtime
        self.audit: AuditWriter
        self.sweeper: Sweeper
        self.server: GrpcServer

    async def start(self) -> None:
        """Raises DataDirInUse, StoreUnavailable, OSError; what was started is stopped again then."""
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise

    async def _start(self) -> None:
        settings, stack = self._settings, self._stack
        url, instance = await self._own_site() if settings.instance is None else _shared_site(settings)
        master_keys, clock = MasterKeys(settings.data_dir), SystemClock()
        sealer = Sealer(master_keys)
        database = Database(url, sealer)
        await database.open()
        stack.push_async_callback(database.close)
        writer = PostgresGroupWriter(url)
        await writer.open()
        stack.push_async_callback(writer.close)
        packages_folder = (settings.data_dir / "packages").resolve()
        commands = Commands(database)
        hasher = KeyHasher(master_keys, is_alone=settings.database_url is None or settings.is_embedded)
        journal, notices = Journal(writer), Notices(database, url)
        self.runtime = Runtime(database, journal, commands, clock, packages_folder, instance, sealer, notices)
        webhooks = WebhookDeliverer(
            database, self.runtime.executions, self.runtime.catalog, clock, settings.webhooks, sealer
        )
        self.runtime.webhook_due = webhooks.nudge
        await self.runtime.start()
        stack.push_async_callback(self.runtime.stop)
        await self.runtime.usage.start()
        stack.push_async_callback(self.runtime.usage.stop)
        await webhooks.start()
        stack.push_async_callback(webhooks.stop)
        metrics = EngineMetrics(self.runtime, database, webhooks)
        metrics.sources.append(self.runtime.usage)
        if settings.sends_traces:
            await self._send_traces(database, metrics)
        audit_key = AuditKey(settings.data_dir)
        archive = make_archive(settings.archive_dir, self.runtime, database, audit_key)
        self.sweeper = Sweeper(database, clock, settings.retention, self.runtime.cache.sweep, archive)
        await self.sweeper.start()
        stack.push_async_callback(self.sweeper.stop)
        self.audit = AuditWriter(AuditRows(database))
        self.audit.start()
        stack.push_async_callback(self.audit.stop)
        self.face = Face(
            self.runtime,
            database,
            sealer,
            settings.webhooks.policy,
            audit_key,
            hasher,
            self.sweeper,
            self.audit,
            audited=settings.audited,
            allows_publishing=settings.allows_publishing,
        )
        self.face.bulk.start()
        stack.push_async_callback(self.face.bulk.stop)
        self.face.collect = metrics.collect
        if settings.grpc_host is not None:
            shares_port = settings.instance is not None
            self.server = GrpcServer(
                self.face,
                typed=self.face.typed,
                keys=self.face.keys,
                tls=settings.tls,
                shares_port=shares_port,
                connections_max=settings.connections_max,
            )
            metrics.sources.append(self.server)
            await self.server.start(settings.grpc_host, settings.grpc_port)
            stack.push_async_callback(self.server.stop, _STREAM_GRACE_S)

    async def _send_traces(self, database: Database, metrics: EngineMetrics) -> None:
        # What is not used is not loaded.
        from penstock.engine.app.tracing import make_traces

        traces = make_traces(self.runtime, database)
        if traces is not None:
            traces.start()
            self._stack.push_async_callback(traces.stop)
            self.runtime.trace_due = traces.ended
            metrics.sources.append(traces)

    async def _own_site(self) -> tuple[str, str]:
        site = Site(self._settings.data_dir, self._settings.database_url)
        await site.open()
        self._stack.push_async_callback(site.close)
        return site.database_url, site.instance

    @property
    def grpc_address(self) -> str:
        """HOST:PORT, only after `start` and where there is a gRPC server."""
        assert self._settings.grpc_host is not None
        return address(self._settings.grpc_host, self.server.port)

    async def drain(self) -> None:
        """Accepts nothing more and lets what runs end, for a bounded time. The faces still answer."""
        await self.runtime.drain(self._settings.drain_s)

    async def stop(self) -> None:
        """Stops. What has not ended goes on after the next start."""
        await self._stack.aclose()


def _shared_site(settings: Settings) -> tuple[str, str]:
    assert settings.database_url is not None and settings.instance is not None
    return settings.database_url, settings.instance
