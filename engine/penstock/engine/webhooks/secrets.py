"""The secrets that the webhooks of an account are signed with, made when they are first needed."""

from __future__ import annotations

import secrets

from penstock.engine.runtime.clock import Clock
from penstock.engine.storage.postgres.webhook_secrets import SecretRow, WebhookSecrets
from penstock.engine.webhooks import limits
from penstock.engine.webhooks.signing import SECRET_BYTES


class SigningSecrets:
    """Gives them and rotates them."""

    def __init__(self, stored: WebhookSecrets, clock: Clock) -> None:
        self._stored = stored
        self._clock = clock

    async def valid(self, account: str) -> list[SecretRow]:
        """Those that sign now, newest first; at least one. Raises MasterKeyError."""
        now_us = self._clock.now_us()
        found = await self._stored.valid(account, now_us)
        if not found:
            await self._stored.add_first(account, _new(), now_us)
            found = await self._stored.valid(account, now_us)
        return found

    async def rotate(self, account: str, *, at_once: bool) -> list[SecretRow]:
        """Makes a new one, and gives those that sign now. `at_once`: it alone. Raises Conflict and MasterKeyError."""
        now_us = self._clock.now_us()
        until_us = now_us if at_once else now_us + limits.OLD_SECRET_LIFE_S * 1_000_000
        await self._stored.rotate(account, _new(), now_us, until_us)
        return await self._stored.valid(account, now_us)


def _new() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)
