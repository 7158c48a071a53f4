"""Calls to a server that no load generator makes: many executions begun at once, and single requests."""

from __future__ import annotations

import asyncio
import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import orjson

from bench.http_client import HttpClient

INVOKE = "/invocations/v1/flows/invoke"
EXECUTIONS = "/invocations/v1/executions"
GIVEN = {"n": 0, "s": "x"}


def begin_many(http_url: str, key: str, flow: str, count: int, callers: int = 64) -> list[str]:
    """The ids of `count` executions; the server has acknowledged each, and nobody waits for them."""
    return asyncio.run(_begin_many(http_url, key, flow, count, callers))


async def _begin_many(http_url: str, key: str, flow: str, count: int, callers: int) -> list[str]:
    body = orjson.dumps({"flow": flow, "input": GIVEN, "wait": False})
    begun: list[str] = []
    rest = iter(range(count))
    async with HttpClient(http_url, {"Authorization": f"Bearer {key}"}) as client:

        async def caller() -> None:
            for _ in rest:
                answer = orjson.loads(await client.post(INVOKE, body))
                begun.append(answer["execution_id"])

        await asyncio.gather(*(caller() for _ in range(callers)))
    return begun


class Caller:
    """One connection that is kept open."""

    def __init__(self, http_url: str, key: str) -> None:
        url = urlsplit(http_url)
        assert url.hostname is not None
        self._connection = http.client.HTTPConnection(url.hostname, url.port, timeout=120)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """The answer as JSON. Raises AssertionError when it is an error."""
        sent = None if body is None else json.dumps(body)
        self._connection.request(method, path, sent, self._headers)
        response = self._connection.getresponse()
        answer = response.read()
        assert 200 <= response.status < 300, f"{method} {path}: {response.status} {answer.decode(errors='replace')}"
        return json.loads(answer)

    def get(self, path: str) -> Any:
        return self.request("GET", path)

    def invoke(self, flow: str) -> Any:
        """The answer when the execution has ended."""
        return self.request("POST", INVOKE, {"flow": flow, "input": GIVEN, "wait": True})

    def close(self) -> None:
        self._connection.close()
