"""ArtifactService: looks at artifacts and says whether they should still be used."""

from __future__ import annotations

from penstock.engine.domain import page
from penstock.engine.domain.alias import WEIGHT_SUM
from penstock.engine.domain.errors import InvalidArgument, NotFound
from penstock.engine.domain.ids import is_graph_id
from penstock.engine.domain.standing import Standing, State
from penstock.engine.rpc import requests
from penstock.engine.rpc.artifacts.alias_messages import with_standing, with_weight
from penstock.engine.rpc.artifacts.artifact_diffs import ArtifactDiffs
from penstock.engine.runtime.clock import Clock
from penstock.engine.runtime.programs.catalog import Catalog
from penstock.engine.runtime.programs.program import summary_of
from penstock.engine.storage.postgres.registry import Registry
from penstock.engine.storage.postgres.standings import Standings
from penstock.wire.gen.artifact_diff_pb2 import ArtifactDiff
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.artifact_service_pb2 import (
    DeprecateArtifactRequest,
    DiffArtifactsRequest,
    GetArtifactRequest,
    ListArtifactsRequest,
    ListArtifactsResponse,
    RestoreArtifactRequest,
    RetireArtifactRequest,
)
from penstock.wire.service import Caller


class ArtifactService:
    """See proto/penstock/v1/artifact_service.proto."""

    def __init__(
        self, catalog: Catalog, registry: Registry, diffs: ArtifactDiffs, standings: Standings, clock: Clock
    ) -> None:
        self._catalog = catalog
        self._registry = registry
        self._diffs = diffs
        self._standings = standings
        self._clock = clock

    async def get_artifact(self, request: GetArtifactRequest, caller: Caller) -> Artifact:
        graph_id, weight = request.graph_id, WEIGHT_SUM
        if not is_graph_id(graph_id):
            target = await self._catalog.target(caller.account, graph_id, request.request_id or None)
            graph_id, weight = target.graph_id, target.weight
        program = await self._catalog.program(caller.account, graph_id)
        artifact = program.artifact if request.view == GetArtifactRequest.FULL else program.summary
        standing = await self._catalog.standing(caller.account, graph_id)
        return with_weight(with_standing(artifact, standing), weight)

    async def list_artifacts(self, request: ListArtifactsRequest, caller: Caller) -> ListArtifactsResponse:
        size = requests.page_size(request)
        binding = f"{caller.account}|{request.flow}"
        before = page.decode(request.page_token, binding) if request.page_token else ""
        found = await self._registry.artifacts(caller.account, request.flow, before, size + 1)
        standings = await self._standings.of(caller.account, [artifact.graph_id for artifact in found])
        return ListArtifactsResponse(
            artifacts=[with_standing(summary_of(artifact), standings[artifact.graph_id]) for artifact in found[:size]],
            next_page_token=page.encode(found[size - 1].graph_id, binding) if len(found) > size else "",
        )

    async def diff_artifacts(self, request: DiffArtifactsRequest, caller: Caller) -> ArtifactDiff:
        before = await self._named(caller.account, request.before, "before")
        after = await self._named(caller.account, request.after, "after")
        return await self._diffs.between(caller.account, before, after)

    async def deprecate_artifact(self, request: DeprecateArtifactRequest, caller: Caller) -> Artifact:
        return await self._change(caller, request.graph_id, State.DEPRECATED, request.reason)

    async def retire_artifact(self, request: RetireArtifactRequest, caller: Caller) -> Artifact:
        return await self._change(caller, request.graph_id, State.RETIRED, request.reason)

    async def restore_artifact(self, request: RestoreArtifactRequest, caller: Caller) -> Artifact:
        return await self._change(caller, request.graph_id, State.ACTIVE, "")

    async def _named(self, account: str, name: str, field: str) -> Artifact:
        """By graph_id or by a flow. Its code is not needed, so it need not load here."""
        if not name:
            raise InvalidArgument(f"{field}: expected a graph_id, a flow or flow@alias, got nothing", field=field)
        graph_id = name if is_graph_id(name) else await self._catalog.resolve(account, name)
        artifact = await self._registry.artifact(account, graph_id)
        if artifact is None:
            raise NotFound(f"there is no artifact {graph_id}")
        return artifact

    async def _change(self, caller: Caller, graph_id: str, state: State, reason: str) -> Artifact:
        requests.check_reason(reason)
        artifact = await self._registry.artifact(caller.account, graph_id) if is_graph_id(graph_id) else None
        if artifact is None:
            raise NotFound(f"there is no artifact {graph_id[:80]}")
        standing = Standing(state, self._clock.now_us(), caller.key_id, reason)
        await self._standings.put(caller.account, artifact.flow, graph_id, standing)
        self._catalog.names_changed()
        return with_standing(summary_of(artifact), standing)
