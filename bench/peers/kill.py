"""How long after kill -9 of everything the other engines have ended what they had begun."""

from __future__ import annotations

import asyncio
import shutil
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp

from bench.peers.engines import Dbos, Restate
from bench.peers.install import VERSIONS, install
from bench.peers.probe import post

COUNT = 100
_INPUT = {"n": 0, "s": "x"}
_OUTPUT = {"n": 20, "s": "x"}
_LOOK_EVERY_S = 0.05
_END_S = 120.0


@dataclass(frozen=True, slots=True)
class Recovery:
    """`seconds` count from the start of the new processes to the end of the last execution, as the engine tells it.

    `in_flight` is how many of the executions had not ended when the processes were killed.
    """

    seconds: float
    in_flight: int


def recover(kind: str, folder: Path, database_url: str) -> Recovery:
    """Begins executions of 20 short steps that nobody waits for and kills the engine once all are acknowledged.

    `kind` is "dbos" or "restate". Postgres is left alone. Raises AssertionError when an execution ends
    wrong, TimeoutError when not all end within two minutes, RuntimeError when the engine cannot be installed.
    """
    if kind not in install():
        raise RuntimeError(f"{VERSIONS[kind]} cannot be installed here")
    if kind == "dbos":
        return _recover_dbos(Dbos(folder, database_url), folder)
    return _recover_restate(Restate(folder, database_url), folder)


def _recover_dbos(engine: Dbos, folder: Path) -> Recovery:
    try:
        engine.start()
        asyncio.run(_begin_dbos(engine))
        killed = time.time()
        engine.kill()
        restart = time.time()
        engine.start()
        return _recovery(_dbos_ends(engine), killed, restart)
    finally:
        engine.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _recover_restate(engine: Restate, folder: Path) -> Recovery:
    try:
        engine.start()
        ids = asyncio.run(_begin_restate(engine))
        killed = time.time()
        engine.kill()
        restart = time.time()
        engine.start()
        return _recovery(asyncio.run(_restate_ends(engine, ids)), killed, restart)
    finally:
        engine.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _recovery(ends: list[float], killed: float, restart: float) -> Recovery:
    in_flight = sum(end > killed for end in ends)
    assert in_flight, "all executions had ended before the kill"
    return Recovery(max(ends) - restart, in_flight)


async def _begin_dbos(engine: Dbos) -> None:
    async with _session() as session:
        await asyncio.gather(*(_json(session, "POST", f"{engine.url}/slow20/{index}") for index in range(COUNT)))


def _dbos_ends(engine: Dbos) -> list[float]:
    """Unix times; waits until all have ended."""
    give_up = time.monotonic() + _END_S
    while len(done := post(f"{engine.url}/done", None) or []) < COUNT:
        if time.monotonic() > give_up:
            raise TimeoutError(f"{len(done)} of {COUNT} executions have ended")
        time.sleep(_LOOK_EVERY_S)
    assert all(one["output"] == _OUTPUT for one in done), done
    return [one["end_ms"] / 1e3 for one in done]


async def _begin_restate(engine: Restate) -> list[str]:
    """Their ids."""
    async with _session() as session:

        async def begin(index: int) -> str:
            # What has no key cannot be attached to.
            headers = {"Idempotency-Key": str(index)}
            answer = await _json(session, "POST", f"{engine.url}/slow20/send", headers=headers)
            return str(answer["invocationId"])

        return await asyncio.gather(*(begin(index) for index in range(COUNT)))


async def _restate_ends(engine: Restate, ids: list[str]) -> list[float]:
    """As `_dbos_ends`."""
    attach = f"{engine.ingress_url}/restate/invocation/{{}}/attach"
    async with _session() as session, asyncio.timeout(_END_S):
        outputs = await asyncio.gather(*(_json(session, "GET", attach.format(id)) for id in ids))
        assert all(output == _OUTPUT for output in outputs), outputs
        query = {"query": "select completed_at from sys_invocation where target_handler_name = 'slow20'"}
        answer = await _json(session, "POST", f"{engine.admin_url}/query", value=query)
    assert len(answer["rows"]) == COUNT, answer
    return [datetime.fromisoformat(row["completed_at"]).timestamp() for row in answer["rows"]]


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), headers={"Accept": "application/json"}, raise_for_status=True
    )


async def _json(
    session: aiohttp.ClientSession, method: str, url: str, value: object = _INPUT, headers: dict[str, str] | None = None
) -> Any:
    body = None if method == "GET" else value
    async with session.request(method, url, json=body, headers=headers) as response:
        return await response.json(content_type=None)
