"""Sealed secrets in the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from penstock.engine.domain import limits
from penstock.engine.domain.errors import Conflict
from penstock.engine.storage.postgres.database import Database, Row, from_time, to_time

# Purpose: store one, in place of the one before, unless the account has too many. Index: secrets_pkey.
_PUT = """insert into secrets (account, name, sealed, key_id, create_time, update_time)
select %(account)s, %(name)s, %(sealed)s, %(key_id)s, %(now)s, %(now)s
where exists (select 1 from secrets where account = %(account)s and name = %(name)s)
  or (select count(*) from (select 1 from secrets where account = %(account)s limit %(most)s) c) < %(most)s
on conflict (account, name) do update
set sealed = excluded.sealed, key_id = excluded.key_id, update_time = excluded.update_time
returning name, key_id, create_time, update_time"""
# Purpose: one page by name. Index: secrets_pkey.
_LIST = """select name, key_id, create_time, update_time from secrets
where account = %s and name > %s order by name limit %s"""
_DELETE = "delete from secrets where account = %s and name = %s returning 1"
# Purpose: what an attempt is given. Index: secrets_pkey.
_SEALED = "select name, sealed from secrets where account = %s and name = any(%s)"
# Purpose: a lot of all accounts to seal anew. Index: secrets_pkey.
_LOT = "select account, name, sealed from secrets where (account, name) > (%s, %s) order by account, name limit %s"
# Purpose: seal one anew, unless it got another value meanwhile. Index: secrets_pkey.
_RESEAL = "update secrets set sealed = %s where account = %s and name = %s and sealed = %s returning 1"

_LOT_MAX = 500


@dataclass(frozen=True, slots=True)
class SecretRow:
    """A secret without its value. `key_id` says who put it there."""

    name: str
    key_id: str
    create_us: int
    update_us: int


class SecretRows:
    """Statements on secrets. What they hold is sealed and opened elsewhere."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, account: str, name: str, sealed: bytes, key_id: str, now_us: int) -> SecretRow:
        """Raises Conflict for one secret too many."""
        parameters = {
            "account": account,
            "name": name,
            "sealed": sealed,
            "key_id": key_id,
            "now": to_time(now_us),
            "most": limits.SECRETS_MAX,
        }
        row = await self._database.fetch_one(_PUT, parameters)
        if row is None:
            raise Conflict(
                f"the account has {limits.SECRETS_MAX:,} secrets already, and more it cannot have", reason="TOO_MANY"
            )
        return _secret(row)

    async def secrets(self, account: str, after: str, count_max: int) -> list[SecretRow]:
        """By name, those behind `after`."""
        return list(map(_secret, await self._database.fetch_all(_LIST, (account, after, count_max))))

    async def delete(self, account: str, name: str) -> bool:
        """Whether there was one."""
        return await self._database.fetch_one(_DELETE, (account, name)) is not None

    async def sealed(self, account: str, names: Iterable[str]) -> dict[str, bytes]:
        """Name -> sealed value, of those that there are."""
        rows = await self._database.fetch_all(_SEALED, (account, list(names)))
        return {name: bytes(sealed) for name, sealed in rows}

    async def reseal(self, reseal: Callable[[str, str, bytes], bytes | None]) -> int:
        """Replaces each secret of every account by what `reseal(account, name, sealed)` gives, if it gives anything.

        How many it replaced. Raises what `reseal` raises; those before stay replaced.
        """
        account, name, count = "", "", 0
        while lot := await self._database.fetch_all(_LOT, (account, name, _LOT_MAX)):
            for account, name, sealed in lot:
                anew = reseal(account, name, bytes(sealed))
                if anew is not None:
                    row = await self._database.fetch_one(_RESEAL, (anew, account, name, sealed))
                    count += row is not None
        return count


def _secret(row: Row) -> SecretRow:
    return SecretRow(row[0], row[1], from_time(row[2]) or 0, from_time(row[3]) or 0)
