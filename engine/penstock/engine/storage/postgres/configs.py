"""Config profiles in the store."""

from __future__ import annotations

from collections.abc import Callable

import psycopg

from penstock.engine.domain import limits
from penstock.engine.domain.errors import AlreadyExists, Conflict
from penstock.engine.storage.postgres.database import Database, Row, to_time
from penstock.wire.gen.config_pb2 import Config

# Purpose: one profile; to be changed by nobody else meanwhile. Locks: with the second, its row. Index: configs_pkey.
_GET = "select profile, create_time, update_time from configs where account = %s and config_id = %s"
_LOCK = f"{_GET} for update"
# Purpose: one page by name. Index: configs_pkey.
_LIST = """select profile, create_time, update_time from configs
where account = %s and config_id > %s and (%s::text is null or flow = %s) order by config_id limit %s"""
# Purpose: what an invocation takes from, for the cache of a process. Index: configs_default, configs_pkey.
_APPLYING = """select profile, create_time, update_time from configs
where account = %s and (is_default and flow in ('', %s) or config_id = %s)"""
# Purpose: store a new one, unless the account has too many. Index: configs_pkey.
_INSERT = """insert into configs (account, config_id, flow, is_default, profile, create_time, update_time)
select %s, %s, %s, %s, %s, %s, %s
where (select count(*) from (select 1 from configs where account = %s limit %s) c) < %s returning 1"""
_UPDATE = """update configs set flow = %s, is_default = %s, profile = %s, update_time = %s
where account = %s and config_id = %s"""
_DELETE = "delete from configs where account = %s and config_id = %s returning 1"
# Purpose: who is the default already, for the message. Index: configs_default.
_DEFAULT = "select config_id from configs where account = %s and flow = %s and is_default"


class ConfigRows:
    """Statements on config profiles. Nothing here is on the hot path: what applies is kept in memory."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, account: str, config: Config, now_us: int) -> None:
        """Raises AlreadyExists, and Conflict for a second default or one profile too many."""
        now, most = to_time(now_us), limits.CONFIGS_MAX
        columns = (account, config.config_id, config.flow, config.is_default, _stored(config), now, now)
        try:
            inserted = await self._database.fetch_one(_INSERT, (*columns, account, most, most))
        except psycopg.errors.UniqueViolation as error:
            if error.diag.constraint_name != "configs_default":
                raise AlreadyExists(f"there is a config {config.config_id} already") from error
            raise await self._second_default(account, config) from error
        if inserted is None:
            raise Conflict(f"the account has {most:,} configs already, and more it cannot have", reason="TOO_MANY")

    async def config(self, account: str, config_id: str) -> Config | None:
        row = await self._database.fetch_one(_GET, (account, config_id))
        return None if row is None else _config(row)

    async def configs(self, account: str, flow: str | None, after: str, count_max: int) -> list[Config]:
        """By name, those behind `after`; only those of `flow`, "" for every flow, unless it is None."""
        rows = await self._database.fetch_all(_LIST, (account, after, flow, flow, count_max))
        return list(map(_config, rows))

    async def applying(self, account: str, flow: str, config_id: str) -> list[Config]:
        """The defaults of the account and of the flow, and the one of that name, as far as there are any."""
        return list(map(_config, await self._database.fetch_all(_APPLYING, (account, flow, config_id))))

    async def change(
        self, account: str, config_id: str, edit: Callable[[Config], Config], now_us: int
    ) -> Config | None:
        """Stores what `edit` makes of a profile; None when there is none. Raises Conflict for a second default."""
        changed = None
        try:
            async with self._database.transaction() as connection:
                cursor = await connection.execute(_LOCK, (account, config_id), binary=True)
                row = await cursor.fetchone()
                if row is None:
                    return None
                changed = edit(_config(row))
                columns = (changed.flow, changed.is_default, _stored(changed), to_time(now_us))
                await connection.execute(_UPDATE, (*columns, account, config_id))
        except psycopg.errors.UniqueViolation as error:
            assert changed is not None
            raise await self._second_default(account, changed) from error
        return await self.config(account, config_id)

    async def delete(self, account: str, config_id: str) -> bool:
        """Whether there was one."""
        return await self._database.fetch_one(_DELETE, (account, config_id)) is not None

    async def _second_default(self, account: str, config: Config) -> Conflict:
        row = await self._database.fetch_one(_DEFAULT, (account, config.flow))
        who = f"config {row[0]}" if row else "another config"
        what = f"flow {config.flow}" if config.flow else "the account"
        return Conflict(
            f"{who} is the default of {what} already: take is_default from it first",
            reason="DEFAULT_EXISTS",
            facts={"config_id": row[0]} if row else None,
        )


def _stored(config: Config) -> bytes:
    """Without the times: they are columns."""
    stored = Config()
    stored.CopyFrom(config)
    stored.ClearField("create_time")
    stored.ClearField("update_time")
    return stored.SerializeToString(deterministic=True)


def _config(row: Row) -> Config:
    config = Config.FromString(row[0])
    config.create_time.FromDatetime(row[1])
    config.update_time.FromDatetime(row[2])
    return config
