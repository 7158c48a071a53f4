"""Acceptance under a request id: once, whatever becomes of the database's answers."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence
from typing import Any

import pytest

from penstock.engine.domain.errors import IdempotencyMismatch, LeaseLost, StoreUnavailable
from penstock.engine.domain.event import Event
from penstock.engine.runtime import intake
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.data_keys import DataKey
from penstock.engine.storage.journal import Entry
from penstock.engine.storage.records import Acceptance, Lease, RequestKey, SearchValue
from tests.runtime.memory import ACCOUNT, NEXT_LEASE, Chain, MemoryStore, turn

REQUEST = RequestKey("order-17", b"fingerprint")


async def echo(message: bytes) -> bytes:
    return message


class RequestIds:
    """The table of request ids. Each of `errors` is raised once: before the acceptance, or after it."""

    def __init__(self, memory: MemoryStore) -> None:
        self._memory = memory
        self.known: dict[str, tuple[bytes, str]] = {}
        self.errors: list[tuple[str, Exception]] = []
        self.then: Any = None

    async def accept_once(
        self,
        acceptance: Acceptance,
        events: Sequence[Event],
        request: RequestKey,
        lease: Lease,
        values: Sequence[SearchValue] = (),
        data_key: DataKey | None = None,
    ) -> tuple[bytes, str] | None:
        when, error = self.errors.pop(0) if self.errors else ("", None)
        if error is not None and when == "before":
            raise error
        execution_id = acceptance.execution_id.hex()
        known = self.known.setdefault(request.request_id, (request.fingerprint, execution_id))
        if known[1] == execution_id:
            self._memory.put(Entry(acceptance.execution_id, events, acceptance, None), lease)
        if error is not None:
            raise error
        if self.then is not None:
            self.then()
        return None if known[1] == execution_id else known


@pytest.fixture
async def ids(runtime: Runtime, memory: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> RequestIds:
    monkeypatch.setattr(intake, "_RETRY_DELAY_S", 0)
    ids = RequestIds(memory)
    monkeypatch.setattr(MemoryStore, "accept_once", staticmethod(ids.accept_once), raising=False)
    return ids


async def accept(runtime: Runtime, request: RequestKey = REQUEST) -> tuple[str, str]:
    """The id that the driver had, and the one that the request stands for."""
    program: Any = Chain(echo)
    driver = runtime.intake.prepare(program, ACCOUNT, b"")
    execution_id = await runtime.intake.accept_once(driver, b"{}", request)
    await turn()
    return driver.execution_id, execution_id


async def test_repeated_request_is_the_execution_of_the_first(runtime: Runtime, ids: RequestIds) -> None:
    mine, first = await accept(runtime)
    assert first == mine
    other, second = await accept(runtime)
    assert (second, other == first) == (first, False)
    assert (runtime._running, runtime.live_count) == (set(), 0)


async def test_other_request_under_the_same_id_is_refused(runtime: Runtime, ids: RequestIds) -> None:
    await accept(runtime)
    with pytest.raises(IdempotencyMismatch, match="request id 'order-17' was used for another request"):
        await accept(runtime, RequestKey("order-17", b"another"))
    assert runtime._running == set()


@pytest.mark.parametrize("when", ["before", "after"])
async def test_acceptance_whose_answer_was_lost_is_found_and_driven(
    runtime: Runtime, ids: RequestIds, memory: MemoryStore, when: str
) -> None:
    ids.errors = [(when, StoreUnavailable("the connection broke"))] * 3
    mine, accepted = await accept(runtime)
    assert accepted == mine
    assert memory.rows[mine].status.is_terminal


async def test_caller_who_goes_away_does_not_leave_the_execution_without_its_driver(
    runtime: Runtime, ids: RequestIds, memory: MemoryStore
) -> None:
    ids.errors = [("after", StoreUnavailable("the connection broke"))]
    accepting = asyncio.create_task(accept(runtime))
    await asyncio.sleep(0)
    accepting.cancel()
    await asyncio.gather(accepting, return_exceptions=True)
    await turn(30)
    assert [row.status.is_terminal for row in memory.rows.values()] == [True]


async def test_acceptance_under_a_lease_lost_since_is_left_to_whoever_took_it(
    runtime: Runtime, ids: RequestIds, memory: MemoryStore
) -> None:
    ids.then = lambda: setattr(runtime.keeper, "_lease", NEXT_LEASE)
    with pytest.raises(LeaseLost):
        await accept(runtime)
    assert (runtime.live_count, runtime._running) == (0, set())
    assert [row.status.is_terminal for row in memory.rows.values()] == [False]


async def test_a_refusal_that_nobody_waits_for_any_more_is_no_error_in_the_log(
    runtime: Runtime, ids: RequestIds, monkeypatch: pytest.MonkeyPatch
) -> None:
    await accept(runtime)
    answered = asyncio.Event()

    async def accept_once(*given: Any) -> tuple[bytes, str] | None:
        await answered.wait()
        return await ids.accept_once(*given)

    monkeypatch.setattr(MemoryStore, "accept_once", staticmethod(accept_once))
    complaints: list[dict[str, Any]] = []
    runtime.loop.set_exception_handler(lambda _, context: complaints.append(context))
    waiting = runtime.loop.create_task(accept(runtime, RequestKey("order-17", b"another")))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    answered.set()
    await turn()
    gc.collect()
    assert not complaints
