"""Errors are answered as CONTRACT section 5 says, in JSON and in protobuf."""

from __future__ import annotations

import gzip
import logging
import re
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status

from penstock.gateway.gen.routes import ROUTES
from penstock.gateway.route import Route
from penstock.gateway.settings import Settings
from penstock.wire.status import Code, RpcError, Violation
from tests.gateway.answers import answer
from tests.gateway.fake_engine import FakeEngine

EXECUTION = "/invocations/v1/executions/ab12"
COMPILE = "/flows/v1/flows/hello:compile"


@pytest.fixture
def settings() -> Settings:
    return Settings(body_bytes_max=1000)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.http_method} {route.pattern}")
async def test_every_generated_route_needs_a_key(engine: FakeEngine, stranger: ClientSession, route: Route) -> None:
    path = re.sub(r"\{[^{}]*\}", "x", route.pattern)
    async with stranger.request(route.http_method, path, data=b"not even JSON") as response:
        assert await answer(response) == (
            401,
            {"error": "unauthorized", "code": "UNAUTHENTICATED", "reason": "KEY_MISSING", "details": {}},
        )
        assert response.headers["WWW-Authenticate"] == "Bearer"
    assert engine.calls == []


@pytest.mark.parametrize(
    ("authorization", "reason"),
    [
        ("", "KEY_MISSING"),
        ("Bearer", "KEY_MISSING"),
        ("Bearer  ", "KEY_MISSING"),
        ("Basic psk_ada", "KEY_MISSING"),
        ("psk_ada", "KEY_MISSING"),
        ("Bearer psk_\xe9", "KEY_MISSING"),
        ("Bearer psk_eve", "KEY_UNKNOWN"),
    ],
)
async def test_a_bad_key_is_unauthorized(stranger: ClientSession, authorization: str, reason: str) -> None:
    async with stranger.get(EXECUTION, headers={"Authorization": authorization}) as response:
        assert await answer(response) == (
            401,
            {"error": "unauthorized", "code": "UNAUTHENTICATED", "reason": reason, "details": {}},
        )


async def test_the_scheme_of_a_key_may_be_in_any_case(engine: FakeEngine, stranger: ClientSession) -> None:
    engine.answers["get_execution"] = RpcError(Code.NOT_FOUND, "NOT_FOUND", "no such execution: ab12")
    async with stranger.get(EXECUTION, headers={"Authorization": "bearer psk_ada"}) as response:
        assert response.status == 404


@pytest.mark.parametrize(
    ("error", "status", "details"),
    [
        (RpcError(Code.NOT_FOUND, "NOT_FOUND", "no such execution: ab12"), 404, {}),
        (
            RpcError(Code.FAILED_PRECONDITION, "ILLEGAL_STATE", "it has ended", metadata={"status": "COMPLETED"}),
            409,
            {"status": "COMPLETED"},
        ),
        (
            RpcError(Code.INVALID_ARGUMENT, "BAD", "two", violations=(Violation("a", "x"), Violation("b", "y"))),
            400,
            {"violations": [{"field": "a", "description": "x"}, {"field": "b", "description": "y"}]},
        ),
        (RpcError(Code.PERMISSION_DENIED, "SCOPE", "expected scope invoke"), 403, {}),
        (RpcError(Code.UNAVAILABLE, "STORE_UNAVAILABLE", "no database"), 503, {}),
    ],
    ids=lambda value: value.code.name if isinstance(value, RpcError) else None,
)
async def test_an_error_of_the_engine_keeps_code_reason_and_facts(
    engine: FakeEngine, client: ClientSession, error: RpcError, status: int, details: dict[str, object]
) -> None:
    engine.answers["get_execution"] = error
    async with client.get(EXECUTION) as response:
        assert await answer(response) == (
            status,
            {"error": error.message, "code": error.code.name, "reason": error.reason, "details": details},
        )


@pytest.mark.parametrize(("metadata", "seconds"), [({}, "1"), ({"retry_after_s": "7"}, "7")])
async def test_too_many_requests_are_told_when_to_come_back(
    engine: FakeEngine, client: ClientSession, metadata: dict[str, str], seconds: str
) -> None:
    engine.answers["get_execution"] = RpcError(Code.RESOURCE_EXHAUSTED, "OVERLOADED", "no room", metadata=metadata)
    async with client.get(EXECUTION) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, seconds)


