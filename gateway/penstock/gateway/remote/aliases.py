"""Remembers for a moment which artifact an alias stands for, so that not every invocation asks the engine twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, TypeVar

from penstock.gateway import limits
from penstock.gateway.remote.keys import RemoteCaller
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.artifact_service_pb2 import GetArtifactRequest
from penstock.wire.scopes import FLOWS_READ
from penstock.wire.share import SHARES, share_of

_T = TypeVar("_T")
_Key = tuple[str, str, int]
_NO_SHARE, _WHOLE = -1, -2
"""In place of a share: none was asked for, and all are the same."""


class KnownAliases:
    """Artifacts in the BASIC view, by account, what they were asked by and the share of the invocations that asked.

    An alias that is moved through this gateway is followed at once, one that somebody else moves within ALIAS_LIFE_S.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._known: dict[_Key, tuple[Artifact, float]] = {}
        self._move_count = 0

    def remembering(
        self, get_artifact: Callable[[GetArtifactRequest, RemoteCaller], Awaitable[Artifact]]
    ) -> Callable[[GetArtifactRequest, RemoteCaller], Awaitable[Artifact]]:
        """`get_artifact` that asks again only after a while."""

        async def get(request: GetArtifactRequest, caller: RemoteCaller) -> Artifact:
            if request.view == GetArtifactRequest.FULL:
                return await get_artifact(request, caller)
            share = share_of(request.request_id) if request.request_id else _NO_SHARE
            whole, part = ((caller.account, request.graph_id, which) for which in (_WHOLE, share))
            for key in (whole, part):
                known = self._known.get(key)
                # A key that may not look at it is for the engine to refuse.
                if known is not None and self._clock() < known[1] and _may_see(caller, known[0]):
                    return known[0]
            move_count = self._move_count
            artifact = await get_artifact(request, caller)
            # What was asked for before an alias moved says nothing about what it stands for now.
            if move_count == self._move_count:
                self._keep(part if artifact.HasField("alias_weight") else whole, artifact)
            return artifact

        return get

    def forgetting(
        self, move: Callable[[Any, RemoteCaller], Awaitable[_T]]
    ) -> Callable[[Any, RemoteCaller], Awaitable[_T]]:
        """`move`, a method that moves aliases; afterwards every alias is asked for again."""

        async def call(request: Any, caller: RemoteCaller) -> _T:
            try:
                return await move(request, caller)
            finally:
                self._known.clear()
                self._move_count += 1

        return call

    def _keep(self, key: _Key, artifact: Artifact) -> None:
        if len(self._known) >= limits.ARTIFACTS_MAX * SHARES:
            self._known.clear()
        self._known[key] = (artifact, self._clock() + limits.ALIAS_LIFE_S)


def _may_see(caller: RemoteCaller, artifact: Artifact) -> bool:
    return caller.grants.allows(FLOWS_READ, artifact.flow)
