"""Serves the clients of artifacts, as archives that pip and npm take."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from aiohttp import hdrs, web

from penstock.gateway import limits
from penstock.gateway.auth import authenticate
from penstock.gateway.calls import Context, Handler, answering
from penstock.gateway.documents.cache import Document, Documents, Key
from penstock.gateway.documents.conditional import document_response
from penstock.gateway.metrics.requests import CountedRoutes
from penstock.gateway.problems import invalid
from penstock.gateway.sdks.generator import Generator
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.artifact_service_pb2 import GetArtifactRequest
from penstock.wire.gen.services import ArtifactService
from penstock.wire.service import Caller

SDK_PATH = "/flows/v1/artifacts/{graph_id}/sdk/"
"""The language follows. `graph_id` is what GetArtifact takes: the id, or a flow, optionally flow@alias."""

FLAVOURS: Mapping[str, tuple[str, ...]] = {"python": ("betterproto2", "betterproto"), "typescript": ()}
"""Language -> what `flavour` may say; the first one is taken when it says nothing."""

_FILE_NAMES = {"python": "penstock_{flow}-0.{version}.0.tar.gz", "typescript": "penstock-{flow}-0.{version}.0.tgz"}
_PATTERN = SDK_PATH.replace("{graph_id}", "{graph_id:[^/:]+}")
_ARCHIVE = "application/gzip"


def add_sdks(router: CountedRoutes, context: Context) -> None:
    """One route a language."""
    clients = _Clients(context)
    for language in FLAVOURS:
        router.add_get(_PATTERN + language, _handler(language, context, clients), allow_head=False)


def _handler(language: str, context: Context, clients: _Clients) -> Handler:
    async def handle(http: web.Request) -> web.StreamResponse:
        caller = await authenticate(context.engine, http.headers.get(hdrs.AUTHORIZATION))
        flavour = _flavour(language, http.query)
        asked = http.match_info["graph_id"]
        # Asked for each time: the engine knows what an alias stands for, and whether the caller may see it.
        artifact = await clients.artifact(asked, GetArtifactRequest.BASIC, caller)
        archive = await clients.archive(artifact, language, flavour, caller)
        response = document_response(http, archive, is_pinned=False)
        name = _FILE_NAMES[language].format(flow=artifact.flow, version=artifact.version)
        response.headers[hdrs.CONTENT_DISPOSITION] = f'attachment; filename="{name}"'
        return response

    return answering(handle)


def _flavour(language: str, query: Mapping[str, str]) -> str:
    known = FLAVOURS[language]
    for name in query:
        if name != "flavour" or not known:
            names = "flavour" if known else "none"
            raise invalid(name, f"unknown parameter; known are: {names}", "UNKNOWN_PARAMETER")
    flavour = query.get("flavour", known[0] if known else "")
    if known and flavour not in known:
        raise invalid("flavour", f'expected {" or ".join(known)}, got "{flavour}"')
    return flavour


class _Clients:
    """Keeps the archives that were asked for last. One is written once, however many ask for it at the same time."""

    def __init__(self, context: Context) -> None:
        self._artifacts: ArtifactService = context.engine.service("ArtifactService")
        self._generator = Generator()
        self._kept = Documents(limits.SDK_BYTES_MAX)
        self._writing: dict[Key, asyncio.Lock] = {}

    async def artifact(self, graph_id: str, view: GetArtifactRequest.View, caller: Caller) -> Artifact:
        return await self._artifacts.get_artifact(GetArtifactRequest(graph_id=graph_id, view=view), caller)

    async def archive(self, artifact: Artifact, language: str, flavour: str, caller: Caller) -> Document:
        key = (caller.account, artifact.graph_id, f"{language} {flavour}")
        if (archive := self._kept.get(key)) is not None:
            return archive
        lock = self._writing.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                if (archive := self._kept.get(key)) is None:
                    whole = await self.artifact(artifact.graph_id, GetArtifactRequest.FULL, caller)
                    archive = Document(_ARCHIVE, await self._generator.write(whole, language, flavour))
                    self._kept.keep(key, archive)
        finally:
            if not lock.locked():
                self._writing.pop(key, None)
        return archive
