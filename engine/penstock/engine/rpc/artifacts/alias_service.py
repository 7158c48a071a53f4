"""AliasService: moves aliases and tells how they were moved."""

from __future__ import annotations

from google.protobuf.empty_pb2 import Empty

from penstock.engine.domain import limits, page
from penstock.engine.domain.alias import LIVE, Target, is_alias_name
from penstock.engine.domain.errors import Conflict, InvalidArgument, NotFound, Superseded
from penstock.engine.rpc import requests
from penstock.engine.rpc.artifacts.alias_gate import AliasGate, refuse_breaking
from penstock.engine.rpc.artifacts.alias_messages import alias as alias_message
from penstock.engine.rpc.artifacts.alias_messages import alias_move
from penstock.engine.rpc.artifacts.alias_targets import read_targets
from penstock.engine.rpc.artifacts.artifact_diffs import ArtifactDiffs
from penstock.engine.runtime.clock import Clock
from penstock.engine.runtime.programs.catalog import Catalog
from penstock.engine.storage.postgres.aliases import Aliases, AliasRow, Mover
from penstock.engine.storage.postgres.registry import Registry
from penstock.wire.gen import alias_service_pb2 as pb
from penstock.wire.gen.alias_pb2 import Alias
from penstock.wire.service import Caller

_TRIES_MAX = 10
"""A caller without an etag loses at most so many races against other movers; more are no coincidence."""
_ALL = "-"


class AliasService:
    """See proto/penstock/v1/alias_service.proto."""

    def __init__(
        self, registry: Registry, aliases: Aliases, diffs: ArtifactDiffs, catalog: Catalog, clock: Clock
    ) -> None:
        self._registry = registry
        self._aliases = aliases
        self._catalog = catalog
        self._clock = clock
        self._gate = AliasGate(registry, diffs)

    async def get_alias(self, request: pb.GetAliasRequest, caller: Caller) -> Alias:
        return alias_message(await self._get(caller, request.flow, request.alias))

    async def list_aliases(self, request: pb.ListAliasesRequest, caller: Caller) -> pb.ListAliasesResponse:
        await self._check_flow(caller, request.flow)
        size = requests.page_size(request)
        binding = f"aliases|{caller.account}|{request.flow}"
        after = page.decode(request.page_token, binding) if request.page_token else ""
        found = await self._aliases.aliases(caller.account, request.flow, after, size + 1)
        return pb.ListAliasesResponse(
            aliases=map(alias_message, found[:size]),
            next_page_token=page.encode(found[size - 1].alias, binding) if len(found) > size else "",
        )

    async def set_alias(self, request: pb.SetAliasRequest, caller: Caller) -> pb.SetAliasResponse:
        if not is_alias_name(request.alias):
            raise InvalidArgument(
                f"alias: expected a name such as stable (^[a-z][a-z0-9_]{{0,62}}$, not v and a number),"
                f" got {request.alias[:80]!r}",
                field="alias",
            )
        await self._check_flow(caller, request.flow)
        targets = await read_targets(self._registry, caller.account, request.flow, request.targets)
        for _ in range(_TRIES_MAX):
            current = await self._aliases.alias(caller.account, request.flow, request.alias)
            if current is None:
                await self._check_room(caller, request.flow)
            _check_etag(request.etag, current)
            pairs = await self._gate.pairs(caller.account, current.targets if current else (), targets)
            answer = pb.SetAliasResponse(diffs=await self._gate.diffs(caller.account, pairs))
            if not request.allow_breaking:
                refuse_breaking(request.flow, request.alias, pairs)
            if request.validate_only:
                await self._aliases.refuse_retired(caller.account, targets)
                answer.alias.CopyFrom(alias_message(self._as_it_would_be(request, caller, current, targets)))
                return answer
            moved = await self._move(caller, request.flow, request.alias, current, targets)
            if moved is not None:
                answer.alias.CopyFrom(alias_message(moved))
                return answer
        raise _superseded()

    async def delete_alias(self, request: pb.DeleteAliasRequest, caller: Caller) -> Empty:
        for _ in range(_TRIES_MAX):
            current = await self._get(caller, request.flow, request.alias)
            _check_etag(request.etag, current)
            if request.alias == LIVE and await self._registry.draft(caller.account, request.flow) is not None:
                raise Conflict(
                    f"{LIVE} is what flow {request.flow} itself stands for: it goes when the flow is deleted",
                    reason="FLOW_EXISTS",
                )
            if await self._move(caller, request.flow, request.alias, current, ()) is not None:
                return Empty()
        raise _superseded()

    async def list_alias_moves(self, request: pb.ListAliasMovesRequest, caller: Caller) -> pb.ListAliasMovesResponse:
        size = requests.page_size(request)
        alias = "" if request.alias == _ALL else request.alias
        binding = f"moves|{caller.account}|{request.flow}|{alias}"
        before = _position(request.page_token, binding) if request.page_token else None
        found = await self._aliases.moves(caller.account, request.flow, alias, before, size + 1)
        if not found and before is None:
            if alias:
                raise NotFound(f"there is no alias {request.flow}@{alias}, and never was")
            await self._check_flow(caller, request.flow)
        last = found[size - 1] if len(found) > size else None
        return pb.ListAliasMovesResponse(
            moves=map(alias_move, found[:size]),
            next_page_token=page.encode(f"{last.move_us} {last.alias} {last.number}", binding) if last else "",
        )

    async def _get(self, caller: Caller, flow: str, alias: str) -> AliasRow:
        found = await self._aliases.alias(caller.account, flow, alias)
        if found is None:
            raise NotFound(f"there is no alias {flow}@{alias}")
        return found

    async def _move(
        self, caller: Caller, flow: str, alias: str, seen: AliasRow | None, targets: tuple[Target, ...]
    ) -> AliasRow | None:
        mover = Mover(caller.key_id, self._clock.now_us())
        number = seen.number if seen else 0
        moved = await self._aliases.move(caller.account, flow, alias, number, targets, mover)
        if moved is not None:
            self._catalog.names_changed()
        return moved

    def _as_it_would_be(
        self, request: pb.SetAliasRequest, caller: Caller, current: AliasRow | None, targets: tuple[Target, ...]
    ) -> AliasRow:
        if current is not None and current.targets == targets:
            return current
        number = current.number if current else 0
        return AliasRow(request.flow, request.alias, targets, number, caller.key_id, self._clock.now_us())

    async def _check_flow(self, caller: Caller, flow: str) -> None:
        if await self._registry.draft(caller.account, flow) is None:
            raise NotFound(f"there is no flow {flow}")

    async def _check_room(self, caller: Caller, flow: str) -> None:
        count = len(await self._aliases.aliases(caller.account, flow, "", limits.ALIASES_MAX))
        if count >= limits.ALIASES_MAX:
            raise Conflict(f"flow {flow} has {count} aliases, the most that it may have", reason="TOO_MANY_ALIASES")


def _check_etag(etag: str, current: AliasRow | None) -> None:
    if etag and etag != str(current.number if current else 0):
        raise _superseded()


def _superseded() -> Superseded:
    return Superseded("the alias was moved meanwhile: look at it again", reason="ETAG_MISMATCH")


def _position(token: str, binding: str) -> tuple[int, str, int]:
    """Time, alias and number of the move that a page goes on after. Raises PageTokenError."""
    time_us, _, rest = page.decode(token, binding).partition(" ")
    alias, _, number = rest.partition(" ")
    if not (time_us.isdecimal() and number.isdecimal()):
        raise page.PageTokenError("expected the next_page_token of the answer before, got another text")
    return int(time_us), alias, int(number)
