"""How many calls keys may make, in the store. Who calls is found out together with it: see `keys.py`."""

from __future__ import annotations

from dataclasses import dataclass

from penstock.engine.domain.rate import Rate
from penstock.engine.storage.postgres.database import Database, Row, from_time, to_time

EVERY_KEY = ""

_COLUMNS = "key_id, per_second, burst, set_by, update_time"
# Purpose: the limit that holds for a key. Index: rate_limits_pkey.
_APPLYING = f"""select {_COLUMNS} from rate_limits
where account = %s and key_id in (%s, '') order by key_id desc limit 1"""
# Purpose: one page by key. Index: rate_limits_pkey.
_LIST = f"select {_COLUMNS} from rate_limits where account = %s and key_id > %s order by key_id limit %s"
# Purpose: set one. Locks: its row. Index: rate_limits_pkey.
_PUT = """insert into rate_limits (account, key_id, per_second, burst, set_by, update_time)
values (%s, %s, %s, %s, %s, %s) on conflict (account, key_id) do update set per_second = excluded.per_second,
  burst = excluded.burst, set_by = excluded.set_by, update_time = excluded.update_time"""
# Purpose: take one back. Locks: its row. Index: rate_limits_pkey.
_DELETE = "delete from rate_limits where account = %s and key_id = %s returning 1"


@dataclass(frozen=True, slots=True)
class RateRow:
    """`key_id` is EVERY_KEY for the keys of the account that have no limit of their own."""

    key_id: str
    rate: Rate
    set_by: str
    update_us: int


class RateLimits:
    """Statements on rates."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def applying(self, account: str, key_id: str) -> RateRow | None:
        """The limit of a key, else that of the account; None when nothing was said."""
        row = await self._database.fetch_one(_APPLYING, (account, key_id))
        return None if row is None else _rate(row)

    async def limits(self, account: str, after: str, count_max: int) -> list[RateRow]:
        """Those of keys by id, behind `after`."""
        return list(map(_rate, await self._database.fetch_all(_LIST, (account, after, count_max))))

    async def put(self, account: str, row: RateRow) -> None:
        values = (account, row.key_id, row.rate.per_second, row.rate.burst, row.set_by, to_time(row.update_us))
        await self._database.execute(_PUT, values)

    async def delete(self, account: str, key_id: str) -> bool:
        """Whether there was one."""
        return await self._database.fetch_one(_DELETE, (account, key_id)) is not None


def _rate(row: Row) -> RateRow:
    return RateRow(row[0], Rate(row[1], row[2]), row[3], from_time(row[4]) or 0)
