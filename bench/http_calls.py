"""What a caller sends over HTTP, and the answer that is right."""

from __future__ import annotations

import orjson

from bench.http_client import HttpClient
from bench.pacing import Call

NODE_COUNTS = {"w1": 1, "w3": 3, "w20": 20}
FRAME_COUNT = 100
_INVOKE = "/invocations/v1/flows/invoke"


def http_call(client: HttpClient, flow: str) -> Call:
    """`flow` "echo" is for the limit."""
    if flow == "echo":
        return _echo(client)
    return _stream(client) if flow == "s100" else _invoke(client, flow)


def _echo(client: HttpClient) -> Call:
    body = _invocation("w3")

    async def echo() -> None:
        assert await client.post("/echo", body) == body

    return echo


def _invoke(client: HttpClient, flow: str) -> Call:
    body, expected = _invocation(flow), {"n": NODE_COUNTS[flow], "s": "x"}

    async def invoke() -> None:
        answer = orjson.loads(await client.post(_INVOKE, body))
        assert answer["result"]["output"] == expected, answer

    return invoke


def _stream(client: HttpClient) -> Call:
    body = orjson.dumps({"flow": "s100", "input": {"n": FRAME_COUNT, "s": "x"}})

    async def stream() -> None:
        text = await client.post(f"{_INVOKE}/stream", body)
        assert text.count(b"data: ") == FRAME_COUNT + 1 and b'"is_final":true,"success":true' in text, text

    return stream


def _invocation(flow: str) -> bytes:
    return orjson.dumps({"flow": flow, "input": {"n": 0, "s": "x"}, "wait": True})
