"""API keys: made, and found out from what a caller shows.

A key is psk_<id>_<secret>.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Collection, Coroutine, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from penstock.engine.domain.errors import PenstockError, Unauthenticated
from penstock.engine.runtime.clock import Clock
from penstock.engine.runtime.programs.recent import Recent
from penstock.engine.runtime.settings.rates import Meter, Meters
from penstock.engine.storage.key_hashes import KeyHasher
from penstock.engine.storage.master_keys import MasterKeyError
from penstock.engine.storage.postgres.keys import KeyRow, KeyRows, Proof
from penstock.wire.scopes import ADMIN, Grants
from penstock.wire.service import Caller

log = logging.getLogger(__name__)

_PREFIX = "psk"
_LIFE_S = 5.0
"""How long a key that was good is not looked up again: for when nobody heard that it changed."""
_USE_EVERY_US = 60_000_000
"""How exact the time of the last use is."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A key that is good. `until_us` is when its secret is no longer, None for never.

    `meter` None: it makes as many calls as it likes.
    """

    caller: Caller
    until_us: int | None
    meter: Meter | None


class Keys:
    """Finds out who calls: a dict look-up while nothing changes."""

    def __init__(
        self,
        rows: KeyRows,
        hasher: KeyHasher,
        clock: Clock,
        mark: Callable[[], bytes],
        changed: Callable[[], None],
        meters: Meters | None = None,
    ) -> None:
        """`mark` differs when a key may have changed. `changed` tells every process that one has. `meters` None: calls
        are not counted."""
        self._rows = rows
        self._hasher = hasher
        self._clock = clock
        self.mark = mark
        self._changed = changed
        self._meters = meters
        self._known: Recent[str, _Known] = Recent(mark, life_s=_LIFE_S)
        self._noting: set[asyncio.Task[None]] = set()

    async def create(
        self,
        account: str,
        name: str,
        scopes: Sequence[str] = (ADMIN,),
        *,
        expire_us: int | None = None,
        created_by: str = "",
    ) -> str:
        """A new key: the only time that its secret is seen."""
        return (await self.make(account, name, scopes, expire_us=expire_us, created_by=created_by))[1]

    async def make(
        self, account: str, name: str, scopes: Sequence[str], *, expire_us: int | None, created_by: str
    ) -> tuple[KeyRow, str]:
        """What is kept of a new key, and the key. Raises Conflict, MasterKeyError."""
        key_id, secret = secrets.token_hex(6), _new_secret()
        row = KeyRow(
            key_id,
            account,
            name,
            tuple(dict.fromkeys(scopes)),
            created_by,
            self._clock.now_us(),
            expire_us,
            use_us=None,
            rotate_us=None,
            old_expire_us=None,
            revoke_us=None,
        )
        row = await self._rows.put(row, self._hasher.make(key_id, secret))
        return row, _text(key_id, secret)

    async def rotate(self, row: KeyRow, overlap_us: int) -> tuple[KeyRow, str]:
        """The key with another secret. Raises Conflict when it is revoked, MasterKeyError."""
        secret, now_us = _new_secret(), self._clock.now_us()
        row = await self._rows.rotate(row, self._hasher.make(row.key_id, secret), now_us, now_us + overlap_us)
        self._changed()
        return row, _text(row.key_id, secret)

    async def update(self, row: KeyRow) -> KeyRow:
        """Raises Conflict when it is revoked."""
        row = await self._rows.update(replace(row, scopes=tuple(dict.fromkeys(row.scopes))))
        self._changed()
        return row

    async def revoke(self, account: str, key_id: str) -> KeyRow:
        """Raises NotFound."""
        row = await self._rows.revoke(account, key_id, self._clock.now_us())
        self._changed()
        return row

    async def is_known(self, key: str) -> bool:
        try:
            await self.authenticate(key)
        except Unauthenticated:
            return False
        return True

    async def authenticate(self, key: str | None) -> Caller:
        """Raises Unauthenticated for no key and for one that is bad, expired or revoked, without a difference;
        Overloaded for a call too many."""
        text = key or ""
        known = self._known.get(text)
        if known is None:
            known = await self._known.read(text, partial(self._look_up, text))
        if known.until_us is not None and self._clock.now_us() >= known.until_us:
            raise Unauthenticated("unauthorized")
        if known.meter is not None:
            known.meter.take()
        return known.caller

    def knows(self, key: str | None) -> bool:
        """Whether a key was good a moment ago."""
        return key is not None and self._known.get(key) is not None

    async def prove(self, key: str | None) -> None:
        """Like `authenticate`, of a call that has not begun. Raises Unauthenticated."""
        if not self.knows(key):
            text = key or ""
            await self._known.read(text, partial(self._look_up, text))

    async def caller(self, account: str, key_id: str, key_name: str) -> Caller:
        """Whoever has that key, as far as it goes now. Raises Unauthenticated when it is no longer good."""
        proof = await self._rows.proof(key_id)
        if proof is None or proof.row.account != account or not proof.row.is_good(self._clock.now_us()):
            raise Unauthenticated(f"the key {key_name or key_id} is not good any more")
        row = proof.row
        return Caller(account, key_id, key_name=row.name, grants=Grants(row.scopes), expire_us=row.expire_us)

    async def check(self, caller: Caller) -> None:
        """Raises Unauthenticated when the key of a caller is no longer good. Callers without one are."""
        proof = await self._rows.proof(caller.key_id)
        if proof is not None and not proof.row.is_good(self._clock.now_us()):
            raise Unauthenticated("unauthorized")

    async def ends(self, key_ids: Collection[str]) -> dict[str, int | None]:
        """When each of those keys ends or has ended, None: never. Those of nobody are left out."""
        return await self._rows.ends(key_ids)

    async def _look_up(self, key: str) -> _Known:
        prefix, _, rest = key.partition("_")
        key_id, _, secret = rest.partition("_")
        is_one = prefix == _PREFIX and bool(key_id) and "\0" not in key_id
        proof = await self._rows.proof(key_id) if is_one else None
        until_us = self._proven(key_id, secret, proof)
        assert proof is not None
        row, now_us = proof.row, self._clock.now_us()
        if until_us is not None and now_us >= until_us:
            raise Unauthenticated("unauthorized")
        if row.use_us is None or row.use_us < now_us - _USE_EVERY_US:
            self._in_background(self._rows.use(key_id, now_us, now_us - _USE_EVERY_US))
        caller = Caller(row.account, key_id, key_name=row.name, grants=Grants(row.scopes), expire_us=row.expire_us)
        meter = None if self._meters is None else self._meters.of(key_id, proof.rate)
        return _Known(caller, until_us, meter)

    def _proven(self, key_id: str, secret: str, proof: Proof | None) -> int | None:
        """Until when that secret of the key is good, None for ever. Raises Unauthenticated."""
        try:
            is_current = self._hasher.matches(key_id, secret, None if proof is None else proof.current)
            old = None if proof is None or is_current else proof.old
            is_old = old is not None and self._hasher.matches(key_id, secret, old)
            if proof is not None and is_current and self._hasher.is_to_be_renewed(proof.current):
                self._in_background(self._rows.rehash(key_id, proof.current, self._hasher.make(key_id, secret)))
        except MasterKeyError as error:
            log.warning(str(error), extra={"action": "key_not_verified", "key": key_id, **error.facts})
            raise Unauthenticated("unauthorized") from None
        if proof is None or not (is_current or is_old) or proof.row.revoke_us is not None:
            raise Unauthenticated("unauthorized")
        ends = [proof.row.expire_us, None if is_current else proof.row.old_expire_us or 0]
        return min((end for end in ends if end is not None), default=None)

    def _in_background(self, writing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(_quietly(writing))
        self._noting.add(task)
        task.add_done_callback(self._noting.discard)


async def _quietly(writing: Coroutine[Any, Any, None]) -> None:
    """What is written about the use of a key must not keep the key from being used."""
    try:
        await writing
    except PenstockError as error:
        log.debug("the use of a key is not noted", extra={"action": "key_use_lost", "error": str(error)})


def _new_secret() -> str:
    return secrets.token_hex(32)


def _text(key_id: str, secret: str) -> str:
    return f"{_PREFIX}_{key_id}_{secret}"
