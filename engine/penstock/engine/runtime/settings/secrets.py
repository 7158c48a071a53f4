"""The secrets of accounts: put away sealed, and opened for the nodes that declare them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from penstock.engine.domain.failure import FailureClass, FailureKind
from penstock.engine.nodes.authoring import NodeError
from penstock.engine.runtime.clock import Clock
from penstock.engine.runtime.news.bulletin import Bulletin
from penstock.engine.runtime.programs.recent import Recent
from penstock.engine.storage.master_keys import MasterKeyError
from penstock.engine.storage.postgres.secrets import SecretRow, SecretRows
from penstock.engine.storage.sealing import Sealer, binding


class SecretMissing(NodeError):
    """A node declares a secret that the account does not have."""

    code = "SECRET_MISSING"


class SecretUnreadable(NodeError):
    """A secret is there, but no master key of this server opens it."""

    kind = FailureKind.SYSTEM
    failure_class = FailureClass.INFRASTRUCTURE
    code = "SECRET_UNREADABLE"


class Secrets:
    """What is opened holds for a moment, so that attempts that follow each other do not ask for it again."""

    def __init__(self, rows: SecretRows, sealer: Sealer, bulletin: Bulletin, clock: Clock) -> None:
        self._rows = rows
        self._sealer = sealer
        self._bulletin = bulletin
        self._clock = clock
        self._opened: Recent[tuple[str, tuple[str, ...]], Mapping[str, str]] = Recent(bulletin.mark)

    async def values(self, account: str, names: Sequence[str]) -> Mapping[str, str]:
        """Name -> value of all `names`. Shared by attempts: nobody may change it.

        Raises SecretMissing, SecretUnreadable: the attempt has failed.
        """
        if not names:
            return {}
        key = (account, tuple(names))
        opened = self._opened.get(key)
        if opened is None:
            mark = self._bulletin.mark()
            opened = self._open_all(account, names, await self._rows.sealed(account, names))
            self._opened.keep(key, opened, mark)
        return opened

    async def put(self, account: str, name: str, value: str, key_id: str) -> SecretRow:
        """Raises MasterKeyError when there is no key to seal it by, Conflict for one secret too many."""
        sealed = self._sealer.seal(value.encode(), _context(account, name))
        row = await self._rows.put(account, name, sealed, key_id, self._clock.now_us())
        self._bulletin.change()
        return row

    async def delete(self, account: str, name: str) -> bool:
        """Whether there was one."""
        is_gone = await self._rows.delete(account, name)
        self._bulletin.change()
        return is_gone

    def _open_all(self, account: str, names: Sequence[str], sealed: Mapping[str, bytes]) -> Mapping[str, str]:
        missing = [name for name in names if name not in sealed]
        if missing:
            one = len(missing) == 1
            raise SecretMissing(
                f"the account has no {'secret' if one else 'secrets'} {', '.join(missing)}:"
                f" `penstock secrets set {missing[0]}` puts {'it' if one else 'the first of them'} there"
            )
        try:
            return {name: self._sealer.open(sealed[name], _context(account, name)).decode() for name in names}
        except MasterKeyError as error:
            raise SecretUnreadable(f"a secret among {', '.join(names)} cannot be opened: {error}") from error


async def reseal_all(rows: SecretRows, sealer: Sealer) -> int:
    """Seals the data keys of every account's secrets by the first master key; how many were under another one.

    Raises MasterKeyError naming the secret that does not open; those before stay sealed anew.
    """

    def reseal(account: str, name: str, sealed: bytes) -> bytes | None:
        try:
            return sealer.reseal(sealed, _context(account, name))
        except MasterKeyError as error:
            raise MasterKeyError(f"secret {name} of account {account}: {error}", facts=error.facts) from error

    return await rows.reseal(reseal)


def _context(account: str, name: str) -> bytes:
    return binding("secrets", account, name)
