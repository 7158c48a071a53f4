"""/readyz tells the truth, and which part of it does not hold."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from penstock.engine.domain import limits
from penstock.engine.domain.errors import LeaseLost, StoreUnavailable
from penstock.engine.runtime.keeper import LEASE_LIFE_S, RENEW_EVERY_S, LeaseKeeper
from penstock.engine.runtime.readiness import readiness
from penstock.gateway.app import create_app
from penstock.wire.service import OK, Readiness
from tests.gateway.fake_engine import FakeEngine
from tests.runtime.manual_clock import manual_loop, run_on_manual_clock
from tests.runtime.test_keeper import Leases

READY = {"database": OK, "lease": OK, "intake": OK}
NOBODY: Any = None


class Database:
    """Answers, or raises, or says nothing."""

    def __init__(self, error: Exception | None = None, *, is_silent: bool = False) -> None:
        self.error = error
        self.is_silent = is_silent

    async def fetch_one(self, sql: str) -> tuple[int]:
        if self.is_silent:
            await asyncio.Event().wait()
        if self.error is not None:
            raise self.error
        return (1,)


async def look(database: Database, keeper: LeaseKeeper, *, is_stopping: bool = False) -> dict[str, str]:
    """What does not hold."""
    asked: Any = database
    found = await readiness(asked, keeper, is_stopping)
    assert found.is_ready is (found.checks == READY)
    return {name: problem for name, problem in found.checks.items() if problem != OK}


async def started(leases: Leases) -> LeaseKeeper:
    rows: Any = leases
    keeper = LeaseKeeper(rows, "data", lambda _: None, lambda: None)
    await keeper.start()
    await manual_loop().advance(0)
    return keeper


def test_a_process_with_everything_is_ready() -> None:
    async def main() -> None:
        keeper = await started(Leases())
        assert await look(Database(), keeper) == {}
        await keeper.stop()

    run_on_manual_clock(main())


def test_a_database_that_is_away_or_silent_is_told() -> None:
    async def main() -> None:
        keeper = await started(Leases())
        assert await look(Database(StoreUnavailable("gone")), keeper) == {"database": "the database does not answer"}
        asking = asyncio.create_task(look(Database(is_silent=True), keeper))
        await manual_loop().advance(0)
        await manual_loop().advance(limits.READY_TIMEOUT_S)
        assert await asking == {"database": "the database does not answer"}
        await keeper.stop()

    run_on_manual_clock(main())


def test_a_process_that_drains_is_not_ready() -> None:
    async def main() -> None:
        keeper = await started(Leases())
        assert await look(Database(), keeper, is_stopping=True) == {"intake": "the process is stopping"}
        await keeper.stop()

    run_on_manual_clock(main())


def test_a_lease_is_held_until_its_life_has_passed_without_a_renewal() -> None:
    async def main() -> None:
        leases = Leases(errors=[None, *[StoreUnavailable("gone")] * 10])
        keeper = await started(leases)
        await manual_loop().advance(RENEW_EVERY_S)
        await manual_loop().advance(LEASE_LIFE_S - 1)
        assert keeper.is_held
        await manual_loop().advance(2)
        assert await look(Database(), keeper) == {"lease": "the lease ran out"}
        assert (keeper.renewals["renewed"], keeper.renewals["failed"]) == (1, 1)
        leases.errors.clear()
        await manual_loop().advance(RENEW_EVERY_S)
        assert keeper.is_held
        await keeper.stop()

    run_on_manual_clock(main())


def test_a_lease_that_was_lost_is_counted_and_taken_anew() -> None:
    async def main() -> None:
        keeper = await started(Leases(errors=[LeaseLost("taken")]))
        await manual_loop().advance(RENEW_EVERY_S)
        assert (keeper.renewals["lost"], keeper.is_held) == (1, True)
        await keeper.stop()

    run_on_manual_clock(main())


@pytest.mark.parametrize(
    ("checks", "status", "body"),
    [
        (READY, 200, {"status": "ok", "checks": READY}),
        (
            READY | {"lease": "the lease ran out", "intake": "the process is stopping"},
            503,
            {
                "error": "not ready: the lease ran out, the process is stopping",
                "code": "UNAVAILABLE",
                "reason": "NOT_READY",
                "details": READY | {"lease": "the lease ran out", "intake": "the process is stopping"},
            },
        ),
    ],
)
async def test_the_route_says_what_the_engine_says(checks: dict[str, str], status: int, body: object) -> None:
    engine = FakeEngine(readiness_told=Readiness(checks))
    async with TestClient(TestServer(create_app(engine))) as client, client.get("/readyz") as answer:
        assert (answer.status, json.loads(await answer.read())) == (status, body)
