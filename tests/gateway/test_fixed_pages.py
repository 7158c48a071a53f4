"""Docs and health answer without a key."""

from __future__ import annotations

import json

import pytest
from aiohttp import ClientSession

from penstock.gateway.app import Gateway
from penstock.gateway.settings import Settings
from tests.gateway.answers import answer
from tests.gateway.fake_engine import FakeEngine


@pytest.fixture
def settings() -> Settings:
    return Settings(docs_api_key="psk_ada", docs_grpc_address="127.0.0.1:50051")


async def test_a_process_that_answers_is_alive(engine: FakeEngine, stranger: ClientSession) -> None:
    engine.is_ready = False
    async with stranger.get("/healthz") as response:
        assert (response.status, await response.read()) == (200, b'{"status":"ok"}')


async def test_readiness_is_the_engine_s(engine: FakeEngine, stranger: ClientSession) -> None:
    async with stranger.get("/readyz") as response:
        assert (response.status, await response.read()) == (200, b'{"status":"ok","checks":{"engine":"ok"}}')
    engine.is_ready = False
    async with stranger.get("/readyz") as response:
        assert await answer(response) == (
            503,
            {
                "error": "not ready: the engine rests",
                "code": "UNAVAILABLE",
                "reason": "NOT_READY",
                "details": {"engine": "the engine rests"},
            },
        )


async def test_the_document_of_the_fixed_api_needs_no_key(stranger: ClientSession) -> None:
    async with stranger.get("/openapi.json") as response:
        assert (response.status, response.headers["Content-Type"]) == (200, "application/json")
        document = json.loads(await response.read())
    assert "/invocations/v1/flows/invoke" in document["paths"]


async def test_the_docs_page_knows_its_document_key_and_grpc_address(stranger: ClientSession) -> None:
    async with stranger.get("/docs") as response:
        assert (response.status, response.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert "Content-Security-Policy" in response.headers
        text = await response.text()
    assert [word in text for word in ("/openapi.json", "psk_ada", "127.0.0.1:50051")] == [True, True, True]


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("localhost:8080", True),
        ("[::1]:8080", True),
        ("127.0.0.1", True),
        ("evil.example:8080", False),
        ("127.0.0.1.evil.example", False),
        ("localhost:99999999", False),
        ("a b", False),
    ],
)
async def test_a_site_that_pretends_to_be_this_machine_sees_no_key(
    stranger: ClientSession, host: str, shown: bool
) -> None:
    async with stranger.get("/docs", headers={"Host": host}) as response:
        assert ("psk_ada" in await response.text()) is shown


async def test_a_port_that_is_taken_is_an_error_and_leaves_nothing(engine: FakeEngine, gateway: Gateway) -> None:
    host, _, port = gateway.url.removeprefix("http://").rpartition(":")
    second = Gateway(engine, host, int(port))
    with pytest.raises(OSError, match="address already in use"):
        await second.start()
    await second.stop()
