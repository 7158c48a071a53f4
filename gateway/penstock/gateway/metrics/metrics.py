"""What one process tells of itself: its engine, its HTTP face, its event loop and its share of the machine."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from penstock.gateway.calls import Handler
from penstock.gateway.connections.crowd import Crowd
from penstock.gateway.metrics import process
from penstock.gateway.metrics.loop_lag import LoopLag
from penstock.gateway.metrics.neighbours import Neighbours
from penstock.gateway.metrics.requests import CountedRoutes
from penstock.gateway.metrics.route import labelled, metrics_handler
from penstock.gateway.streams import OpenStreams
from penstock.wire.metrics import Family, gauge
from penstock.wire.service import Engine


class Metrics:
    """Of one gateway. Numbers are put together when somebody asks for them."""

    def __init__(
        self,
        engine: Engine,
        routes: CountedRoutes,
        streams: OpenStreams,
        crowd: Crowd | None,
        name: str,
        neighbours: Path | None,
    ) -> None:
        """`crowd` None: whoever runs the application has its connections.

        `neighbours` is the folder in which processes that share the port find each other.
        """
        self._engine = engine
        self._routes = routes
        self._streams = streams
        self._crowd = crowd
        self._name = name
        self._lag = LoopLag()
        self._neighbours = None if neighbours is None else Neighbours(neighbours, name, self._collect)

    @property
    def handler(self) -> Handler:
        return metrics_handler(self._engine, self._name, self._collect, self._neighbours)

    async def start(self, _: web.Application) -> None:
        """Measures from the start of the application on."""
        self._lag.start()
        if self._neighbours is not None:
            await self._neighbours.start()

    async def stop(self, _: web.Application) -> None:
        self._lag.stop()
        if self._neighbours is not None:
            await self._neighbours.stop()

    async def _collect(self) -> list[Family]:
        streams = gauge("penstock_http_streams", "Streams that are being sent over HTTP.", self._streams.count)
        connections = [] if self._crowd is None else self._crowd.families()
        own = [*self._routes.families(), streams, *connections, *self._lag.families(), *process.families()]
        return labelled([*await self._engine.metrics(), *own], self._name)
