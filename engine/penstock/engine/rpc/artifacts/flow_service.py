"""FlowService: edits flows and compiles them."""

from __future__ import annotations

from google.protobuf import descriptor_pool
from google.protobuf.empty_pb2 import Empty

from penstock.engine.compiler.naming import is_name
from penstock.engine.domain import page
from penstock.engine.domain.errors import Conflict, InvalidArgument, NotFound
from penstock.engine.domain.standing import State
from penstock.engine.rpc import requests
from penstock.engine.rpc.artifacts.alias_messages import with_standing
from penstock.engine.rpc.artifacts.publishing import Publisher
from penstock.engine.runtime.clock import Clock
from penstock.engine.runtime.programs.catalog import Catalog
from penstock.engine.storage.postgres.aliases import Mover
from penstock.engine.storage.postgres.registry import Registry
from penstock.wire.gen import flow_service_pb2 as pb
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.flow_pb2 import Flow
from penstock.wire.json import JsonCodec, JsonError
from penstock.wire.service import Caller

_EDITABLE = ("description", "nodes", "edges")
_POOL = descriptor_pool.Default()
_told = JsonCodec(_POOL).encoder(_POOL.FindMessageTypeByName(Flow.DESCRIPTOR.full_name))


class FlowService:
    """See proto/penstock/v1/flow_service.proto."""

    def __init__(self, registry: Registry, catalog: Catalog, publisher: Publisher, clock: Clock) -> None:
        self._registry = registry
        self._catalog = catalog
        self._publisher = publisher
        self._clock = clock

    async def create_flow(self, request: pb.CreateFlowRequest, caller: Caller) -> Flow:
        _check_name(request.flow.flow, "flow.flow")
        await self._registry.create_draft(caller.account, _draft_of(request.flow), self._clock.now_us())
        return await self._get(caller, request.flow.flow)

    async def get_flow(self, request: pb.GetFlowRequest, caller: Caller) -> Flow:
        return await self._get(caller, request.flow)

    async def list_flows(self, request: pb.ListFlowsRequest, caller: Caller) -> pb.ListFlowsResponse:
        size = requests.page_size(request)
        after = page.decode(request.page_token, caller.account) if request.page_token else ""
        found = await self._registry.drafts(caller.account, after, size + 1)
        return pb.ListFlowsResponse(
            flows=found[:size],
            next_page_token=page.encode(found[size - 1].flow, caller.account) if len(found) > size else "",
        )

    async def update_flow(self, request: pb.UpdateFlowRequest, caller: Caller) -> Flow:
        changed = await self._get(caller, request.flow.flow)
        for path in request.update_mask.paths or _set_fields(request.flow):
            if path not in _EDITABLE:
                raise InvalidArgument(
                    f"update_mask: expected {', '.join(_EDITABLE)}, got {path[:80]!r}", field="update_mask"
                )
            changed.ClearField(path)
            part = Flow()
            part.CopyFrom(request.flow)
            for other in [field.name for field in Flow.DESCRIPTOR.fields if field.name != path]:
                part.ClearField(other)
            changed.MergeFrom(part)
        await self._registry.put_draft(caller.account, _draft_of(changed), self._clock.now_us())
        return await self._get(caller, request.flow.flow)

    async def delete_flow(self, request: pb.DeleteFlowRequest, caller: Caller) -> Empty:
        if not await self._registry.delete_draft(
            caller.account, request.flow, Mover(caller.key_id, self._clock.now_us())
        ):
            raise NotFound(f"there is no flow {request.flow}")
        self._catalog.names_changed()
        return Empty()

    async def compile_flow(self, request: pb.CompileFlowRequest, caller: Caller) -> Artifact:
        _check_name(request.flow, "flow")
        if not request.HasField("definition"):
            definition = await self._get(caller, request.flow)
        else:
            definition = request.definition
            if definition.flow not in ("", request.flow):
                raise InvalidArgument(
                    f"definition.flow: expected {request.flow!r}, got {definition.flow[:80]!r}",
                    field="definition.flow",
                )
            definition.flow = request.flow
        if request.archives and not request.validate_only:
            raise InvalidArgument("archives: expected none without validate_only", field="archives")
        artifact, _ = await self._publisher.compile(
            caller.account,
            definition,
            validate_only=request.validate_only,
            allow_breaking=request.allow_breaking,
            key_id=caller.key_id,
            archives=request.archives,
        )
        if not artifact.graph_id:
            return artifact
        standing = await self._catalog.standing(caller.account, artifact.graph_id)
        if standing.state is State.RETIRED:
            # Only a validation comes here: the compile itself is refused when it would point `live` at it.
            raise Conflict(
                f"version {artifact.version}, artifact {artifact.graph_id}, has this content and is retired",
                reason="RETIRED",
                facts={"graph_id": artifact.graph_id},
            )
        return with_standing(artifact, standing)

    async def _get(self, caller: Caller, name: str) -> Flow:
        draft = await self._registry.draft(caller.account, name)
        if draft is None:
            raise NotFound(f"there is no flow {name}")
        return draft


def _check_name(name: str, field: str) -> None:
    if not is_name(name):
        raise InvalidArgument(
            f"{field}: expected a name such as order_total (^[a-z][a-z0-9_]{{0,62}}$), got {name[:80]!r}", field=field
        )


def _draft_of(flow: Flow) -> Flow:
    """Raises InvalidArgument for what could be kept and not be told of in JSON, such as a duration out of its range."""
    draft = Flow()
    draft.CopyFrom(flow)
    for field in ("create_time", "update_time", "live_graph_id"):
        draft.ClearField(field)
    try:
        _told(draft)
    except JsonError as error:
        told = error.under("flow")
        raise InvalidArgument(str(told), field=told.path) from None
    return draft


def _set_fields(flow: Flow) -> list[str]:
    return [field.name for field, _ in flow.ListFields() if field.name in _EDITABLE]
