"""Outputs of nodes that are kept for later executions, and who computes one that is not there yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from penstock.engine.storage.data_keys import OUTPUT, DataKey
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.payloads import opened
from penstock.engine.storage.sealing import binding

_ALIVE = "exists (select 1 from leases l where l.lease_id = {0}.lease_id and l.expire_time <> 'infinity')"

# Purpose: an output that is there. Index: cache_entries_pkey.
_GET = """select output from cache_entries
where account = %s and key = %s and output is not null and expire_time > now()"""
# Purpose: become the one who computes it, unless somebody does whose process lives, or it is there. Asked again it
# gives the same, so that an answer that was lost leaves nothing behind. Locks: its row. Index:
# cache_entries_pkey, leases_pkey.
_RESERVE = f"""insert into cache_entries (account, key, ticket, lease_id, create_time, expire_time)
values (%s, %s, %s, %s, now(), now() + make_interval(secs => %s))
on conflict (account, key) do update set output = null, ticket = excluded.ticket, lease_id = excluded.lease_id,
  create_time = excluded.create_time, expire_time = excluded.expire_time
where cache_entries.expire_time <= now()
  or cache_entries.ticket = excluded.ticket
  or (cache_entries.output is null and not {_ALIVE.format("cache_entries")})
returning 1"""
# Purpose: keep reservations. Locks: their rows. Index: cache_entries_pkey.
_PROLONG = """update cache_entries c set expire_time = now() + make_interval(secs => %s)
from unnest(%s::text[], %s::bytea[], %s::uuid[]) as r (account, key, ticket)
where c.account = r.account and c.key = r.key and c.ticket = r.ticket"""
# Purpose: keep an output, whatever was there. Index: cache_entries_pkey.
_PUT = """insert into cache_entries (account, key, output, create_time, expire_time)
values (%(account)s, %(key)s, %(output)s, now(), coalesce(now() + %(ttl)s::interval, 'infinity'))
on conflict (account, key) do update set output = excluded.output, ticket = null, lease_id = null,
  create_time = excluded.create_time, expire_time = excluded.expire_time"""
# Purpose: give a reservation up. Index: cache_entries_pkey.
_RELEASE = "delete from cache_entries where account = %s and key = %s and ticket = %s"
# Purpose: remove a lot that expired. Locks: their rows; those that somebody else has are skipped. Index:
# cache_entries_expired.
_SWEEP = """with lot as (
  select account, key from cache_entries where expire_time < now() and expire_time < 'infinity'
  order by expire_time limit %s for update skip locked),
gone as (
  delete from cache_entries c using lot where c.account = lot.account and c.key = lot.key returning 1)
select count(*) from gone"""


class CacheRows:
    """Statements on the cache."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, account: str, key: bytes) -> bytes | None:
        """The output; None when it is not there, or not any more. Raises MasterKeyError."""
        row = await self._database.fetch_one(_GET, (account, key))
        return None if row is None else await opened(self._database, bytes(row[0]), _owner(account, key), OUTPUT)

    async def reserve(self, account: str, key: bytes, ticket: UUID, lease_id: UUID, life_s: float) -> bool:
        """Whether this ticket computes it now: nobody else does, and no output is there.

        It stands for `life_s` seconds, and no longer than the lease.
        """
        return await self._database.fetch_one(_RESERVE, (account, key, ticket, lease_id, life_s)) is not None

    async def prolong(self, reservations: Iterable[tuple[str, bytes, UUID]], life_s: float) -> None:
        """Lets reservations, each account, key and ticket, stand for `life_s` seconds from now, if they still do."""
        accounts, keys, tickets = zip(*reservations, strict=True)
        await self._database.execute(_PROLONG, (life_s, list(accounts), list(keys), list(tickets)))

    async def put(
        self, account: str, key: bytes, output: bytes, ttl_us: int | None, data_key: DataKey | None = None
    ) -> None:
        """Keeps an output for `ttl_us` microseconds, None for ever, in place of what was there. `data_key` seals it."""
        ttl = None if ttl_us is None else timedelta(microseconds=ttl_us)
        if data_key is not None:
            output = data_key.seal(output, _owner(account, key), OUTPUT)
        await self._database.execute(_PUT, {"account": account, "key": key, "output": output, "ttl": ttl})

    async def release(self, account: str, key: bytes, ticket: UUID) -> None:
        """Gives a reservation up, if it still stands."""
        await self._database.execute(_RELEASE, (account, key, ticket))

    async def sweep(self, count_max: int) -> int:
        """Removes at most `count_max` entries that expired; how many it removed."""
        row = await self._database.fetch_one(_SWEEP, (count_max,))
        assert row is not None
        return int(row[0])


def _owner(account: str, key: bytes) -> bytes:
    return binding("cache_entries", account, key.hex())
