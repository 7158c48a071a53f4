"""What the load generator sends to the other engines, and what it expects back."""

from __future__ import annotations

from urllib.parse import urlsplit

import orjson

from bench.http_calls import FRAME_COUNT, NODE_COUNTS
from bench.http_client import HttpClient
from bench.pacing import Call

FLOWS = {"dbos": (*NODE_COUNTS, "s100"), "restate": tuple(NODE_COUNTS), "flux": tuple(NODE_COUNTS)}
"""What each engine has; only DBOS has durable streams."""

_INPUT = orjson.dumps({"n": 0, "s": "x"})


def peer_call(client: HttpClient, target: str, flow: str, url: str) -> Call:
    """One execution of the flow, waited for. `target` is the kind of the engine; `url` is that of its target."""
    path = f"{urlsplit(url).path}/{flow}"
    if flow == "s100":
        return _stream(client, path)
    expected = {"n": NODE_COUNTS[flow], "s": "x"}
    return _detailed(client, f"{path}/run/sync", expected) if target == "flux" else _plain(client, path, expected)


def _plain(client: HttpClient, path: str, expected: object) -> Call:
    async def invoke() -> None:
        answer = orjson.loads(await client.post(path, _INPUT))
        assert answer == expected, answer

    return invoke


def _detailed(client: HttpClient, path: str, expected: object) -> Call:
    """Flux answers with the whole execution."""

    async def invoke() -> None:
        answer = orjson.loads(await client.post(path, _INPUT))
        assert answer["output"] == expected, answer

    return invoke


def _stream(client: HttpClient, path: str) -> Call:
    expected = [{"n": index, "s": "x"} for index in range(FRAME_COUNT)]

    async def stream() -> None:
        text = await client.post(path, _INPUT)
        *frames, end = (orjson.loads(event.removeprefix(b"data: ")) for event in text.split(b"\n\n")[:-1])
        assert frames == expected and end == {"result": {"n": 0, "s": "x"}}, text

    return stream
