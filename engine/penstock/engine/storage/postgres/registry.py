"""What was published: packages, drafts, artifacts and aliases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import psycopg

from penstock.engine.domain.alias import LIVE, WEIGHT_SUM, Target, main_target
from penstock.engine.domain.errors import AlreadyExists, Superseded
from penstock.engine.domain.standing import State
from penstock.engine.storage.postgres import aliases
from penstock.engine.storage.postgres.aliases import Mover
from penstock.engine.storage.postgres.database import Database, to_time
from penstock.engine.storage.postgres.search import put_search_fields
from penstock.engine.storage.postgres.turns import take_turn
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.flow_pb2 import Flow
from penstock.wire.gen.package_pb2 import Package

# Purpose: publish one after the other, whichever process does it. Locks: an advisory lock. The number is arbitrary.
_PUBLISHING = "select pg_advisory_xact_lock(7302118141)"
# Purpose: number the next artifact of a flow, in its turn. Index: artifacts_account_flow_version_key, backwards.
_SAME = "select artifact from artifacts where account = %s and flow = %s and digest = %s"
_VERSION = "select coalesce(max(version), 0) + 1 from artifacts where account = %s and flow = %s"
_PUT_ARTIFACT = """insert into artifacts (graph_id, account, flow, version, digest, artifact, create_time, nodes)
values (%s, %s, %s, %s, %s, %s, %s, %s)"""
_PUT_DRAFT = """insert into flows (account, flow, definition, create_time, update_time) values (%s, %s, %s, %s, %s)
on conflict (account, flow) do update set definition = excluded.definition, update_time = excluded.update_time"""
# Purpose: drafts by name, each with what `live` points at. Index: flows_pkey, aliases_pkey.
_DRAFTS = """select f.definition, f.create_time, f.update_time, a.targets from flows f
left join aliases a on a.account = f.account and a.flow = f.flow and a.alias = 'live'"""


class Registry:
    """Statements on what was published. Nothing here is on the hot path: programs are kept in memory."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def publishing(self) -> AsyncIterator[None]:
        """Keeps other processes from publishing meanwhile."""
        async with self._database.transaction() as connection:
            await connection.execute(_PUBLISHING)
            yield

    async def put_package(self, account: str, package: Package, archive: bytes) -> None:
        """Keeps the package; the same content again changes nothing but which version is the newest."""
        await self._database.execute(
            """insert into packages (account, digest, name, version, package, archive, create_time)
            values (%s, %s, %s, %s, %s, %s, %s)
            on conflict (account, digest) do update set create_time = excluded.create_time""",
            (
                account,
                package.digest,
                package.name,
                package.version,
                package.SerializeToString(),
                archive,
                to_time(package.create_time.ToMicroseconds()),
            ),
        )

    async def package(self, account: str, digest: str) -> Package | None:
        row = await self._database.fetch_one(
            "select package from packages where account = %s and digest = %s", (account, digest)
        )
        return None if row is None else Package.FromString(bytes(row[0]))

    async def newest_package(self, account: str, name: str) -> Package | None:
        row = await self._database.fetch_one(
            "select package from packages where account = %s and name = %s order by create_time desc limit 1",
            (account, name),
        )
        return None if row is None else Package.FromString(bytes(row[0]))

    async def packages(self, account: str, after: str, count_max: int) -> list[Package]:
        """The newest version of each package, by name."""
        rows = await self._database.fetch_all(
            """select distinct on (name) package from packages where account = %s and name > %s
            order by name, create_time desc limit %s""",
            (account, after, count_max),
        )
        return [Package.FromString(bytes(row[0])) for row in rows]

    async def archive(self, account: str, digest: str) -> bytes | None:
        row = await self._database.fetch_one(
            "select archive from packages where account = %s and digest = %s", (account, digest)
        )
        return None if row is None else bytes(row[0])

    async def create_draft(self, account: str, flow: Flow, at_us: int) -> None:
        """Raises AlreadyExists when the account has a flow of that name."""
        at = to_time(at_us)
        try:
            await self._database.execute(
                "insert into flows (account, flow, definition, create_time, update_time) values (%s, %s, %s, %s, %s)",
                (account, flow.flow, flow.SerializeToString(), at, at),
            )
        except psycopg.errors.UniqueViolation:
            raise AlreadyExists(f"flow {flow.flow} exists") from None

    async def put_draft(self, account: str, flow: Flow, at_us: int) -> None:
        at = to_time(at_us)
        await self._database.execute(_PUT_DRAFT, (account, flow.flow, flow.SerializeToString(), at, at))

    async def draft(self, account: str, name: str) -> Flow | None:
        row = await self._database.fetch_one(f"{_DRAFTS} where f.account = %s and f.flow = %s", (account, name))
        return None if row is None else _draft(row[0], row[1], row[2], row[3])

    async def drafts(self, account: str, after: str, count_max: int) -> list[Flow]:
        rows = await self._database.fetch_all(
            f"{_DRAFTS} where f.account = %s and f.flow > %s order by f.flow limit %s", (account, after, count_max)
        )
        return [_draft(row[0], row[1], row[2], row[3]) for row in rows]

    async def delete_draft(self, account: str, name: str, mover: Mover) -> bool:
        """Removes a draft and its aliases. False when there was none."""
        async with self._database.transaction() as connection:
            await take_turn(connection, account, name)
            await aliases.remove_all(connection, account, name, mover)
            cursor = await connection.execute("delete from flows where account = %s and flow = %s", (account, name))
            return cursor.rowcount > 0

    async def publish(
        self,
        account: str,
        artifact: Artifact,
        draft: Flow,
        mover: Mover,
        complete: Callable[[Artifact, int], None],
        seen: int | None = None,
    ) -> tuple[Artifact, bool]:
        """Keeps an artifact and its draft and points `live` at it: one transaction.

        `complete(artifact, version)` fills in what depends on the version. Gives the artifact that has the same
        content if there is one, and whether it is new. Raises Conflict when that one is retired, and Superseded when
        the last move of `live` is not number `seen`; None lets any be.
        """
        at = to_time(mover.time_us)
        async with self._database.transaction() as connection:
            await take_turn(connection, account, artifact.flow)
            if seen not in (None, await aliases.last_move(connection, account, artifact.flow, LIVE)):
                raise Superseded(f"{artifact.flow}@{LIVE} was moved during the compile: compile again")
            row = await (await connection.execute(_SAME, (account, artifact.flow, artifact.digest))).fetchone()
            if row is not None:
                artifact = _artifact(row[0])
            else:
                number = await (await connection.execute(_VERSION, (account, artifact.flow))).fetchone()
                assert number is not None
                complete(artifact, number[0])
                await connection.execute(
                    _PUT_ARTIFACT,
                    (
                        artifact.graph_id,
                        account,
                        artifact.flow,
                        artifact.version,
                        artifact.digest,
                        artifact.SerializeToString(),
                        at,
                        [node.name for node in artifact.plan.nodes],
                    ),
                )
                await put_search_fields(connection, account, artifact)
            await connection.execute(_PUT_DRAFT, (account, artifact.flow, draft.SerializeToString(), at, at))
            targets = (Target(artifact.graph_id, artifact.version, WEIGHT_SUM),)
            await aliases.move(connection, account, artifact.flow, LIVE, targets, mover)
        artifact.state = Artifact.ACTIVE
        return artifact, row is None

    async def same_artifact(self, account: str, flow: str, digest: str) -> Artifact | None:
        row = await self._database.fetch_one(_SAME, (account, flow, digest))
        return None if row is None else _artifact(row[0])

    async def artifact(self, account: str, graph_id: str) -> Artifact | None:
        """The artifact as it was compiled: its standing is asked for apart."""
        row = await self._database.fetch_one(
            "select artifact from artifacts where graph_id = %s and account = %s", (graph_id, account)
        )
        return None if row is None else _artifact(row[0])

    async def artifacts(self, account: str, flow: str, before: str, count_max: int) -> list[Artifact]:
        """Newest first. `before` is the graph_id that the page before ended with, "" for the first page."""
        rows = await self._database.fetch_all(
            """select artifact from artifacts where account = %s and (%s = '' or flow = %s)
            and (%s = '' or graph_id < %s) order by graph_id desc limit %s""",
            (account, flow, flow, before, before, count_max),
        )
        return [_artifact(row[0]) for row in rows]

    async def version(self, account: str, flow: str, number: int) -> str | None:
        """The graph_id of a flow's artifact by its number."""
        row = await self._database.fetch_one(
            "select graph_id from artifacts where account = %s and flow = %s and version = %s", (account, flow, number)
        )
        return None if row is None else str(row[0])

    async def versions(self, account: str) -> list[tuple[str, int]]:
        """Flow and number of every artifact of the account that is not retired."""
        rows = await self._database.fetch_all(
            f"select flow, version from artifacts where account = %s and state <> {State.RETIRED:d}", (account,)
        )
        return [(flow, number) for flow, number in rows]

    async def flows_with(self, account: str, alias: str) -> list[str]:
        """Flows of the account that have such an alias."""
        rows = await self._database.fetch_all(
            "select flow from aliases where account = %s and alias = %s order by flow", (account, alias)
        )
        return [row[0] for row in rows]


def _artifact(stored: bytes) -> Artifact:
    artifact = Artifact.FromString(bytes(stored))
    artifact.state = Artifact.ACTIVE
    return artifact


def _draft(definition: bytes, created: datetime, updated: datetime, live: list[dict[str, Any]] | None) -> Flow:
    flow = Flow.FromString(bytes(definition))
    flow.create_time.FromDatetime(created)
    flow.update_time.FromDatetime(updated)
    if live is not None:
        flow.live_graph_id = main_target(aliases.targets_of(live)).graph_id
    return flow
