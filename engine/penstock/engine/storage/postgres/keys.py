"""API keys and the accounts that they open, in the store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from penstock.engine.domain import limits
from penstock.engine.domain.errors import AlreadyExists, Conflict, NotFound
from penstock.engine.domain.rate import Rate
from penstock.engine.storage.postgres.database import Database, Row, from_time, to_time

_COLUMNS = """key_id, account, name, scopes, created_by, create_time, expire_time, use_time, rotate_time,
  old_expire_time, revoke_time"""
# Purpose: who calls, what proves it, and how often they may. Index: api_keys_pkey, rate_limits_pkey.
_CALLER = f"""select {_COLUMNS}, secret_hash, master_key_id, old_secret_hash, old_master_key_id,
  (select array[r.per_second, r.burst] from rate_limits r where r.account = api_keys.account
     and r.key_id in (api_keys.key_id, '') order by r.key_id desc limit 1)
from api_keys where key_id = %s"""
# Purpose: until when those are good that have streams open, of whatever account. Index: api_keys_pkey.
_ENDS = "select key_id, least(revoke_time, expire_time) from api_keys where key_id = any(%s)"
# Purpose: one of the account's. Index: api_keys_pkey.
_KEY = f"select {_COLUMNS} from api_keys where key_id = %s and account = %s"
# Purpose: one page, newest first. Index: api_keys_by_time.
_LIST = f"""select {_COLUMNS} from api_keys where account = %s
  and (create_time, key_id) < (coalesce(%s::timestamptz, 'infinity'), %s) and (%s or revoke_time is null)
order by create_time desc, key_id desc limit %s"""
# Purpose: keep a new one, unless the account has too many. Index: api_keys_by_time.
_PUT = f"""insert into api_keys (key_id, account, name, scopes, created_by, create_time, expire_time, secret_hash,
  master_key_id)
select %(key_id)s, %(account)s, %(name)s, %(scopes)s::text[], %(created_by)s, %(now)s, %(expire)s::timestamptz,
  %(secret_hash)s, %(master_key_id)s::bytea
where (
  select count(*) from (select 1 from api_keys where account = %(account)s and revoke_time is null limit %(most)s) c
) < %(most)s
returning {_COLUMNS}"""
# Purpose: forget what was revoked long ago, so that the table does not grow without end. Index: api_keys_by_time.
_FORGET = "delete from api_keys where account = %s and revoke_time < %s"
_ACCOUNT = "insert into accounts (account, create_time) values (%s, %s) on conflict do nothing returning 1"
# Purpose: change one that is not revoked. Index: api_keys_pkey.
_UPDATE = f"""update api_keys set name = %s, scopes = %s, expire_time = %s
where key_id = %s and account = %s and revoke_time is null returning {_COLUMNS}"""
# Purpose: another secret, beside the one before. Index: api_keys_pkey.
_ROTATE = f"""update api_keys set old_secret_hash = secret_hash, old_master_key_id = master_key_id,
  old_expire_time = %(old_expire)s, rotate_time = %(now)s, secret_hash = %(secret_hash)s,
  master_key_id = %(master_key_id)s
where key_id = %(key_id)s and account = %(account)s and revoke_time is null returning {_COLUMNS}"""
# Purpose: end one; the first time counts. Index: api_keys_pkey.
_REVOKE = f"""update api_keys set revoke_time = coalesce(revoke_time, %s)
where key_id = %s and account = %s returning {_COLUMNS}"""
# Purpose: note that it was used, once a minute however many processes see it. Index: api_keys_pkey.
_USE = """update api_keys set use_time = %(now)s
where key_id = %(key_id)s and (use_time is null or use_time < %(before)s)"""
# Purpose: another hash of the same secret, unless it got another secret meanwhile. Index: api_keys_pkey.
_REHASH = "update api_keys set secret_hash = %s, master_key_id = %s where key_id = %s and secret_hash = %s"
# Purpose: accounts by name, each with the number of its keys that are not revoked. Index: accounts_pkey,
# api_keys_by_time.
_ACCOUNTS = """select a.account, a.create_time,
  (select count(*) from api_keys k where k.account = a.account and k.revoke_time is null)