async def test_a_protobuf_caller_gets_a_status_message(engine: FakeEngine, client: ClientSession) -> None:
    engine.answers["get_execution"] = RpcError(
        Code.INVALID_ARGUMENT, "BAD", "a: x", metadata={"k": "v"}, violations=(Violation("a", "x"),)
    )
    async with client.get(EXECUTION, headers={"Accept": "application/x-protobuf"}) as response:
        assert (response.status, response.content_type) == (400, "application/x-protobuf")
        status = Status.FromString(await response.read())
    info, bad = ErrorInfo(), BadRequest()
    assert status.details[0].Unpack(info) and status.details[1].Unpack(bad)
    assert (status.code, status.message) == (3, "a: x")
    assert info == ErrorInfo(reason="BAD", domain="penstock", metadata={"k": "v"})
    assert bad == BadRequest(field_violations=[BadRequest.FieldViolation(field="a", description="x")])


@pytest.mark.parametrize("gateway", ["together"], indirect=True)
@pytest.mark.parametrize("error", [ZeroDivisionError("secret"), ConnectionRefusedError("secret"), TimeoutError()])
async def test_an_unexpected_error_is_logged_and_not_shown(
    engine: FakeEngine, client: ClientSession, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    engine.answers["get_execution"] = error
    async with client.get(EXECUTION) as response:
        assert await answer(response) == (
            500,
            {"error": "internal error", "code": "INTERNAL", "reason": "INTERNAL", "details": {}},
        )
    (record,) = [record for record in caplog.records if record.name == "penstock.gateway"]
    assert (record.levelno, record.exc_info[0]) == (logging.ERROR, type(error))
    assert (record.action, record.path) == ("gateway.request_failed", EXECUTION)


async def test_an_unknown_path_is_a_404_for_anybody(stranger: ClientSession) -> None:
    async with stranger.get("/flows/v2/flows") as response:
        assert await answer(response) == (
            404,
            {
                "error": "no such path: /flows/v2/flows",
                "code": "NOT_FOUND",
                "reason": "NO_SUCH_PATH",
                "details": {},
            },
        )


async def test_an_unknown_method_is_told_the_known_ones(stranger: ClientSession) -> None:
    async with stranger.put("/flows/v1/flows/hello") as response:
        assert await answer(response) == (
            405,
            {
                "error": "/flows/v1/flows/hello: expected DELETE, GET, PATCH, got PUT",
                "code": "UNIMPLEMENTED",
                "reason": "METHOD_NOT_ALLOWED",
                "details": {},
            },
        )
        assert response.headers["Allow"] == "DELETE, GET, PATCH"


async def chunked(size: int) -> AsyncIterator[bytes]:
    for _ in range(0, size, 100):
        yield b" " * 100


@pytest.mark.parametrize("way", ["with a length", "in chunks", "compressed"])
async def test_a_body_over_the_limit_is_refused_with_the_limit(
    engine: FakeEngine, client: ClientSession, way: str
) -> None:
    headers = {"Content-Type": "application/json"}
    data: object = b" " * 1001
    if way == "in chunks":
        data = chunked(1100)
    elif way == "compressed":
        data = gzip.compress(b" " * 1001)
        headers["Content-Encoding"] = "gzip"
    async with client.post(COMPILE, data=data, headers=headers) as response:
        assert await answer(response) == (
            413,
            {
                "error": "body: expected at most 1000 bytes, got more",
                "code": "RESOURCE_EXHAUSTED",
                "reason": "PAYLOAD_TOO_LARGE",
                "details": {"limit_bytes": "1000"},
            },
        )
    assert engine.calls == []


@pytest.mark.parametrize("way", ["with a length", "in chunks", "compressed"])
async def test_a_body_at_the_limit_is_read(engine: FakeEngine, client: ClientSession, way: str) -> None:
    engine.answers["compile_flow"] = RpcError(Code.NOT_FOUND, "NOT_FOUND", "no such flow: hello")
    headers = {"Content-Type": "application/json"}
    body = b"{}" + b" " * 998
    data: object = body
    if way == "in chunks":

        async def pieces() -> AsyncIterator[bytes]:
            for start in range(0, 1000, 100):
                yield body[start : start + 100]

        data = pieces()
    elif way == "compressed":
        data = gzip.compress(body)
        headers["Content-Encoding"] = "gzip"
    async with client.post(COMPILE, data=data, headers=headers) as response:
        assert response.status == 404
