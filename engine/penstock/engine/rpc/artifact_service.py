"""ArtifactService: looks at artifacts."""

from __future__ import annotations

from penstock.engine.domain import page
from penstock.engine.domain.ids import is_graph_id
from penstock.engine.rpc import requests
from penstock.engine.runtime.catalog import Catalog
from penstock.engine.runtime.program import summary_of
from penstock.engine.storage.postgres.registry import Registry
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.artifact_service_pb2 import GetArtifactRequest, ListArtifactsRequest, ListArtifactsResponse
from penstock.wire.service import Caller


class ArtifactService:
    """See proto/penstock/v1/artifact_service.proto."""

    def __init__(self, catalog: Catalog, registry: Registry) -> None:
        self._catalog = catalog
        self._registry = registry

    async def get_artifact(self, request: GetArtifactRequest, caller: Caller) -> Artifact:
        graph_id = request.graph_id
        if not is_graph_id(graph_id):
            graph_id = await self._catalog.resolve(caller.account, graph_id)
        program = await self._catalog.program(caller.account, graph_id)
        return program.artifact if request.view == GetArtifactRequest.FULL else program.summary

    async def list_artifacts(self, request: ListArtifactsRequest, caller: Caller) -> ListArtifactsResponse:
        size = requests.page_size(request)
        binding = f"{caller.account}|{request.flow}"
        before = page.decode(request.page_token, binding) if request.page_token else ""
        found = await self._registry.artifacts(caller.account, request.flow, before, size + 1)
        return ListArtifactsResponse(
            artifacts=[summary_of(artifact) for artifact in found[:size]],
            next_page_token=page.encode(found[size - 1].graph_id, binding) if len(found) > size else "",
        )
