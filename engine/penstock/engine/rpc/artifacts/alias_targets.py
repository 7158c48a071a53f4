"""What a caller wants an alias to stand for, checked against the artifacts that there are."""

from __future__ import annotations

from collections.abc import Sequence

from penstock.engine.domain import limits
from penstock.engine.domain.alias import WEIGHT_SUM, Target
from penstock.engine.domain.errors import InvalidArgument, NotFound
from penstock.engine.domain.ids import is_graph_id
from penstock.engine.storage.postgres.registry import Registry
from penstock.wire.gen.alias_pb2 import AliasTarget


async def read_targets(registry: Registry, account: str, flow: str, given: Sequence[AliasTarget]) -> tuple[Target, ...]:
    """In order of their versions. Raises InvalidArgument naming the target, and NotFound."""
    weights = _weights(given)
    targets: dict[str, Target] = {}
    for index, (target, weight) in enumerate(zip(given, weights, strict=True)):
        graph_id, version = await _artifact(registry, account, flow, target, f"targets[{index}]")
        if graph_id in targets:
            raise _invalid(f"targets[{index}]", f"expected each artifact once, got version {version} again")
        targets[graph_id] = Target(graph_id, version, weight)
    return tuple(sorted(targets.values(), key=lambda target: target.version))


def _weights(given: Sequence[AliasTarget]) -> list[int]:
    if not 1 <= len(given) <= limits.ALIAS_TARGETS_MAX:
        raise _invalid("targets", f"expected 1 to {limits.ALIAS_TARGETS_MAX}, got {len(given)}")
    weights = [target.weight for target in given]
    if weights == [0]:
        return [WEIGHT_SUM]
    for index, weight in enumerate(weights):
        if not 1 <= weight <= WEIGHT_SUM:
            raise _invalid(f"targets[{index}].weight", f"expected 1 to {WEIGHT_SUM}, got {weight}")
    if sum(weights) != WEIGHT_SUM:
        raise _invalid("targets", f"expected weights that add up to {WEIGHT_SUM}, got {sum(weights)}")
    return weights


async def _artifact(registry: Registry, account: str, flow: str, target: AliasTarget, path: str) -> tuple[str, int]:
    """graph_id and version of the artifact that a target names by either."""
    if not target.graph_id:
        if target.version < 1:
            raise _invalid(path, "expected a graph_id or a version, got neither")
        graph_id = await registry.version(account, flow, target.version)
        if graph_id is None:
            raise NotFound(f"flow {flow} has no version {target.version}")
        return graph_id, target.version
    artifact = await registry.artifact(account, target.graph_id) if is_graph_id(target.graph_id) else None
    if artifact is None:
        raise NotFound(f"there is no artifact {target.graph_id[:80]}")
    if artifact.flow != flow:
        raise _invalid(f"{path}.graph_id", f"expected an artifact of flow {flow}, got one of {artifact.flow}")
    if target.version not in (0, artifact.version):
        raise _invalid(f"{path}.version", f"expected {artifact.version}, which that artifact has, got {target.version}")
    return artifact.graph_id, artifact.version


def _invalid(field: str, problem: str) -> InvalidArgument:
    return InvalidArgument(f"{field}: {problem}", field=field)
