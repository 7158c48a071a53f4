"""Errors go through the relay as they are, and what waits for a writer goes together."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from penstock.wire import relay
from penstock.wire.batches import Batches
from penstock.wire.gen.relay_service_pb2 import RelayError, RelayRequest
from penstock.wire.status import Code, RpcError, Violation

TEXT = some.text(some.characters(exclude_categories=["Cs"]))
ERRORS = some.builds(
    RpcError,
    some.sampled_from(Code),
    TEXT,
    TEXT,
    metadata=some.dictionaries(TEXT, TEXT),
    violations=some.lists(some.builds(Violation, TEXT, TEXT)).map(tuple),
)


def everything(error: RpcError) -> tuple[Any, ...]:
    """Facts in their order, which JSON bodies show."""
    return error.code, error.reason, error.message, [*error.metadata.items()], error.violations


@given(ERRORS)
def test_an_error_comes_out_as_it_went_in(error: RpcError) -> None:
    sent = RelayError()
    relay.write_error(error, sent)
    assert everything(relay.read_error(RelayError.FromString(sent.SerializeToString()))) == everything(error)


def add(batches: Batches[RelayRequest], call_id: int, size: int = 0) -> None:
    batches.open(size).cancels.append(call_id)


async def taken(batches: Batches[RelayRequest]) -> list[int] | None:
    batch = await batches.take()
    return None if batch is None else list(batch.cancels)


async def test_what_waits_goes_together() -> None:
    batches = Batches(RelayRequest, 10_000)
    for call_id in (1, 2, 3):
        add(batches, call_id)
    assert await taken(batches) == [1, 2, 3]


async def test_a_batch_takes_no_more_beyond_its_size_but_always_a_first_one() -> None:
    batches = Batches(RelayRequest, 1_000)
    for call_id, size in enumerate((600, 100, 600, 5_000, 1)):
        add(batches, call_id, size)
    batches.close()
    assert [await taken(batches) for _ in range(5)] == [[0, 1], [2], [3], [4], None]


async def test_a_waiting_writer_gets_the_first_item_at_once() -> None:
    batches = Batches(RelayRequest, 1_000)
    writer = asyncio.create_task(taken(batches))
    await asyncio.sleep(0)
    add(batches, 1)
    assert await writer == [1]


async def test_a_closed_one_gives_what_is_left_and_then_none() -> None:
    batches = Batches(RelayRequest, 1_000)
    writer = asyncio.create_task(taken(batches))
    await asyncio.sleep(0)
    batches.close()
    assert await writer is None
    add(batches, 1)
    assert [await taken(batches), await taken(batches)] == [[1], None]
