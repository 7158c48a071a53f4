"""Whether artifacts should still be used: read and changed."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg
from psycopg.types.json import Jsonb

from penstock.engine.domain.errors import Conflict
from penstock.engine.domain.standing import Standing, State
from penstock.engine.storage.postgres.database import Database, Row, from_time, to_time
from penstock.engine.storage.postgres.turns import take_turn

STANDING_COLUMNS = "state, state_time, state_key_id, state_reason"

# Purpose: the standing of artifacts. Index: artifacts_pkey.
_READ = f"select graph_id, {STANDING_COLUMNS} from artifacts where account = %s and graph_id = any(%s)"
_PUT = f"update artifacts set ({STANDING_COLUMNS}) = (%s, %s, %s, %s) where graph_id = %s"
# Purpose: the aliases of a flow that point at an artifact. Index: aliases_pkey.
_POINTING = "select alias from aliases where account = %s and flow = %s and targets @> %s order by alias"


class Standings:
    """Statements on them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, account: str, graph_ids: Iterable[str]) -> dict[str, Standing]:
        """Those of the artifacts that the account has."""
        rows = await self._database.fetch_all(_READ, (account, list(graph_ids)))
        return {row[0]: to_standing(row[1:]) for row in rows}

    async def put(self, account: str, flow: str, graph_id: str, standing: Standing) -> None:
        """Of an artifact that the flow has. Raises Conflict for a state that does not follow from the one before."""
        async with self._database.transaction() as connection:
            await take_turn(connection, account, flow)
            if standing.state is State.DEPRECATED and await retired(connection, account, [graph_id]):
                raise Conflict(f"artifact {graph_id} is retired: restore it first", reason="RETIRED")
            if standing.state is State.RETIRED:
                await _refuse_pointed_at(connection, account, flow, graph_id)
            assert standing.time_us is not None
            changed = (int(standing.state), to_time(standing.time_us), standing.key_id, standing.reason)
            await connection.execute(_PUT, (*changed, graph_id))


async def retired(connection: psycopg.AsyncConnection[Row], account: str, graph_ids: Iterable[str]) -> list[str]:
    """Those that are retired. In the turn of their flow they stay as they are."""
    rows = await (await connection.execute(_READ, (account, list(graph_ids)))).fetchall()
    return [row[0] for row in rows if row[1] == State.RETIRED]


def to_standing(columns: Row) -> Standing:
    """From the values of STANDING_COLUMNS."""
    state, time, key_id, reason = columns
    return Standing(State(state), from_time(time), key_id, reason)


async def _refuse_pointed_at(connection: psycopg.AsyncConnection[Row], account: str, flow: str, graph_id: str) -> None:
    parameters = (account, flow, Jsonb([{"graph_id": graph_id}]))
    names = [f"{flow}@{row[0]}" for row in await (await connection.execute(_POINTING, parameters)).fetchall()]
    if names:
        verb, them = ("points", "it") if len(names) == 1 else ("point", "them")
        raise Conflict(
            f"{', '.join(names)} {verb} at artifact {graph_id}: move {them} first",
            reason="ALIAS_POINTS_AT_IT",
            facts={"aliases": ",".join(names)},
        )
