"""The keeper of the lease: it renews whatever happens, and begins anew when the lease is lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from penstock.engine.domain.errors import LeaseLost, StoreUnavailable
from penstock.engine.runtime.keeper import LEASE_LIFE_S, RENEW_EVERY_S, LeaseKeeper
from penstock.engine.storage.records import Lease
from tests.runtime.manual_clock import manual_loop, run_on_manual_clock


@dataclass(slots=True)
class Leases:
    """Stands in for the lease table. `errors` are raised by the next renewals, one each."""

    calls: list[tuple[str, int]] = field(default_factory=list)
    errors: list[Exception | None] = field(default_factory=list)
    count: int = 0

    async def acquire(self, instance: str, process: str, life_s: float) -> Lease:
        self.count += 1
        self._note("acquire", self.count)
        assert (instance, life_s) == ("data", LEASE_LIFE_S)
        return Lease(UUID(int=self.count), 1)

    async def renew(self, lease: Lease, life_s: float) -> None:
        self._note("renew", lease.lease_id.int)
        if self.errors and (error := self.errors.pop(0)) is not None:
            raise error

    async def fence_the_dead(self, instance: str, lease: Lease) -> None:
        self._note(f"fence {instance}".strip(), lease.lease_id.int)

    async def release(self, lease: Lease) -> None:
        self._note("release", lease.lease_id.int)

    def _note(self, verb: str, lease: int) -> None:
        self.calls.append((verb, lease))


@dataclass(slots=True)
class Post:
    """A keeper, and what it does."""

    leases: Leases
    keeper: LeaseKeeper
    lost: list[int]
    rounds: list[int]

    async def rounds_pass(self, count: int) -> list[tuple[str, int]]:
        """What the keeper asks for in that many rounds."""
        self.leases.calls.clear()
        for _ in range(count):
            await manual_loop().advance(RENEW_EVERY_S)
        return list(self.leases.calls)


async def started(*errors: Exception | None) -> Post:
    leases = Leases(errors=list(errors))
    lost: list[int] = []
    rounds: list[int] = []
    table: Any = leases
    keeper = LeaseKeeper(
        table, "data", lambda lease: lost.append(lease.lease_id.int), lambda: rounds.append(len(rounds) + 1)
    )
    await keeper.start()
    await manual_loop().advance(0)
    assert leases.calls == [("acquire", 1), ("fence data", 1)]
    return Post(leases, keeper, lost, rounds)


def test_lease_is_renewed_several_times_in_its_life() -> None:
    assert LEASE_LIFE_S > 3 * RENEW_EVERY_S


def test_keeper_renews_fences_and_looks_for_work_in_each_round() -> None:
    async def scenario() -> None:
        post = await started()
        assert await post.rounds_pass(2) == [("renew", 1), ("fence", 1)] * 2
        assert (post.rounds, post.lost) == ([1, 2], [])
        await post.keeper.stop()

    run_on_manual_clock(scenario())


@pytest.mark.parametrize("error", [StoreUnavailable("the database does not answer"), ValueError("nobody foresaw it")])
def test_round_that_fails_is_followed_by_the_next(error: Exception) -> None:
    async def scenario() -> None:
        post = await started(error, error)
        assert await post.rounds_pass(3) == [("renew", 1), ("renew", 1), ("renew", 1), ("fence", 1)]
        assert (post.rounds, post.lost) == ([1], [])
        await post.keeper.stop()

    run_on_manual_clock(scenario())


def test_lost_lease_is_told_with_the_one_that_follows() -> None:
    async def scenario() -> None:
        post = await started(LeaseLost("another process"))
        assert await post.rounds_pass(1) == [("renew", 1), ("acquire", 2), ("fence", 2)]
        assert (post.lost, post.keeper.lease, post.rounds) == ([2], Lease(UUID(int=2), 1), [1])
        assert await post.rounds_pass(1) == [("renew", 2), ("fence", 2)]
        await post.keeper.stop()

    run_on_manual_clock(scenario())


def test_stop_gives_the_lease_up() -> None:
    async def scenario() -> None:
        post = await started()
        await post.keeper.stop()
        assert post.leases.calls[-1] == ("release", 1)
        assert await post.rounds_pass(2) == []

    run_on_manual_clock(scenario())
