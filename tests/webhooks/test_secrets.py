"""What webhooks are signed with: made once, rotated, sealed."""

from __future__ import annotations

import asyncio
import base64
import os
from pathlib import Path

import pytest

from penstock.engine.domain.errors import Conflict
from penstock.engine.storage.master_keys import MasterKeyError, MasterKeys
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.webhook_secrets import OLD_MAX, WebhookSecrets
from penstock.engine.storage.sealing import Sealer
from penstock.engine.webhooks import limits
from penstock.engine.webhooks.secrets import SigningSecrets
from tests.webhooks.desk import ACCOUNT

START_US = 1_700_000_000_000_000


class ManualClock:
    def __init__(self) -> None:
        self.us = START_US

    def now_us(self) -> int:
        return self.us


async def test_a_secret_is_made_once_however_many_need_it_first(database: Database, sealer: Sealer) -> None:
    secrets = SigningSecrets(WebhookSecrets(database, sealer), ManualClock())
    found = await asyncio.gather(*(secrets.valid(ACCOUNT) for _ in range(6)))
    assert len({rows[0].secret for rows in found}) == 1
    [row] = found[0]
    assert (len(row.secret), row.create_us, row.expire_us) == (32, START_US, None)
    assert (await secrets.valid("bob"))[0].secret != row.secret


async def test_an_old_secret_signs_for_a_day_and_each_one_for_its_own(database: Database, sealer: Sealer) -> None:
    clock = ManualClock()
    secrets = SigningSecrets(WebhookSecrets(database, sealer), clock)
    [first] = [row.secret for row in await secrets.valid(ACCOUNT)]
    clock.us += 1
    second = (await secrets.rotate(ACCOUNT, at_once=False))[0].secret
    clock.us += 1
    rows = await secrets.rotate(ACCOUNT, at_once=False)
    third = rows[0].secret
    assert [row.secret for row in rows] == [third, second, first]
    day_us = limits.OLD_SECRET_LIFE_S * 1_000_000
    assert [row.expire_us for row in rows] == [None, START_US + 2 + day_us, START_US + 1 + day_us]
    clock.us = START_US + 1 + day_us
    assert [row.secret for row in await secrets.valid(ACCOUNT)] == [third, second]
    clock.us += 1
    assert [row.secret for row in await secrets.valid(ACCOUNT)] == [third]
    await secrets.rotate(ACCOUNT, at_once=False)
    # Those that ended are gone.
    assert await database.fetch_one("select count(*) from webhook_secrets") == (2,)


async def test_a_secret_that_others_know_is_ended_at_once(database: Database, sealer: Sealer) -> None:
    secrets = SigningSecrets(WebhookSecrets(database, sealer), ManualClock())
    for _ in range(OLD_MAX):
        await secrets.rotate(ACCOUNT, at_once=False)
    [only] = await secrets.rotate(ACCOUNT, at_once=True)
    assert only.expire_us is None
    assert [row.secret for row in await secrets.valid(ACCOUNT)] == [only.secret]


async def test_only_so_many_sign_at_once(database: Database, sealer: Sealer) -> None:
    secrets = SigningSecrets(WebhookSecrets(database, sealer), ManualClock())
    await secrets.valid(ACCOUNT)
    for _ in range(OLD_MAX):
        await secrets.rotate(ACCOUNT, at_once=False)
    with pytest.raises(Conflict) as raised:
        await secrets.rotate(ACCOUNT, at_once=False)
    assert raised.value.reason == "TOO_MANY_SECRETS"
    assert len(await secrets.valid(ACCOUNT)) == OLD_MAX + 1


async def test_rotations_at_once_take_turns(database: Database, sealer: Sealer) -> None:
    secrets = SigningSecrets(WebhookSecrets(database, sealer), ManualClock())
    await asyncio.gather(*(secrets.rotate(ACCOUNT, at_once=False) for _ in range(OLD_MAX)))
    assert [row.expire_us is None for row in await secrets.valid(ACCOUNT)] == [True, False, False, False]


async def test_secrets_are_sealed_in_the_database_and_resealed_by_a_new_master_key(
    database: Database, tmp_path: Path
) -> None:
    old_key, new_key = (base64.b64encode(os.urandom(32)).decode() for _ in range(2))
    clock = ManualClock()

    def stored(keys: str) -> WebhookSecrets:
        return WebhookSecrets(database, Sealer(MasterKeys(tmp_path, keys)))

    before = await SigningSecrets(stored(old_key), clock).valid(ACCOUNT)
    row = await database.fetch_one("select secret from webhook_secrets")
    assert row is not None and before[0].secret not in bytes(row[0])
    with pytest.raises(MasterKeyError):
        await stored(new_key).valid(ACCOUNT, clock.us)
    both = stored(f"{new_key},{old_key}")
    assert [await both.reseal(), await both.reseal()] == [1, 0]
    assert await stored(new_key).valid(ACCOUNT, clock.us) == before


async def test_a_secret_does_not_open_for_another_account(database: Database, sealer: Sealer) -> None:
    secrets = SigningSecrets(WebhookSecrets(database, sealer), ManualClock())
    await secrets.valid(ACCOUNT)
    await database.execute("update webhook_secrets set account = 'bob'")
    with pytest.raises(MasterKeyError):
        await secrets.valid("bob")
