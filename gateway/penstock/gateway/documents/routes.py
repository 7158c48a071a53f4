"""Serves the documents of artifacts: what each takes and gives, for people, programs and language models."""

from __future__ import annotations

import asyncio

from aiohttp import hdrs, web

from penstock.gateway import limits
from penstock.gateway.auth import authenticate
from penstock.gateway.calls import Context, Handler, answering
from penstock.gateway.documents.cache import Document, Documents
from penstock.gateway.documents.conditional import document_response
from penstock.gateway.metrics.requests import CountedRoutes
from penstock.gateway.problems import invalid
from penstock.openapi.artifact.documents import KINDS
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.artifact_service_pb2 import GetArtifactRequest
from penstock.wire.gen.services import ArtifactService
from penstock.wire.service import Caller

DOCUMENT_PATH = "/flows/v1/artifacts/{graph_id}/"
"""The kind follows. `graph_id` is what GetArtifact takes: the id, or a flow, optionally flow@alias."""

_PATTERN = DOCUMENT_PATH.replace("{graph_id}", "{graph_id:[^/:]+}")


def add_documents(router: CountedRoutes, context: Context) -> None:
    """One route a kind."""
    made = Documents(limits.DOCUMENT_BYTES_MAX)
    for kind in KINDS:
        router.add_get(_PATTERN + kind, _handler(kind, context, made))


def _handler(kind: str, context: Context, made: Documents) -> Handler:
    artifacts: ArtifactService = context.engine.service("ArtifactService")

    async def handle(http: web.Request) -> web.StreamResponse:
        caller = await authenticate(context.engine, http.headers.get(hdrs.AUTHORIZATION))
        for name in http.query:
            raise invalid(name, "unknown parameter; known are: none", "UNKNOWN_PARAMETER")
        asked = http.match_info["graph_id"]
        # Asked for each time: the engine knows what an alias stands for, and whether the caller may see it.
        artifact = await _artifact(artifacts, asked, GetArtifactRequest.BASIC, caller)
        key = (caller.account, artifact.graph_id, kind)
        document = made.get(key)
        if document is None:
            whole = await _artifact(artifacts, artifact.graph_id, GetArtifactRequest.FULL, caller)
            # In a thread, because a large one would keep all others waiting.
            document = await asyncio.to_thread(_make, kind, whole)
            made.keep(key, document)
        return document_response(http, document, is_pinned=asked == artifact.graph_id)

    return answering(handle)


async def _artifact(
    artifacts: ArtifactService, graph_id: str, view: GetArtifactRequest.View, caller: Caller
) -> Artifact:
    return await artifacts.get_artifact(GetArtifactRequest(graph_id=graph_id, view=view), caller)


def _make(kind: str, artifact: Artifact) -> Document:
    return Document(KINDS[kind].media_type, KINDS[kind].make(artifact))
