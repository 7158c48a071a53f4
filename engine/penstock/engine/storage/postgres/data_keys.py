"""The keys of accounts that seal payloads: kept sealed by the master key, opened once in a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.engine.storage.data_keys import DataKey, new_data_key
from penstock.engine.storage.master_keys import MasterKeyError
from penstock.engine.storage.sealing import Sealer, binding

if TYPE_CHECKING:
    from penstock.engine.storage.postgres.database import Database

_OPENED_MAX = 10_000
"""Keys that are kept open: one an account, and those that they replaced."""

# Purpose: the key that seals now. Index: data_keys_current.
_CURRENT = "select key_id, sealed from data_keys where account = %s and is_current"
# Purpose: the key that sealed something. Index: data_keys_pkey.
_FIND = "select account, sealed from data_keys where key_id = %s"
# Purpose: keep a new key, unless another process was first. Index: data_keys_current.
_ADD = "insert into data_keys (key_id, account, sealed) values (%s, %s, %s) on conflict do nothing"
# Purpose: all of them, to be sealed by another master key: one an account. Index: none, it reads the table.
_ALL = "select key_id, account, sealed, is_current from data_keys order by account, create_time"
# Purpose: seal one anew. Index: data_keys_pkey.
_RESEAL = "update data_keys set sealed = %s where key_id = %s and sealed = %s"
# Purpose: have an account seal by a new key from now on. Locks: the row. Index: data_keys_pkey.
_RETIRE = "update data_keys set is_current = false where key_id = %s"


class DataKeys:
    """Statements on data keys. They never change but for the master key that seals them, so an open one stays right."""

    def __init__(self, database: Database, sealer: Sealer | None) -> None:
        """`sealer` None stands for a process that knows no master keys: it opens nothing."""
        self._database = database
        self._sealer = sealer
        self._opened: dict[bytes, DataKey] = {}
        self._current: dict[str, DataKey] = {}

    async def current(self, account: str) -> DataKey:
        """The key that seals what the account gets from now on; makes the first one. Raises MasterKeyError."""
        found = await self.existing(account)
        while found is None:
            key, plain = new_data_key(account)
            sealed = self._known_sealer().seal(plain, _context(account, key.key_id))
            await self._database.execute(_ADD, (key.key_id, account, sealed))
            # Not the one that was made: another process may have been first.
            found = await self.existing(account)
        return found

    async def existing(self, account: str) -> DataKey | None:
        """The key that seals for the account; None where nothing was sealed for it yet. Raises MasterKeyError."""
        found = self._current.get(account)
        if found is None:
            row = await self._database.fetch_one(_CURRENT, (account,))
            if row is None:
                return None
            found = self._open(bytes(row[0]), account, bytes(row[1]))
            if len(self._current) >= _OPENED_MAX:
                self._current.clear()
            self._current[account] = found
        return found

    async def find(self, key_id: bytes) -> DataKey:
        """The key that sealed something. Raises MasterKeyError when it is gone, or its master key is."""
        found = self._opened.get(key_id)
        if found is None:
            row = await self._database.fetch_one(_FIND, (key_id,))
            if row is None:
                raise MasterKeyError(f"it was sealed by data key {key_id.hex()}, which the database does not have")
            found = self._open(key_id, row[0], bytes(row[1]))
        return found

    async def reseal(self, *, replaces_lost: bool) -> int:
        """Seals all of them by the first master key; how many were not. Raises MasterKeyError naming the account.

        With `replaces_lost` an account whose key does not open gets a new one with its next payload. What the lost one
        sealed stays, for the case that its master key is found.
        """
        count = 0
        for key_id, account, sealed, is_current in await self._database.fetch_all(_ALL):
            try:
                anew = self._known_sealer().reseal(bytes(sealed), _context(account, bytes(key_id)))
            except MasterKeyError as error:
                if is_current and not replaces_lost:
                    raise self._unopened(account, error) from error
                if is_current:
                    await self._database.execute(_RETIRE, (key_id,))
                    count += 1
                continue
            if anew is not None:
                await self._database.execute(_RESEAL, (anew, key_id, sealed))
                count += 1
        return count

    def _open(self, key_id: bytes, account: str, sealed: bytes) -> DataKey:
        try:
            plain = self._known_sealer().open(sealed, _context(account, key_id))
        except MasterKeyError as error:
            raise self._unopened(account, error) from error
        key = DataKey(account, key_id, plain)
        if len(self._opened) >= _OPENED_MAX:
            self._opened.clear()
        self._opened[key_id] = key
        return key

    def _unopened(self, account: str, error: MasterKeyError) -> MasterKeyError:
        master = error.facts.get("master_key_id")
        if master is None:
            return MasterKeyError(f"the key for payloads of account {account}: {error}")
        return MasterKeyError(
            f"payloads of account {account} are sealed by master key {master}, which this server does not know: put"
            f" that key into {self._known_sealer().where()}",
            facts=error.facts,
        )

    def _known_sealer(self) -> Sealer:
        if self._sealer is None:
            raise MasterKeyError("this process knows no master key")
        return self._sealer


def _context(account: str, key_id: bytes) -> bytes:
    return binding("data_keys", account, key_id.hex())
