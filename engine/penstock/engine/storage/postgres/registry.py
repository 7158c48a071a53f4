"""What was published: packages, drafts, artifacts, aliases and API keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import psycopg

from penstock.engine.domain.errors import AlreadyExists
from penstock.engine.storage.postgres.database import Database, to_time
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.flow_pb2 import Flow
from penstock.wire.gen.package_pb2 import Package

# Purpose: number the next artifact of a flow. Locks: an advisory lock of the flow, so that two compiles of it take
# turns. Index: artifacts_account_flow_version_key, backwards.
_TURN = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
_SAME = "select artifact from artifacts where account = %s and flow = %s and digest = %s"
_VERSION = "select coalesce(max(version), 0) + 1 from artifacts where account = %s and flow = %s"
_PUT_ARTIFACT = """insert into artifacts (graph_id, account, flow, version, digest, artifact, create_time)
values (%s, %s, %s, %s, %s, %s, %s)"""
_PUT_DRAFT = """insert into flows (account, flow, definition, create_time, update_time) values (%s, %s, %s, %s, %s)
on conflict (account, flow) do update set definition = excluded.definition, update_time = excluded.update_time"""
_PUT_ALIAS = """insert into aliases (account, flow, alias, graph_id, update_time) values (%s, %s, %s, %s, %s)
on conflict (account, flow, alias) do update set graph_id = excluded.graph_id, update_time = excluded.update_time
where aliases.graph_id <> excluded.graph_id"""
# Purpose: drafts by name, each with what `live` points at. Index: flows_pkey, aliases_pkey.
_DRAFTS = """select f.definition, f.create_time, f.update_time, a.graph_id from flows f
left join aliases a on a.account = f.account and a.flow = f.flow and a.alias = 'live'"""


class Registry:
    """Statements on what was published. Nothing here is on the hot path: programs are kept in memory."""

    def __init__(self, database: Database) -> None:
        self._database = database

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

    async def delete_draft(self, account: str, name: str) -> bool:
        """Removes a draft and its aliases. False when there was none."""
        async with self._database.transaction() as connection:
            await connection.execute("delete from aliases where account = %s and flow = %s", (account, name))
            cursor = await connection.execute("delete from flows where account = %s and flow = %s", (account, name))
            return cursor.rowcount > 0

    async def publish(
        self, account: str, artifact: Artifact, draft: Flow, at_us: int, complete: Callable[[Artifact, int], None]
    ) -> tuple[Artifact, bool]:
        """Keeps an artifact and its draft and points `live` at it: one transaction.

        `complete(artifact, version)` fills in what depends on the version. Gives the artifact that has the same
        content if there is one, and whether it is new.
        """
        at = to_time(at_us)
        async with self._database.transaction() as connection:
            await connection.execute(_TURN, (f"{account}/{artifact.flow}",))
            row = await (await connection.execute(_SAME, (account, artifact.flow, artifact.digest))).fetchone()
            if row is not None:
                artifact = Artifact.FromString(bytes(row[0]))
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
                    ),
                )
            await connection.execute(_PUT_DRAFT, (account, artifact.flow, draft.SerializeToString(), at, at))
            await connection.execute(_PUT_ALIAS, (account, artifact.flow, "live", artifact.graph_id, at))
        return artifact, row is None

    async def same_artifact(self, account: str, flow: str, digest: str) -> Artifact | None:
        row = await self._database.fetch_one(_SAME, (account, flow, digest))
        return None if row is None else Artifact.FromString(bytes(row[0]))

    async def artifact(self, account: str, graph_id: str) -> Artifact | None:
        row = await self._database.fetch_one(
            "select artifact from artifacts where graph_id = %s and account = %s", (graph_id, account)
        )
        return None if row is None else Artifact.FromString(bytes(row[0]))

    async def artifacts(self, account: str, flow: str, before: str, count_max: int) -> list[Artifact]:
        """Newest first. `before` is the graph_id that the page before ended with, "" for the first page."""
        rows = await self._database.fetch_all(
            """select artifact from artifacts where account = %s and (%s = '' or flow = %s)
            and (%s = '' or graph_id < %s) order by graph_id desc limit %s""",
            (account, flow, flow, before, before, count_max),
        )
        return [Artifact.FromString(bytes(row[0])) for row in rows]

    async def aliased(self, account: str, flow: str, alias: str) -> str | None:
        """The graph_id that an alias points at."""
        row = await self._database.fetch_one(
            "select graph_id from aliases where account = %s and flow = %s and alias = %s", (account, flow, alias)
        )
        return None if row is None else str(row[0])

    async def put_key(self, key_id: str, account: str, name: str, secret_hash: bytes) -> None:
        await self._database.execute(
            "insert into api_keys (key_id, account, name, secret_hash) values (%s, %s, %s, %s)",
            (key_id, account, name, secret_hash),
        )

    async def key(self, key_id: str) -> tuple[str, bytes] | None:
        """Account and hash of a key that is not revoked."""
        row = await self._database.fetch_one(
            "select account, secret_hash from api_keys where key_id = %s and revoke_time is null", (key_id,)
        )
        return None if row is None else (row[0], bytes(row[1]))


def _draft(definition: bytes, created: datetime, updated: datetime, live: str | None) -> Flow:
    flow = Flow.FromString(bytes(definition))
    flow.create_time.FromDatetime(created)
    flow.update_time.FromDatetime(updated)
    if live is not None:
        flow.live_graph_id = live
    return flow
