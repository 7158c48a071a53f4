"""The docs pages of artifacts are served to everybody, and tell nothing of any artifact."""

from __future__ import annotations

import re

import pytest
from aiohttp import ClientSession

from penstock.gateway.settings import Settings
from tests.gateway.answers import answer

PATHS = ("/flows/v1/artifacts/01JTESTARTIFACT00000000000/docs", "/flows/hello/docs", "/flows/hello@canary/docs")


@pytest.fixture
def settings() -> Settings:
    return Settings(docs_api_key="psk_ada", docs_grpc_address="127.0.0.1:50051")


async def test_all_artifacts_have_the_same_page(stranger: ClientSession) -> None:
    bodies = set()
    for path in PATHS:
        async with stranger.get(path) as response:
            assert (response.status, response.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
            assert "script-src 'self';" in response.headers["Content-Security-Policy"]
            bodies.add(await response.text())
    [body] = bodies
    assert [word in body for word in ("psk_ada", "127.0.0.1:50051", "hello")] == [True, True, False]


async def test_readers_elsewhere_see_no_key(stranger: ClientSession) -> None:
    async with stranger.get(PATHS[0], headers={"Host": "flows.example"}) as response:
        assert "psk_ada" not in await response.text()


async def test_what_the_page_loads_is_there_and_kept_for_good(stranger: ClientSession) -> None:
    async with stranger.get(PATHS[0]) as response:
        names = re.findall(r"/docs/assets/[^\"]+", await response.text())
    assert len(names) == 2
    for name in names:
        async with stranger.get(name) as response:
            assert response.status == 200
            assert response.headers["Cache-Control"] == "public, immutable, max-age=31536000"
            assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_an_asset_that_is_not_there_is_not_found(stranger: ClientSession) -> None:
    async with stranger.get("/docs/assets/artifact-0.js") as response:
        assert await answer(response) == (
            404,
            {
                "error": "no such path: /docs/assets/artifact-0.js",
                "code": "NOT_FOUND",
                "reason": "NO_SUCH_PATH",
                "details": {},
            },
        )
