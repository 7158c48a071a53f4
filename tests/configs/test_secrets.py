"""Secrets: sealed in the store, opened for those who declare them, never given back."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from penstock.engine.domain import limits
from penstock.engine.domain.errors import Conflict, InvalidArgument, NotFound
from penstock.engine.domain.failure import FailureClass, FailureKind
from penstock.engine.rpc.messages import timestamp
from penstock.engine.rpc.settings.secret_service import SecretService
from penstock.engine.runtime.news.bulletin import Bulletin
from penstock.engine.runtime.settings.secrets import SecretMissing, Secrets, SecretUnreadable, reseal_all
from penstock.engine.storage.master_keys import MasterKeyError, MasterKeys
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.secrets import SecretRows
from penstock.engine.storage.sealing import Sealer
from penstock.wire.gen import secret_service_pb2 as pb
from penstock.wire.gen.secret_pb2 import Secret
from tests.configs.conftest import ADA, BOB, ManualClock
from tests.storage.samples import NOW_US

FIRST, SECOND = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))


@pytest.fixture
def service(database: Database, secrets: Secrets) -> SecretService:
    return SecretService(SecretRows(database), secrets)


async def put(service: SecretService, name: str, value: str, caller: object = ADA) -> Secret:
    return await service.put_secret(pb.PutSecretRequest(name=name, value=value), caller)  # type: ignore[arg-type]


async def names(service: SecretService) -> list[str]:
    return [secret.name for secret in (await service.list_secrets(pb.ListSecretsRequest(), ADA)).secrets]


async def test_value_is_given_to_who_declares_it(service: SecretService, secrets: Secrets) -> None:
    await put(service, "stripe_key", "sk_live_1")
    await put(service, "token", "tök\nen")
    assert await secrets.values(ADA.account, ["stripe_key", "token"]) == {"stripe_key": "sk_live_1", "token": "tök\nen"}
    assert await secrets.values(ADA.account, ["token"]) == {"token": "tök\nen"}
    assert await secrets.values(ADA.account, []) == {}


async def test_store_holds_no_value(service: SecretService, database: Database) -> None:
    await put(service, "stripe_key", "sk_live_1")
    rows = await database.fetch_all("select row_to_json(s)::text, encode(sealed, 'escape') from secrets s")
    assert len(rows) == 1
    assert "sk_live_1" not in "".join(rows[0])
    assert b"sk_live_1".hex() not in "".join(rows[0])


async def test_answers_hold_no_value(service: SecretService, clock: ManualClock) -> None:
    await put(service, "stripe_key", "sk_live_1")
    clock.time_us += 1_000_000
    expected = Secret(
        name="stripe_key",
        create_time=timestamp(NOW_US),
        update_time=timestamp(NOW_US + 1_000_000),
        key_id=ADA.key_id,
    )
    assert await put(service, "stripe_key", "sk_live_2") == expected
    assert list((await service.list_secrets(pb.ListSecretsRequest(), ADA)).secrets) == [expected]


async def test_new_value_holds_at_once(service: SecretService, secrets: Secrets) -> None:
    await put(service, "stripe_key", "sk_live_1")
    assert await secrets.values(ADA.account, ["stripe_key"]) == {"stripe_key": "sk_live_1"}
    await put(service, "stripe_key", "sk_live_2")
    assert await secrets.values(ADA.account, ["stripe_key"]) == {"stripe_key": "sk_live_2"}
    await service.delete_secret(pb.DeleteSecretRequest(name="stripe_key"), ADA)
    with pytest.raises(SecretMissing):
        await secrets.values(ADA.account, ["stripe_key"])


async def test_missing_secret_is_a_failure_that_says_what_to_do(service: SecretService, secrets: Secrets) -> None:
    await put(service, "token", "s3cret")
    await put(service, "stripe_key", "of Bob", BOB)
    with pytest.raises(SecretMissing) as raised:
        await secrets.values(ADA.account, ["stripe_key", "token"])
    error = raised.value
    assert str(error) == "the account has no secret stripe_key: `penstock secrets set stripe_key` puts it there"
    assert (error.code, error.kind, error.failure_class, error.retryable) == (
        "SECRET_MISSING",
        FailureKind.USER,
        FailureClass.LOGIC,
        False,
    )


async def test_value_that_no_key_opens_is_a_failure(
    database: Database, bulletin: Bulletin, clock: ManualClock, tmp_path: Path
) -> None:
    def with_keys(text: str) -> Secrets:
        return Secrets(SecretRows(database), Sealer(MasterKeys(tmp_path, text)), bulletin, clock)

    await with_keys(FIRST).put(ADA.account, "stripe_key", "sk_live_1", "")
    with pytest.raises(SecretUnreadable) as raised:
        await with_keys(SECOND).values(ADA.account, ["stripe_key"])
    assert "which this server does not know: put that key into PENSTOCK_MASTER_KEY" in str(raised.value)
    assert (raised.value.code, raised.value.kind) == ("SECRET_UNREADABLE", FailureKind.SYSTEM)


async def test_row_that_was_moved_to_another_account_does_not_open(
    service: SecretService, secrets: Secrets, database: Database
) -> None:
    await put(service, "stripe_key", "sk_live_1")
    await database.execute("update secrets set account = %s", (BOB.account,))
    with pytest.raises(SecretUnreadable, match="sealed for another account or name"):
        await secrets.values(BOB.account, ["stripe_key"])


async def test_rotation_seals_every_account_by_the_first_key(
    database: Database, bulletin: Bulletin, clock: ManualClock, tmp_path: Path
) -> None:
    rows = SecretRows(database)
    old, both, new = (Sealer(MasterKeys(tmp_path, text)) for text in (FIRST, f"{SECOND},{FIRST}", SECOND))
    for account in (ADA.account, BOB.account):
        for name in ("one", "two"):
            await Secrets(rows, old, bulletin, clock).put(account, name, f"{account} {name}", "")
    assert await reseal_all(rows, both) == 4
    assert await reseal_all(rows, both) == 0
    expected = {"one": "ada one", "two": "ada two"}
    assert await Secrets(rows, new, bulletin, clock).values(ADA.account, ["one", "two"]) == expected


async def test_rotation_without_the_old_key_says_which_secret(
    database: Database, bulletin: Bulletin, clock: ManualClock, tmp_path: Path
) -> None:
    rows = SecretRows(database)
    await Secrets(rows, Sealer(MasterKeys(tmp_path, FIRST)), bulletin, clock).put(ADA.account, "one", "s3cret", "")
    with pytest.raises(MasterKeyError, match=r"^secret one of account ada: it was sealed by master key"):
        await reseal_all(rows, Sealer(MasterKeys(tmp_path, SECOND)))


async def test_value_that_came_during_a_rotation_stays(database: Database, secrets: Secrets, sealer: Sealer) -> None:
    rows = SecretRows(database)
    await secrets.put(ADA.account, "one", "before", "")
    old = (await rows.sealed(ADA.account, ["one"]))["one"]
    await secrets.put(ADA.account, "one", "after", "")
    newer = (await rows.sealed(ADA.account, ["one"]))["one"]

    async def stale_lot(*_: object) -> list[tuple[str, str, bytes]]:
        return lots.pop()

    lots = [[], [(ADA.account, "one", old)]]
    database_fetch_all, database.fetch_all = database.fetch_all, stale_lot  # type: ignore[method-assign, assignment]
    assert await rows.reseal(lambda *_: b"resealed") == 0
    database.fetch_all = database_fetch_all  # type: ignore[method-assign]
    assert (await rows.sealed(ADA.account, ["one"]))["one"] == newer


@pytest.mark.parametrize(
    ("name", "value", "field", "problem"),
    [
        ("", "s3cret", "name", "expected a name such as stripe_key"),
        ("Stripe", "s3cret", "name", "got 'Stripe'"),
        ("a-b", "s3cret", "name", "got 'a-b'"),
        ("pin", "", "value", "expected at least 4 characters, got 0"),
        ("pin", "123", "value", "expected at least 4 characters, got 3"),
        ("big", "ö" * 8_193, "value", "expected at most 16,384 bytes, got 16,386"),
    ],
)
async def test_wrong_secret_is_refused_without_showing_it(
    service: SecretService, name: str, value: str, field: str, problem: str
) -> None:
    with pytest.raises(InvalidArgument) as raised:
        await put(service, name, value)
    assert raised.value.field == field
    assert problem in str(raised.value)
    assert not value or value not in str(raised.value)
    assert await names(service) == []


async def test_largest_value_is_kept(service: SecretService, secrets: Secrets) -> None:
    await put(service, "big", "ö" * 8_192)
    assert await secrets.values(ADA.account, ["big"]) == {"big": "ö" * 8_192}


async def test_list_is_by_name_and_in_pages(service: SecretService) -> None:
    for name in ("c", "a", "b"):
        await put(service, name, "s3cret")
    first = await service.list_secrets(pb.ListSecretsRequest(page_size=2), ADA)
    rest = await service.list_secrets(pb.ListSecretsRequest(page_token=first.next_page_token), ADA)
    assert [[secret.name for secret in page.secrets] for page in (first, rest)] == [["a", "b"], ["c"]]
    assert rest.next_page_token == ""
    assert list((await service.list_secrets(pb.ListSecretsRequest(), BOB)).secrets) == []


async def test_missing_secret_cannot_be_deleted(service: SecretService) -> None:
    with pytest.raises(NotFound, match="there is no secret stripe_key"):
        await service.delete_secret(pb.DeleteSecretRequest(name="stripe_key"), ADA)


async def test_account_has_so_many_at_most(service: SecretService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SECRETS_MAX", 2)
    for name in ("a", "b", "a"):
        await put(service, name, "s3cret")
    with pytest.raises(Conflict, match="the account has 2 secrets already"):
        await put(service, "c", "s3cret")
