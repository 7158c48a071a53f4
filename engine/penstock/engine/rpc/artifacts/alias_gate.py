"""What the move of an alias means for those who call it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from penstock.engine.domain.alias import Target
from penstock.engine.domain.errors import BreakingChange
from penstock.engine.domain.problem import Problem
from penstock.engine.rpc.artifacts.artifact_diffs import ArtifactDiffs
from penstock.engine.storage.postgres.registry import Registry
from penstock.wire.gate import Level, breaks, compare, sentences
from penstock.wire.gen.artifact_diff_pb2 import ArtifactDiff
from penstock.wire.gen.artifact_pb2 import Artifact

Pairs = list[tuple[Artifact, Artifact]]


class AliasGate:
    """Callers know whatever an alias stands for, and may come to whatever it shall stand for."""

    def __init__(self, registry: Registry, diffs: ArtifactDiffs) -> None:
        self._registry = registry
        self._diffs = diffs

    async def pairs(self, account: str, before: Sequence[Target], after: Sequence[Target]) -> Pairs:
        """Each artifact that callers could reach, with each that they could not, in the FULL view."""
        known = {target.graph_id for target in before}
        new = [await self._artifact(account, target) for target in after if target.graph_id not in known]
        old = [await self._artifact(account, target) for target in before] if new else []
        return list(product(old, new))

    async def diffs(self, account: str, pairs: Pairs) -> list[ArtifactDiff]:
        return [await self._diffs.between(account, old, new) for old, new in pairs]

    async def _artifact(self, account: str, target: Target) -> Artifact:
        artifact = await self._registry.artifact(account, target.graph_id)
        assert artifact is not None
        return artifact


def refuse_breaking(flow: str, alias: str, pairs: Pairs) -> None:
    """Raises BreakingChange when callers who are there would break, whether they send protobuf or JSON."""
    changes = dict.fromkeys(change for old, new in pairs for change in compare(old, new))
    found = [change for change in changes if breaks([change], Level.WIRE, Level.JSON)]
    if found:
        problems = [Problem(path, message) for path, message in sentences(found)]
        raise BreakingChange(f"callers of {flow}@{alias} would break, and allow_breaking is not set", problems)
