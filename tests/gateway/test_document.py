"""Streamed pieces become one document, and never half of one that looks whole."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import ClientPayloadError, ClientSession
from aiohttp.client_exceptions import ClientConnectionError

from penstock.gateway.app import Gateway
from penstock.wire.gen.export_pb2 import ExportExecutionRequest, ExportExecutionResponse
from penstock.wire.status import Code, RpcError
from tests.gateway.fake_engine import FakeEngine
from tests.gateway.test_stream import Blocked, messages

EXPORT = "/invocations/v1/executions/ab12:export"
BROKEN = (ClientPayloadError, ClientConnectionError)


def piece(data: bytes) -> ExportExecutionResponse:
    return ExportExecutionResponse(data=data)


async def test_pieces_are_sent_one_after_the_other(engine: FakeEngine, client: ClientSession) -> None:
    engine.answers["export_execution"] = messages(piece(b'{"a":'), piece(b"[1,"), piece(b"2]}\n"))
    async with client.get(f"{EXPORT}?no_io=true&signed=true") as response:
        assert (response.status, response.content_type) == (200, "application/json")
        assert await response.read() == b'{"a":[1,2]}\n'
    wanted = ExportExecutionRequest(execution_id="ab12", no_io=True, signed=True)
    assert engine.requests("export_execution") == [wanted]


async def test_error_before_the_first_piece_is_a_plain_error(engine: FakeEngine, client: ClientSession) -> None:
    engine.answers["export_execution"] = messages(RpcError(Code.NOT_FOUND, "NOT_FOUND", "there is none"))
    async with client.get(EXPORT) as response:
        assert (response.status, (await response.json())["error"]) == (404, "there is none")


@pytest.mark.parametrize("error", [RpcError(Code.INTERNAL, "INTERNAL", "oh"), RpcError(Code.UNAVAILABLE, "X", "oh")])
async def test_error_behind_the_first_piece_breaks_the_connection(
    engine: FakeEngine, client: ClientSession, error: RpcError
) -> None:
    engine.answers["export_execution"] = messages(piece(b"{}"), error)
    with pytest.raises(BROKEN):
        async with client.get(EXPORT) as response:
            await response.read()


async def test_stop_breaks_the_connection_and_ends_the_export(
    engine: FakeEngine, client: ClientSession, gateway: Gateway
) -> None:
    blocked = engine.answers["export_execution"] = Blocked(piece(b"{}"))
    with pytest.raises(BROKEN):
        async with client.get(EXPORT) as response:
            await blocked.waiting.wait()
            stopping = asyncio.create_task(gateway.stop())
            await response.read()
    await stopping
    await asyncio.wait_for(blocked.closed.wait(), 5)


async def test_reader_that_leaves_ends_the_export(engine: FakeEngine, client: ClientSession) -> None:
    blocked = engine.answers["export_execution"] = Blocked(piece(b"{}"))
    async with client.get(EXPORT) as response:
        assert await response.content.readany() == b"{}"
        response.close()
    await asyncio.wait_for(blocked.closed.wait(), 5)
