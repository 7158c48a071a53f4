"""Publishes the packages of a flow in this process, and compiles it after the flows that it runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

from penstock.cli.sources import Sources
from penstock.cli.trouble import Trouble, trouble
from penstock.engine.compiler.uses import flows_of
from penstock.engine.domain.errors import PenstockError
from penstock.engine.nodes import archive
from penstock.engine.rpc.face import Face
from penstock.wire.gen.alias_pb2 import AliasTarget
from penstock.wire.gen.alias_service_pb2 import SetAliasRequest
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.service import Caller

_LIVE = "live"


async def publish(face: Face, caller: Caller, sources: Sources) -> tuple[Artifact | None, list[Trouble]]:
    """The artifact of the last flow, or None and everything that is wrong."""
    troubles: list[Trouble] = []
    for folder in sources.packages:
        try:
            await face.publisher.publish_package(caller.account, await asyncio.to_thread(archive.pack, folder))
        except (PenstockError, OSError) as error:
            troubles.append(_trouble(folder, error))
    artifact: Artifact | None = None
    for file in sources.flows:
        try:
            artifact, _ = await face.publisher.compile(
                caller.account, file.flow, validate_only=False, allow_breaking=True
            )
            await _point_aliases(face, caller, artifact, sources)
        except PenstockError as error:
            troubles.append(trouble(file.path, error))
    return (None if troubles else artifact), troubles


async def _point_aliases(face: Face, caller: Caller, artifact: Artifact, sources: Sources) -> None:
    """Without a server a flow is what its file says, by whatever alias another one runs it."""
    names = {name for file in sources.flows for name in flows_of(file.flow)}
    for flow, _, alias in (name.partition("@") for name in sorted(names)):
        if flow == artifact.flow and alias not in ("", _LIVE):
            target = AliasTarget(graph_id=artifact.graph_id)
            request = SetAliasRequest(flow=flow, alias=alias, targets=[target], allow_breaking=True)
            await face.service("AliasService").set_alias(request, caller)


def _trouble(path: Path, error: PenstockError | OSError) -> Trouble:
    if isinstance(error, OSError):
        return Trouble(path, (f"{error.filename}: {error.strerror}",))
    return trouble(path, error)
