"""What names stand for at this moment, and whether it should still be used."""

from __future__ import annotations

from functools import partial

from penstock.engine.domain.alias import LIVE, Target
from penstock.engine.domain.errors import NotFound
from penstock.engine.domain.standing import UNTOUCHED, Standing
from penstock.engine.runtime.news.bulletin import Bulletin
from penstock.engine.runtime.programs.recent import Recent
from penstock.engine.storage.postgres.aliases import Aliases
from penstock.engine.storage.postgres.standings import Standings


class Names:
    """Asked by every invocation: a dict look-up while nothing changes."""

    def __init__(self, aliases: Aliases, standings: Standings, bulletin: Bulletin) -> None:
        self._aliases = aliases
        self._standings = standings
        self._bulletin = bulletin
        self._targets: Recent[tuple[str, str, str], tuple[Target, ...]] = Recent(bulletin.mark)
        self._known: Recent[tuple[str, str], Standing] = Recent(bulletin.mark)

    async def targets(self, account: str, flow: str) -> tuple[Target, ...]:
        """What a flow, name or name@alias, stands for, in order of the versions. Raises NotFound."""
        name, _, alias = flow.partition("@")
        key = (account, name, alias or LIVE)
        targets = self._targets.get(key)
        return targets if targets is not None else await self._targets.read(key, partial(self._read_targets, key))

    async def _read_targets(self, key: tuple[str, str, str]) -> tuple[Target, ...]:
        account, name, alias = key
        mark = self._bulletin.mark()
        route = await self._aliases.route(*key)
        if not route:
            raise NotFound(f"there is no flow {name}@{alias}")
        for target, standing in route:
            # The invocation that asks for the one asks for the other next.
            self._known.keep((account, target.graph_id), standing, mark)
        return tuple(target for target, _ in route)

    async def standing(self, account: str, graph_id: str) -> Standing:
        """That of an artifact that there is."""
        key = (account, graph_id)
        standing = self._known.get(key)
        return standing if standing is not None else await self._known.read(key, partial(self._read_standing, key))

    async def _read_standing(self, key: tuple[str, str]) -> Standing:
        account, graph_id = key
        return (await self._standings.of(account, [graph_id])).get(graph_id, UNTOUCHED)

    def changed(self) -> None:
        """Notes for every process of this data directory that something changed. Call it before anybody hears of it."""
        self._bulletin.change()
