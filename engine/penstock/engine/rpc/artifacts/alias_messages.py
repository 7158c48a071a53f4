"""Aliases, their moves and the standing of artifacts -> messages of the API."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.engine.domain.alias import WEIGHT_SUM, Target
from penstock.engine.domain.standing import Standing
from penstock.engine.rpc.messages import timestamp
from penstock.engine.storage.postgres.aliases import AliasRow, MoveRow
from penstock.wire.gen.alias_pb2 import Alias, AliasMove, AliasTarget
from penstock.wire.gen.artifact_pb2 import Artifact, ArtifactStateChange


def alias(row: AliasRow) -> Alias:
    return Alias(
        flow=row.flow,
        alias=row.alias,
        targets=_targets(row.targets),
        update_time=timestamp(row.update_us),
        key_id=row.key_id,
        etag=str(row.number),
    )


def alias_move(row: MoveRow) -> AliasMove:
    return AliasMove(
        flow=row.flow,
        alias=row.alias,
        number=row.number,
        before=_targets(row.before),
        after=_targets(row.after),
        key_id=row.key_id,
        move_time=timestamp(row.move_us),
    )


def state_change(standing: Standing) -> ArtifactStateChange:
    """Of a standing that somebody changed."""
    assert standing.time_us is not None
    return ArtifactStateChange(change_time=timestamp(standing.time_us), key_id=standing.key_id, reason=standing.reason)


def with_standing(artifact: Artifact, standing: Standing) -> Artifact:
    """The artifact as it stands now: itself while nobody changed that, else a copy."""
    if standing.time_us is None:
        return artifact
    shown = Artifact()
    shown.CopyFrom(artifact)
    shown.state = Artifact.State.Name(standing.state)  # type: ignore[assignment]
    shown.state_change.CopyFrom(state_change(standing))
    return shown


def with_weight(artifact: Artifact, weight: int) -> Artifact:
    """The artifact with its share of an alias: itself when that is all of it, else a copy."""
    if weight == WEIGHT_SUM:
        return artifact
    shown = Artifact(alias_weight=weight)
    shown.MergeFrom(artifact)
    return shown


def _targets(targets: Iterable[Target]) -> list[AliasTarget]:
    return [AliasTarget(graph_id=t.graph_id, version=t.version, weight=t.weight) for t in targets]