from accounts a order by a.account"""

_REVOKED_KEPT_US = 400 * 24 * 3600 * 1_000_000
"""How long a key is told of after it was revoked: longer than the year for which logs are commonly kept."""


class SecretHash(NamedTuple):
    """A hash of a key's secret. `master_key_id` names the master key that it is keyed by, None: by none."""

    value: bytes
    master_key_id: bytes | None


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key without what proves it. Times are unix times in microseconds; `expire_us` None means for ever."""

    key_id: str
    account: str
    name: str
    scopes: tuple[str, ...]
    created_by: str
    create_us: int
    expire_us: int | None
    use_us: int | None
    rotate_us: int | None
    old_expire_us: int | None
    revoke_us: int | None

    def is_good(self, now_us: int) -> bool:
        return self.revoke_us is None and (self.expire_us is None or now_us < self.expire_us)


@dataclass(frozen=True, slots=True)
class Proof:
    """A key and what proves it. `old` is that of the secret before, None when there is none.

    `rate` None: the key makes as many calls as it likes.
    """

    row: KeyRow
    current: SecretHash
    old: SecretHash | None
    rate: Rate | None = None


@dataclass(frozen=True, slots=True)
class AccountRow:
    account: str
    create_us: int
    key_count: int


class KeyRows:
    """Statements on keys. Whether a caller may change one is decided elsewhere."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def proof(self, key_id: str) -> Proof | None:
        """A key of any account, also one that is no longer good: for finding out who calls."""
        row = await self._database.fetch_one(_CALLER, (key_id,))
        if row is None:
            return None
        current, old = (_hash(*row[at : at + 2]) for at in (11, 13))
        assert current is not None
        rate = None if row[15] is None else Rate(row[15][0], int(row[15][1]))
        return Proof(_key(row), current, old, rate)

    async def ends(self, key_ids: Collection[str]) -> dict[str, int | None]:
        """When each of them is revoked or expires, None: never. What is no key is left out."""
        rows = await self._database.fetch_all(_ENDS, (list(key_ids),))
        return {row[0]: from_time(row[1]) for row in rows}

    async def key(self, account: str, key_id: str) -> KeyRow:
        """Raises NotFound."""
        row = await self._database.fetch_one(_KEY, (key_id, account))
        if row is None:
            raise _no_key(key_id)
        return _key(row)

    async def keys(
        self, account: str, after: tuple[int, str] | None, count_max: int, *, with_revoked: bool
    ) -> list[KeyRow]:
        """Newest first, those behind the one made at `after`, of that id."""
        time, key_id = (None, "") if after is None else (to_time(after[0]), after[1])
        rows = await self._database.fetch_all(_LIST, (account, time, key_id, with_revoked, count_max))
        return list(map(_key, rows))

    async def put(self, key: KeyRow, secret: SecretHash) -> KeyRow:
        """Keeps a new key, and makes its account when there is none. Raises Conflict for one key too many."""
        parameters = {
            "key_id": key.key_id,
            "account": key.account,
            "name": key.name,
            "scopes": list(key.scopes),
            "created_by": key.created_by,
            "now": to_time(key.create_us),
            "expire": _time(key.expire_us),
            "secret_hash": secret.value,
            "master_key_id": secret.master_key_id,
            "most": limits.KEYS_MAX,
        }
        async with self._database.transaction() as connection:
            await connection.execute(_ACCOUNT, (key.account, to_time(key.create_us)))
            await connection.execute(_FORGET, (key.account, to_time(key.create_us - _REVOKED_KEPT_US)))
            row = await (await connection.execute(_PUT, parameters, binary=True)).fetchone()
        if row is None:
            raise Conflict(
                f"the account has {limits.KEYS_MAX:,} keys already, and more it cannot have: revoke some",
                reason="TOO_MANY",
            )
        return _key(row)

    async def update(self, key: KeyRow) -> KeyRow:
        """Changes name, scopes and expiry. Raises Conflict when it is revoked."""
        values = (key.name, list(key.scopes), _time(key.expire_us), key.key_id, key.account)
        return await self._changed(_UPDATE, values, key)

    async def rotate(self, key: KeyRow, secret: SecretHash, now_us: int, old_expire_us: int) -> KeyRow:
        """Raises Conflict when it is revoked."""
        parameters = {
            "key_id": key.key_id,
            "account": key.account,
            "now": to_time(now_us),
            "old_expire": to_time(old_expire_us),
            "secret_hash": secret.value,
            "master_key_id": secret.master_key_id,
        }
        return await self._changed(_ROTATE, parameters, key)

    async def revoke(self, account: str, key_id: str, now_us: int) -> KeyRow:
        """Raises NotFound."""
        row = await self._database.fetch_one(_REVOKE, (to_time(now_us), key_id, account))
        if row is None:
            raise _no_key(key_id)
        return _key(row)

    async def use(self, key_id: str, now_us: int, before_us: int) -> None:
        """Notes that the key is used now, unless it was noted since `before_us`."""
        parameters = {"key_id": key_id, "now": to_time(now_us), "before": to_time(before_us)}
        await self._database.execute(_USE, parameters)

    async def rehash(self, key_id: str, before: SecretHash, after: SecretHash) -> None:
        await self._database.execute(_REHASH, (after.value, after.master_key_id, key_id, before.value))

    async def create_account(self, account: str, now_us: int) -> None:
        """Raises AlreadyExists."""
        if await self._database.fetch_one(_ACCOUNT, (account, to_time(now_us))) is None:
            raise AlreadyExists(f"account {account} exists")

    async def accounts(self) -> list[AccountRow]:
        """All of them, by name: for whoever runs the server."""
        rows = await self._database.fetch_all(_ACCOUNTS)
        return [AccountRow(row[0], from_time(row[1]) or 0, row[2]) for row in rows]

    async def _changed(self, sql: str, parameters: Any, key: KeyRow) -> KeyRow:
        row = await self._database.fetch_one(sql, parameters)
        if row is None:
            raise Conflict(f"key {key.key_id} is revoked", facts={"state": "REVOKED"})
        return _key(row)


def _no_key(key_id: str) -> NotFound:
    return NotFound(f"there is no key {key_id[:80]!r}")


def _key(row: Row) -> KeyRow:
    times: Sequence[int | None] = [from_time(time) for time in row[5:11]]
    return KeyRow(row[0], row[1], row[2], tuple(row[3]), row[4], times[0] or 0, *times[1:])


def _hash(value: bytes | None, master_key_id: bytes | None) -> SecretHash | None:
    if value is None:
        return None
    return SecretHash(bytes(value), None if master_key_id is None else bytes(master_key_id))


def _time(time_us: int | None) -> Any:
    return None if time_us is None else to_time(time_us)
