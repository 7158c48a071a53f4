"""What the webhooks of an account are signed with."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

from penstock.engine.domain.errors import Conflict
from penstock.engine.storage.postgres.database import Database, Row, from_time, to_time
from penstock.engine.storage.postgres.turns import take_turn
from penstock.engine.storage.sealing import Sealer, binding

OLD_MAX = 4
"""Secrets that sign beside the newest: each makes the header of every webhook longer."""

# No flow has such a name, so nobody else waits for this turn.
_TURN = "webhook secret"

# Purpose: the secrets that sign now, newest first. Index: webhook_secrets_pkey.
_VALID = """select number, secret, create_time, expire_time from webhook_secrets
where account = %s and (expire_time is null or expire_time > %s) order by number desc"""
# Purpose: number the next one, also when all are gone. Index: webhook_secrets_pkey.
_NUMBER = "select coalesce(max(number), 0) + 1 from webhook_secrets where account = %s"
_ADD = "insert into webhook_secrets (account, number, secret, create_time) values (%s, %s, %s, %s)"
# Purpose: give the newest secret an end, or all that sign one that comes sooner. Index: webhook_secrets_pkey.
_END_NEWEST = "update webhook_secrets set expire_time = %s where account = %s and expire_time is null"
_END_ALL = """update webhook_secrets set expire_time = %s
where account = %s and (expire_time is null or expire_time > %s)"""
# Purpose: secrets that sign no more are of no use to anybody. Index: webhook_secrets_pkey.
_FORGET = "delete from webhook_secrets where account = %s and expire_time <= %s"
# Purpose: seal them with another master key, one after the other. Index: webhook_secrets_pkey.
_ALL = "select account, number, secret from webhook_secrets order by account, number"
_RESEAL = "update webhook_secrets set secret = %s where account = %s and number = %s and secret = %s"


@dataclass(frozen=True, slots=True, repr=False)
class SecretRow:
    """A secret that signs. `expire_us` None: it is the newest."""

    secret: bytes
    create_us: int
    expire_us: int | None


class WebhookSecrets:
    """Statements on secrets of webhooks. Nothing leaves or enters the database but sealed."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def valid(self, account: str, now_us: int) -> list[SecretRow]:
        """Those that sign now, newest first; [] when the account has none yet. Raises MasterKeyError."""
        rows = await self._database.fetch_all(_VALID, (account, to_time(now_us)))
        return [self._row(account, row) for row in rows]

    async def add_first(self, account: str, secret: bytes, now_us: int) -> None:
        """Does nothing when the account has one."""
        async with self._database.transaction() as connection:
            await take_turn(connection, account, _TURN)
            found = await connection.execute(_VALID, (account, to_time(now_us)))
            if await found.fetchone() is None:
                await self._add(connection, account, secret, now_us)

    async def rotate(self, account: str, secret: bytes, now_us: int, old_until_us: int) -> None:
        """Puts a new secret before those that sign until `old_until_us` at most. Raises Conflict for too many.

        `old_until_us` that is `now_us` ends them at once, and is never too many.
        """
        now, end = to_time(now_us), to_time(old_until_us)
        async with self._database.transaction() as connection:
            await take_turn(connection, account, _TURN)
            count = len(await (await connection.execute(_VALID, (account, now))).fetchall())
            if end > now and count > OLD_MAX:
                raise Conflict(
                    f"{count - 1} old secrets still sign, the most that may: wait, or end them at once",
                    reason="TOO_MANY_SECRETS",
                )
            if end > now:
                await connection.execute(_END_NEWEST, (end, account))
            else:
                await connection.execute(_END_ALL, (now, account, now))
            await connection.execute(_FORGET, (account, now))
            await self._add(connection, account, secret, now_us)

    async def reseal(self) -> int:
        """Seals all of them with the first master key; gives how many were not. Raises MasterKeyError."""
        count = 0
        for account, number, sealed in await self._database.fetch_all(_ALL):
            anew = self._sealer.reseal(bytes(sealed), _context(account, number))
            if anew is not None:
                await self._database.execute(_RESEAL, (anew, account, number, bytes(sealed)))
                count += 1
        return count

    async def _add(self, connection: psycopg.AsyncConnection[Row], account: str, secret: bytes, now_us: int) -> None:
        row = await (await connection.execute(_NUMBER, (account,))).fetchone()
        assert row is not None
        sealed = self._sealer.seal(secret, _context(account, row[0]))
        await connection.execute(_ADD, (account, row[0], sealed, to_time(now_us)))

    def _row(self, account: str, row: Row) -> SecretRow:
        secret = self._sealer.open(bytes(row[1]), _context(account, row[0]))
        return SecretRow(secret, from_time(row[2]) or 0, from_time(row[3]))


def _context(account: str, number: int) -> bytes:
    return binding("webhook_secrets", account, str(number))
