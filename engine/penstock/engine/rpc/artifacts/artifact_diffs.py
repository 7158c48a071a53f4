"""Says what one artifact in place of another breaks, and refuses it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from penstock.engine.domain.alias import LIVE, main_target
from penstock.engine.domain.errors import BreakingChange
from penstock.engine.domain.problem import Problem
from penstock.engine.storage.postgres.aliases import Aliases
from penstock.engine.storage.postgres.pinned import Pinned
from penstock.engine.storage.postgres.registry import Registry
from penstock.wire.gate import Change, Level, breaks, compare, compare_graphs, sentences
from penstock.wire.gen.artifact_diff_pb2 import ArtifactChange, ArtifactDiff, GraphChange, PinnedExecutions
from penstock.wire.gen.artifact_pb2 import Artifact


@dataclass(frozen=True, slots=True)
class AgainstLive:
    """`diff` is None when the flow has no `live`. `move` is the number of the move that made `live` what it is."""

    diff: ArtifactDiff | None
    changes: tuple[Change, ...]
    move: int


class ArtifactDiffs:
    """Artifacts are compared as they were compiled, in the FULL view."""

    def __init__(self, registry: Registry, aliases: Aliases, pinned: Pinned) -> None:
        self._registry = registry
        self._aliases = aliases
        self._pinned = pinned

    async def between(self, account: str, before: Artifact, after: Artifact) -> ArtifactDiff:
        return await self._diff(account, before, after, compare(before, after))

    async def against_live(self, account: str, artifact: Artifact) -> AgainstLive:
        """What `artifact` means for callers of the flow's `live`.

        Of several that `live` stands for, the one of most weight is compared inside, and each with its callers.
        """
        live = await self._aliases.alias(account, artifact.flow, LIVE)
        if live is None:
            return AgainstLive(None, (), 0)
        known = {target.graph_id: await self._known(account, target.graph_id) for target in live.targets}
        found = tuple(dict.fromkeys(change for before in known.values() for change in compare(before, artifact)))
        before = known[main_target(live.targets).graph_id]
        return AgainstLive(await self._diff(account, before, artifact, found), found, live.number)

    async def _known(self, account: str, graph_id: str) -> Artifact:
        artifact = await self._registry.artifact(account, graph_id)
        assert artifact is not None
        return artifact

    async def _diff(self, account: str, before: Artifact, after: Artifact, changes: Sequence[Change]) -> ArtifactDiff:
        pinned = await self._pinned.of(account, {before.flow, after.flow})
        return ArtifactDiff(
            before=before.graph_id,
            after=after.graph_id,
            wire_breaking=breaks(changes, Level.WIRE),
            json_breaking=breaks(changes, Level.JSON),
            source_breaking=breaks(changes, Level.SOURCE),
            changes=map(_change, changes),
            graph_changes=_graph_changes(before, after),
            pinned=[
                PinnedExecutions(graph_id=row.graph_id, version=row.version, execution_count=row.count)
                for row in pinned
            ],
        )


def refuse_breaking(flow: str, changes: Iterable[Change]) -> None:
    """Raises BreakingChange when callers who are there would break, whether they send protobuf or JSON."""
    found = [change for change in changes if breaks([change], Level.WIRE, Level.JSON)]
    if found:
        problems = [Problem(path, message) for path, message in sentences(found)]
        raise BreakingChange(f"callers of {flow}@{LIVE} would break, and allow_breaking is not set", problems)


def _change(change: Change) -> ArtifactChange:
    levels = [ArtifactChange.Level.Name(level) for level in sorted(change.levels)]
    return ArtifactChange(rule=change.rule, levels=levels, path=change.path, message=change.what)


def _graph_changes(before: Artifact, after: Artifact) -> list[GraphChange]:
    return [
        GraphChange(kind=change.move.name, subject=change.subject, message=change.what)
        for change in compare_graphs(before, after)
    ]
