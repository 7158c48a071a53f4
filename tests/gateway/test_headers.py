"""What every answer says to browsers and caches, whichever way it is written."""

from __future__ import annotations

import pytest
from aiohttp import ClientSession

from penstock.wire.gen.frame_pb2 import Frame
from penstock.wire.gen.invocation_service_pb2 import InvokeFlowResponse
from tests.gateway.fake_engine import GRAPH_ID, FakeEngine, hello_artifact
from tests.gateway.test_stream import ID, STREAM, messages

INVOKE = "/invocations/v1/flows/invoke"
BODY = {"graph_id": GRAPH_ID, "input": {"name": "Ada"}}


@pytest.fixture
def engine() -> FakeEngine:
    end = Frame(execution_id=ID, is_final=True, success=True, sequence=3)
    return FakeEngine(
        answers={
            "get_artifact": hello_artifact(),
            "invoke_flow": InvokeFlowResponse(accepted=True, execution_id=ID),
            "stream_flow": messages(end),
        }
    )


@pytest.mark.parametrize(
    ("method", "path", "body", "caching"),
    [
        ("POST", INVOKE, BODY, "no-store"),
        ("POST", INVOKE, {"nothing": 1}, "no-store"),
        ("HEAD", "/nowhere", None, "no-store"),
        ("GET", "/nowhere", None, "no-store"),
        ("GET", "/docs", None, "no-store"),
        ("GET", "/healthz", None, "no-store"),
        ("GET", "/openapi.json", None, "no-store"),
        ("GET", f"/flows/v1/artifacts/{GRAPH_ID}/proto", None, "private, immutable, max-age=31536000"),
        ("POST", STREAM, BODY, "no-cache"),
    ],
)
async def test_no_answer_is_kept_or_guessed_at(
    client: ClientSession, method: str, path: str, body: object, caching: str
) -> None:
    async with client.request(method, path, json=body) as response:
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == caching
        assert "Strict-Transport-Security" not in response.headers


async def test_pages_of_other_origins_read_nothing(client: ClientSession) -> None:
    origin = {"Origin": "https://elsewhere.example"}
    asking = origin | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    for method, headers in (("POST", origin), ("OPTIONS", asking)):
        async with client.request(method, INVOKE, headers=headers) as response:
            assert not [name for name in response.headers if name.startswith("Access-Control")]
