"""Asks the other processes that share the port for their metrics: a scrape reaches whichever the kernel picks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from aiohttp import web

from penstock.gateway import limits
from penstock.gateway.metrics.process_socket import socket_folder
from penstock.wire.metrics import Family, Sample

_log = logging.getLogger("penstock.gateway")

Collect = Callable[[], Awaitable[list[Family]]]
_SUFFIX = ".sock"
_PATH = "/metrics"


class Neighbours:
    """The processes of one server, each known by its name. `start` and `stop` in one event loop."""

    def __init__(self, folder: Path, name: str, collect: Collect) -> None:
        """`collect` gives the metrics of this process, whose name is `name`."""
        self._given_folder = folder
        self._name = name
        self._collect = collect
        self._folder: Path
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Answers the others from now on. Raises OSError."""
        self._folder = socket_folder(self._given_folder)
        app = web.Application()
        app.router.add_get(_PATH, self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await self._runner.setup()
        path = self._folder / f"{self._name}{_SUFFIX}"
        # That of the process whose place this one takes.
        path.unlink(missing_ok=True)
        await web.UnixSite(self._runner, str(path)).start()

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            (self._folder / f"{self._name}{_SUFFIX}").unlink(missing_ok=True)

    async def others(self) -> Mapping[str, list[Family] | None]:
        """The metrics of each other process by its name; None for one that does not answer."""
        paths = {path.stem: path for path in sorted(self._folder.glob(f"*{_SUFFIX}")) if path.stem != self._name}
        answers = await asyncio.gather(*(_ask(path) for path in paths.values()))
        return dict(zip(paths, answers, strict=True))

    async def _answer(self, http: web.Request) -> web.Response:
        return web.Response(body=to_json(await self._collect()), content_type="application/json")


async def _ask(path: Path) -> list[Family] | None:
    timeout = aiohttp.ClientTimeout(total=limits.NEIGHBOUR_TIMEOUT_S)
    connector = aiohttp.UnixConnector(str(path))
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
            session.get(f"http://process{_PATH}") as response,
        ):
            return from_json(await response.read())
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        fields = {"action": "gateway.process_silent", "slot": path.stem, "error": str(error)}
        _log.warning("a process does not give its metrics", extra=fields)
        return None


def to_json(families: list[Family]) -> bytes:
    return orjson.dumps(
        [[each.name, each.kind, each.help, [[*sample] for sample in each.samples]] for each in families]
    )


def from_json(text: bytes) -> list[Family]:
    """What `to_json` wrote."""
    families: list[Any] = orjson.loads(text)
    return [
        Family(name, kind, about, [Sample(suffix, labels, value) for suffix, labels, value in samples])
        for name, kind, about, samples in families
    ]
