"""What an engine process tells of itself: counts that were kept, and what lives in it at this moment."""

from __future__ import annotations

from typing import Protocol

from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.journal_counts import JournalCounts
from penstock.engine.storage.postgres.database import Database
from penstock.engine.telemetry import flows
from penstock.engine.telemetry.live import Waits, live_families
from penstock.engine.webhooks.deliverer import WebhookDeliverer
from penstock.wire.metrics import Family, counter, gauge, histogram, total


class Source(Protocol):
    """Whatever has metrics of its own."""

    def families(self) -> list[Family]: ...


class EngineMetrics:
    """Nothing is done before somebody asks."""

    def __init__(self, runtime: Runtime, database: Database, webhooks: WebhookDeliverer) -> None:
        self._runtime = runtime
        self._database = database
        self._webhooks = webhooks
        self._waits: Waits = set()
        self.sources: list[Source] = []
        """More that is asked: each gives families that nobody else gives."""

    async def collect(self) -> list[Family]:
        """Everything, for one scrape."""
        runtime = self._runtime
        found = flows.families(runtime.catalog.tallies)
        found += await live_families(runtime, self._waits)
        found += _journal(runtime.journal.counts)
        found += _lease(runtime)
        found += _threads(runtime)
        found += _pool(self._database)
        found += _webhooks(self._webhooks)
        for source in self.sources:
            found += source.families()
        return found


def _journal(counts: JournalCounts) -> list[Family]:
    return [
        histogram("penstock_journal_group_entries", "Steps of executions in one transaction.", counts.entries),
        histogram("penstock_journal_write_seconds", "How long the database took to commit a group.", counts.writes),
        histogram(
            "penstock_commit_latency_seconds",
            "From the oldest step of a group to its commit, once a group.",
            counts.commits,
        ),
        total("penstock_journal_retries", "Groups sent again, for want of an answer.", counts.retry_count),
        total("penstock_journal_refused", "Steps that the database refused.", counts.refused_count),
    ]


def _lease(runtime: Runtime) -> list[Family]:
    keeper = runtime.keeper
    renewals = counter("penstock_lease_renewals", "Tries to renew the lease under which this process commits.")
    for outcome, count in keeper.renewals.items():
        renewals.add(count, outcome=outcome)
    return [
        renewals,
        gauge("penstock_lease_held", "Whether the lease was renewed in time.", int(keeper.is_held)),
        gauge("penstock_draining", "Whether the process stops and accepts nothing.", int(runtime.is_stopping)),
    ]


def _threads(runtime: Runtime) -> list[Family]:
    threads = runtime.threads
    return [
        gauge("penstock_node_threads_busy", "Plain functions that run.", threads.busy_count),
        gauge("penstock_node_threads_waiting", "Plain functions that wait for a thread.", len(threads.waiting())),
    ]


def _pool(database: Database) -> list[Family]:
    stats = database.pool_stats()
    connections = gauge("penstock_database_connections", "Connections of the pool; the journal has its own.")
    idle = stats.get("pool_available", 0)
    connections.add(idle, state="idle")
    connections.add(max(0, stats.get("pool_size", 0) - idle), state="busy")
    return [
        connections,
        gauge("penstock_database_waiting", "Statements that wait for a connection.", stats.get("requests_waiting", 0)),
        total("penstock_database_requests", "Statements that took a connection.", stats.get("requests_num", 0)),
        total(
            "penstock_database_wait_seconds",
            "Time that statements waited for a connection, in seconds.",
            stats.get("requests_wait_ms", 0) / 1000,
        ),
        total(
            "penstock_database_errors",
            "Statements that got no connection, and connections that broke or could not be made.",
            sum(stats.get(name, 0) for name in ("requests_errors", "connections_errors", "connections_lost")),
        ),
    ]


def _webhooks(webhooks: WebhookDeliverer) -> list[Family]:
    tries = counter("penstock_webhook_tries", "Tries to deliver a result, by what became of them.")
    for state, count in sorted(webhooks.counts.states.items()):
        tries.add(count, outcome=state)
    return [
        tries,
        histogram("penstock_webhook_try_duration_seconds", "How long tries took.", webhooks.counts.durations),
        gauge("penstock_webhooks_under_way", "Results that are being delivered.", webhooks.under_way_count),
    ]
