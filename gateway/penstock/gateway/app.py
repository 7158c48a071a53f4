"""Puts the gateway together: an aiohttp application over an engine, served on a port."""

from __future__ import annotations

import logging

from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError
from google.protobuf import descriptor_pool

from penstock.gateway import limits
from penstock.gateway.calls import Context, Handler
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
from penstock.gateway.health import alive, readiness
from penstock.gateway.payloads import ArtifactCodecs
from penstock.gateway.route import Route
from penstock.gateway.sdks.routes import add_sdks
from penstock.gateway.settings import Settings
from penstock.gateway.sse import stream_handler
from penstock.gateway.streams import OpenStreams
from penstock.gateway.transcode import unary_handler
from penstock.wire.json import JsonCodec
from penstock.wire.service import Engine


def create_app(engine: Engine, settings: Settings | None = None) -> web.Application:
    """Every generated route, documents, docs and health. Open event streams end when the application shuts down.

    Run it with handler_cancellation=True, or handlers outlive the callers they work for.
    """
    settings = settings or Settings()
    artifacts = ArtifactCodecs(engine.service("ArtifactService"), limits.ARTIFACTS_MAX)
    context = Context(engine, settings, JsonCodec(descriptor_pool.Default()), artifacts)
    streams = OpenStreams()
    app = web.Application()
    for route in ROUTES:
        app.router.add_route(route.http_method, route.pattern, _handler(route, context, streams))
    app.router.add_get("/healthz", alive)
    app.router.add_get("/readyz", readiness(engine))
    app.router.add_get(DOCUMENT_PATH, document)
    app.router.add_get(PAGE_PATH, docs_page(settings))
    app.router.add_get(ASSETS_PATH + "{name}", asset)
    for path in ARTIFACT_PAGE_PATHS:
        app.router.add_get(path, artifact_docs_page(settings))
    add_documents(app.router, context)
    add_sdks(app.router, context)
    app.router.add_route(hdrs.METH_ANY, "/{path:.*}", no_route)

    async def end_streams(_: web.Application) -> None:
        streams.stop()

    app.on_shutdown.append(end_streams)
    return app


def _handler(route: Route, context: Context, streams: OpenStreams) -> Handler:
    if route.is_document:
        return document_handler(route, context, streams)
    return stream_handler(route, context, streams) if route.server_streaming else unary_handler(route, context)


class Gateway:
    """The HTTP face of an engine on one address, from start() to stop()."""

    def __init__(
        self, engine: Engine, host: str, port: int, settings: Settings | None = None, *, shares_port: bool = False
    ) -> None:
        """Port 0 takes a free one; `url` tells which. `shares_port`: other processes may listen on it too."""
        self._shares_port = shares_port
        self._settings = settings or Settings()
        self._host = host
        self._port = port
        self._engine = engine
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end. Only between start() and stop()."""
        assert self._runner is not None
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._runner.addresses[0][1]}"

    async def start(self) -> None:
        """Answers requests afterwards. Raises OSError when the address cannot be used."""
        runner = web.AppRunner(
            create_app(self._engine, self._settings),
            access_log=None,
            handler_cancellation=True,
            logger=_http_log(),
            shutdown_timeout=self._settings.stop_timeout_s,
        )
        await runner.setup()
        try:
            await web.TCPSite(
                runner,
                self._host,
                self._port,
                backlog=limits.CONNECTIONS_WAITING_MAX,
                reuse_port=self._shares_port or None,
            ).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner

    async def stop(self) -> None:
        """Takes no new requests, ends the streams and lets the others finish for at most `stop_timeout_s`."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None


def _http_log() -> logging.Logger:
    log = logging.getLogger("penstock.gateway.http")
    log.addFilter(_is_no_bad_request)
    return log


def _is_no_bad_request(record: logging.LogRecord) -> bool:
    """Drops what aiohttp logs as an error when a caller sends something that is not HTTP."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))
