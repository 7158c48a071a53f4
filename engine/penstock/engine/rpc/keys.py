"""API keys: made, hashed, checked.

A key is psk_<id>_<secret>. The secret has 256 random bits, so one round of SHA-256 is enough: there is
nothing to guess that a slow hash would protect.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from time import monotonic

from penstock.engine.domain.errors import Unauthenticated
from penstock.engine.storage.postgres.registry import Registry
from penstock.wire.service import Caller

_PREFIX = "psk"
_LIFE_S = 5.0
"""How long a key that was good is not looked up again: a revoked key dies at most this much later."""
_KEPT_MAX = 10_000


class Keys:
    """Finds out who calls."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._known: dict[str, tuple[Caller, float]] = {}

    async def create(self, account: str, name: str) -> str:
        """A new key: the only time that its secret is seen."""
        key_id, secret = secrets.token_hex(6), secrets.token_hex(32)
        await self._registry.put_key(key_id, account, name, _hash(secret))
        return f"{_PREFIX}_{key_id}_{secret}"

    async def is_known(self, key: str) -> bool:
        try:
            await self.authenticate(key)
        except Unauthenticated:
            return False
        return True

    async def authenticate(self, key: str | None) -> Caller:
        """Raises Unauthenticated for no key and for a bad one, without a difference."""
        known = self._known.get(key or "")
        if known is not None and monotonic() < known[1]:
            return known[0]
        caller = await self._look_up(key or "")
        if len(self._known) >= _KEPT_MAX:
            self._known.clear()
        self._known[key or ""] = (caller, monotonic() + _LIFE_S)
        return caller

    async def _look_up(self, key: str) -> Caller:
        prefix, _, rest = key.partition("_")
        key_id, _, secret = rest.partition("_")
        found = await self._registry.key(key_id) if prefix == _PREFIX and key_id and "\0" not in key_id else None
        if found is None or not hmac.compare_digest(found[1], _hash(secret)):
            self._known.pop(key, None)
            raise Unauthenticated("unauthorized")
        return Caller(found[0], key_id, key_name=found[2])


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).digest()
