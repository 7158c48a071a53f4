"""Answers /metrics: the numbers of this process, and of those that share its port."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from aiohttp import hdrs, web

from penstock.gateway.auth import authenticate, require
from penstock.gateway.calls import Handler, answering
from penstock.gateway.local import is_local
from penstock.gateway.metrics.exposition import OPEN_METRICS, PROMETHEUS, merged, wants_open_metrics, write
from penstock.gateway.metrics.neighbours import Neighbours
from penstock.wire.metrics import Family, Sample, gauge
from penstock.wire.scopes import METRICS_READ
from penstock.wire.service import Engine
from penstock.wire.status import Code, RpcError

PATH = "/metrics"
OPERATORS = "default"
"""The account of whoever runs the server. The numbers are of all accounts, whose flows they name."""
_PROCESS = "process"


def metrics_handler(
    engine: Engine, name: str, collect: Callable[[], Awaitable[list[Family]]], neighbours: Neighbours | None
) -> Handler:
    """A handler for whoever runs the server: readers on its machine, and keys of OPERATORS that have the scope.

    `collect` gives what is labelled already.
    """

    async def answer(http: web.Request) -> web.StreamResponse:
        authorization = http.headers.get(hdrs.AUTHORIZATION)
        if authorization is not None or not is_local(http):
            caller = await authenticate(engine, authorization)
            if caller.account != OPERATORS:
                raise RpcError(Code.NOT_FOUND, "NO_SUCH_PATH", f"no such path: {http.path}")
            require(caller, METRICS_READ)
        lots = [await collect()]
        up = gauge("penstock_up", "Whether a process of this server gives its metrics.")
        up.add(1, process=name)
        if neighbours is not None:
            for other, families in (await neighbours.others()).items():
                up.add(int(families is not None), process=other)
                lots.append(families or [])
        is_open = wants_open_metrics(http.headers.get(hdrs.ACCEPT))
        body = write([up, *merged(lots)], is_open=is_open)
        return web.Response(body=body, headers={hdrs.CONTENT_TYPE: OPEN_METRICS if is_open else PROMETHEUS})

    return answering(answer)


def labelled(families: Iterable[Family], process: str) -> list[Family]:
    """The families with the name of their process on each number."""
    return [
        Family(
            family.name,
            family.kind,
            family.help,
            [Sample(suffix, {**labels, _PROCESS: process}, value) for suffix, labels, value in family.samples],
        )
        for family in families
    ]
