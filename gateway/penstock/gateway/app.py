"""Puts the gateway together: an aiohttp application over an engine, served on a port."""

from __future__ import annotations

import logging
from functools import partial

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from google.protobuf import descriptor_pool

from penstock.gateway import limits
from penstock.gateway.calls import Context, Handler
from penstock.gateway.connections.connection import Connection
from penstock.gateway.connections.crowd import Crowd
from penstock.gateway.connections.listener import Listener
from penstock.gateway.docs import (
    ARTIFACT_PAGE_PATHS,
    ASSETS_PATH,
    DOCUMENT_PATH,
    PAGE_PATH,
    artifact_docs_page,
    asset,
    docs_page,
    document,
)
from penstock.gateway.documents.routes import add_documents
from penstock.gateway.export import document_handler
from penstock.gateway.fallback import no_route
from penstock.gateway.gen.routes import ROUTES
from penstock.gateway.headers import add_headers
from penstock.gateway.health import alive, readiness
from penstock.gateway.metrics.metrics import Metrics
from penstock.gateway.metrics.requests import CountedRoutes
from penstock.gateway.metrics.route import PATH as METRICS_PATH
from penstock.gateway.payloads import ArtifactCodecs
from penstock.gateway.ranges import content_handler
from penstock.gateway.route import Route
from penstock.gateway.sdks.routes import add_sdks
from penstock.gateway.settings import Settings
from penstock.gateway.sse import stream_handler
from penstock.gateway.streams import OpenStreams
from penstock.gateway.transcode import unary_handler
from penstock.wire.json import JsonCodec
from penstock.wire.service import Engine
from penstock.wire.tls import Tls

_OF_CALLERS = (HttpProcessingError, web.RequestPayloadError, ConnectionError)


def create_app(
    engine: Engine, settings: Settings | None = None, *, has_tls: bool = False, crowd: Crowd | None = None
) -> web.Application:
    """Every generated route, documents, docs and health. Open event streams end when the application shuts down.

    Run it with handler_cancellation=True, or handlers outlive the callers they work for. `crowd` is for the metrics of
    its connections.
    """
    settings = settings or Settings()
    artifacts = ArtifactCodecs(engine.service("ArtifactService"), limits.ARTIFACTS_MAX)
    context = Context(engine, settings, JsonCodec(descriptor_pool.Default()), artifacts)
    streams = OpenStreams()
    app = web.Application()
    add_headers(app, has_tls=has_tls)
    routes = CountedRoutes(app.router)
    metrics = Metrics(engine, routes, streams, crowd, settings.process, settings.neighbours)
    for route in ROUTES:
        handler = _handler(route, context, streams)
        routes.add(route.http_method, route.pattern, handler, is_stream=route.server_streaming)
    routes.add_get("/healthz", alive)
    routes.add_get("/readyz", readiness(engine))
    routes.add_get(METRICS_PATH, metrics.handler)
    routes.add_get(DOCUMENT_PATH, document)
    routes.add_get(PAGE_PATH, docs_page(settings))
    routes.add_get(ASSETS_PATH + "{name}", asset)
    for path in ARTIFACT_PAGE_PATHS:
        routes.add_get(path, artifact_docs_page(settings))
    add_documents(routes, context)
    add_sdks(routes, context)
    # Line breaks too: what no route takes would be answered by aiohttp, in words of its own.
    routes.add_rest(r"/{path:[\s\S]*}", no_route)

    async def end_streams(_: web.Application) -> None:
        streams.stop()

    app.on_startup.append(metrics.start)
    app.on_shutdown.append(end_streams)
    app.on_cleanup.append(metrics.stop)
    return app


def _handler(route: Route, context: Context, streams: OpenStreams) -> Handler:
    if route.is_document:
        return document_handler(route, context, streams)
    if route.content:
        return content_handler(route, context, streams)
    return stream_handler(route, context, streams) if route.server_streaming else unary_handler(route, context)


class Gateway:
    """The HTTP face of an engine on one address, from start() to stop()."""

    def __init__(
        self,
        engine: Engine,
        host: str,
        port: int,
        settings: Settings | None = None,
        *,
        tls: Tls | None = None,
        shares_port: bool = False,
    ) -> None:
        """Port 0 takes a free one; `url` tells which. `tls` None: plain text.

        `shares_port`: other processes may listen on the port too.
        """
        self._tls = tls
        self._shares_port = shares_port
        self._settings = settings or Settings()
        self._host = host
        self._port = port
        self._engine = engine
        self._runner: web.AppRunner | None = None
        self._listener: Listener | None = None

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end. Only between start() and stop()."""
        assert self._listener is not None
        host = f"[{self._host}]" if ":" in self._host else self._host
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://{host}:{self._listener.port}"

    async def start(self) -> None:
        """Answers requests afterwards. Raises OSError when the address cannot be used."""
        settings, crowd = self._settings, Crowd(self._settings.connections_max)
        runner = web.AppRunner(
            create_app(self._engine, settings, has_tls=self._tls is not None, crowd=crowd),
            handler_cancellation=True,
            shutdown_timeout=settings.stop_timeout_s,
        )
        await runner.setup()
        server = runner.server
        assert server is not None
        make = partial(
            Connection,
            server,
            crowd,
            settings,
            access_log=None,
            logger=_http_log(),
            keepalive_timeout=settings.idle_s,
            max_line_size=limits.HEADER_BYTES_MAX,
            max_field_size=limits.HEADER_BYTES_MAX,
            max_headers=limits.HEADERS_MAX,
        )
        listener = Listener(
            runner,
            crowd,
            make,
            self._host,
            self._port,
            ssl_context=None if self._tls is None else self._tls.server_context(),
            shares_port=self._shares_port,
        )
        try:
            await listener.start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner, self._listener = runner, listener

    async def stop(self) -> None:
        """Takes no new requests, ends the streams and lets the others finish for at most `stop_timeout_s`."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = self._listener = None


def _http_log() -> logging.Logger:
    log = logging.getLogger("penstock.gateway.http")
    log.addFilter(_is_no_bad_request)
    return log


def _is_no_bad_request(record: logging.LogRecord) -> bool:
    """Drops what aiohttp logs as an error when a caller sends no HTTP, or a broken body, or goes away."""
    return not (record.exc_info and isinstance(record.exc_info[1], _OF_CALLERS))
