"""What filters need to know of an account beside its executions: searchable fields, names of nodes, aliases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import psycopg

from penstock.engine.domain.filter_tree import SearchKind
from penstock.engine.storage.postgres.database import Database, Row
from penstock.wire.gen.artifact_pb2 import Artifact

# Purpose: note what an artifact declares; the choices of an enum are those of all its versions. Index:
# search_fields_pkey.
_PUT_FIELD = """insert into search_fields (account, flow, path, kind, choices) values (%s, %s, %s, %s, %s)
on conflict (account, flow, path, kind) do update set choices = array(
  select unnest(search_fields.choices) union select unnest(excluded.choices) order by 1)"""
# Purpose: the searchable fields of an account, which are few. Index: search_fields_pkey.
_FIELDS = "select path, kind, choices from search_fields where account = %s"
# Purpose: what an alias stands for, of one flow or of all of them. Index: aliases_pkey, artifacts_pkey.
_ALIAS = """select a.flow, r.graph_id from aliases a, jsonb_to_recordset(a.targets) t (graph_id text)
join artifacts r on r.graph_id = t.graph_id where a.account = %s and (%s = '' or a.flow = %s) and a.alias = %s"""
# Purpose: flows of which an artifact has a node of that name. Index: artifacts_account_flow_version_key.
_FLOWS_WITH_NODE = "select distinct flow from artifacts where account = %s and nodes @> array[%s::text]"
# Purpose: the flow and number of an artifact, and when it was compiled. Index: artifacts_pkey.
_ARTIFACT = "select flow, version from artifacts where graph_id = %s and account = %s"
# Purpose: artifacts that a version before compiled. Index: artifacts_account_flow_version_key.
_NAMELESS = "select graph_id, artifact from artifacts where account = %s and nodes is null limit %s"
_NAME = "update artifacts set nodes = %s where graph_id = %s"
_NAMELESS_LOT = 20


class SearchField(NamedTuple):
    """How the flows of an account declare a path."""

    kinds: frozenset[SearchKind]
    choices: tuple[str, ...]


async def put_search_fields(connection: psycopg.AsyncConnection[Row], account: str, artifact: Artifact) -> None:
    """Notes what an artifact declares as searchable, in the transaction that keeps it."""
    for field in artifact.plan.searchable:
        values = (account, artifact.flow, field.path, int(field.kind), list(field.choices))
        await connection.execute(_PUT_FIELD, values)


class Search:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._named: set[str] = set()
        """Accounts whose artifacts all have the names of their nodes beside them."""

    async def fields(self, account: str) -> Mapping[str, SearchField]:
        """The searchable fields of all flows, by path. A path may have several kinds: flows and versions differ."""
        found: dict[str, SearchField] = {}
        for path, kind, choices in await self._database.fetch_all(_FIELDS, (account,)):
            before = found.get(path, SearchField(frozenset(), ()))
            found[path] = SearchField(before.kinds | {SearchKind(kind)}, tuple(sorted({*before.choices, *choices})))
        return found

    async def alias(self, account: str, flow: str, alias: str) -> list[tuple[str, str]]:
        """Flow and graph_id of what an alias stands for now: of all flows when `flow` is ""."""
        return [(row[0], row[1]) for row in await self._database.fetch_all(_ALIAS, (account, flow, flow, alias))]

    async def flow_of(self, account: str, graph_id: str) -> tuple[str, int] | None:
        """Flow and number of an artifact; None when there is none."""
        row = await self._database.fetch_one(_ARTIFACT, (graph_id, account))
        return None if row is None else (row[0], row[1])

    async def flows_with_node(self, account: str, node: str) -> list[str]:
        """Flows of which some version has such a node."""
        await self.name_nodes(account)
        return [row[0] for row in await self._database.fetch_all(_FLOWS_WITH_NODE, (account, node))]

    async def name_nodes(self, account: str) -> None:
        """Has the names of nodes stand beside all artifacts, those that a version before compiled included."""
        if account in self._named:
            return
        while rows := await self._database.fetch_all(_NAMELESS, (account, _NAMELESS_LOT)):
            for graph_id, stored in rows:
                names = [node.name for node in Artifact.FromString(bytes(stored)).plan.nodes]
                await self._database.execute(_NAME, (names, graph_id))
        self._named.add(account)
