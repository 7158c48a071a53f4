"""Answers that leave in one write say the same as those that aiohttp makes."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import pytest

from penstock.gateway.app import Gateway
from penstock.wire.gen.execution_pb2 import Execution
from tests.gateway.fake_engine import FakeEngine
from tests.gateway.test_raw import connection

GET = b"GET /invocations/v1/executions/ab12 "
REST = b"Host: x\r\nAuthorization: Bearer psk_ada\r\n"


def split(answer: bytes) -> tuple[str, dict[str, str], bytes]:
    """Status line, headers and what follows them."""
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    return status, dict(line.split(": ", 1) for line in lines), body


async def ask(gateway: Gateway, request: bytes) -> bytes:
    """Everything that the server sends until it ends the connection."""
    async with connection(gateway) as (reader, writer):
        writer.write(request)
        return await reader.read()


CLOSING = GET + b"HTTP/1.1\r\n" + REST + b"Connection: close\r\n\r\n"


async def test_an_answer_has_type_length_and_date(engine: FakeEngine, gateway: Gateway) -> None:
    engine.answers["get_execution"] = Execution(execution_id="ab12")
    answer = await ask(gateway, GET + b"HTTP/1.1\r\n" + REST + b"\r\n" + CLOSING)
    status, headers, rest = split(answer)
    length = int(headers["Content-Length"])
    expected = ["Content-Type", "X-Content-Type-Options", "Cache-Control", "Content-Length", "Date"]
    assert (status, list(headers)) == ("HTTP/1.1 200 OK", expected)
    assert headers["Content-Type"] == "application/json"
    assert parsedate_to_datetime(headers["Date"]).tzinfo is not None
    # The second one, after which the connection ends, is aiohttp's own.
    status, headers, second = split(rest[length:])
    assert (status, headers["Connection"], second) == ("HTTP/1.1 200 OK", "close", rest[:length])


@pytest.mark.parametrize("version", [b"HTTP/1.0", b"HTTP/1.1"])
async def test_a_connection_that_shall_end_ends(engine: FakeEngine, gateway: Gateway, version: bytes) -> None:
    engine.answers["get_execution"] = Execution(execution_id="ab12")
    status, _, body = split(await ask(gateway, GET + version + b"\r\n" + REST + b"Connection: close\r\n\r\n"))
    assert (status, b'"execution_id":"ab12"' in body) == (f"{version.decode()} 200 OK", True)


async def test_a_large_answer_comes_whole(engine: FakeEngine, gateway: Gateway) -> None:
    engine.answers["get_execution"] = Execution(labels={"x": "y" * 1_000_000})
    answer = await ask(gateway, GET + b"HTTP/1.1\r\n" + REST + b"\r\n" + CLOSING)
    assert answer.count(b"y" * 1_000_000) == 2


async def test_requests_that_are_sent_at_once_are_answered_in_order(engine: FakeEngine, gateway: Gateway) -> None:
    engine.answers["get_execution"] = lambda request, caller: Execution(execution_id=request.execution_id)
    requests = b"".join(GET.replace(b"ab12", b"%d" % n) + b"HTTP/1.1\r\n" + REST + b"\r\n" for n in range(1000, 1020))
    answer = await ask(gateway, requests + CLOSING)
    positions = [answer.index(b'"execution_id":"%d"' % n) for n in range(1000, 1020)]
    assert positions == sorted(positions)
