"""Policies in the store, and how the processes of two data directories hear of a change."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict

from penstock.engine.domain import limits
from penstock.engine.domain.errors import AlreadyExists, Conflict
from penstock.engine.runtime.news.bulletin import Bulletin
from penstock.engine.runtime.settings.policies import Policies
from penstock.engine.storage.postgres.database import Database
from penstock.engine.storage.postgres.executions import Executions
from penstock.engine.storage.postgres.policies import PolicyRows
from penstock.wire.gen.policy_pb2 import Policy
from tests.configs.conftest import database, database_url  # noqa: F401 - fixtures
from tests.storage.samples import NOW_US

ADA = "ada"


def policy(name: str, flow: str = "pay*", **fields: Any) -> Policy:
    return ParseDict({"policyId": name, "flow": flow, "point": "BEFORE", "block": {}} | fields, Policy())


def driver(account: str, flow: str) -> Any:
    return SimpleNamespace(
        account=account, is_special=False, program=SimpleNamespace(artifact=SimpleNamespace(flow=flow))
    )


async def test_every_process_hears_of_every_change(database: Database, tmp_path: Path) -> None:  # noqa: F811
    rows, executions = PolicyRows(database), Executions(database)
    drivers = {"1": driver(ADA, "payout"), "2": driver(ADA, "hello"), "3": driver("bob", "payout")}
    here = Policies(rows, executions, Bulletin(tmp_path / "here"), {})
    there = Policies(rows, executions, Bulletin(tmp_path / "there"), drivers)
    await here.look()
    await there.look()
    assert (here.accounts, there.accounts) == ({}, {})
    await rows.create(ADA, policy("bar"), NOW_US)
    await here.changed()
    assert here.rules(ADA, "payout", "charge") is not None
    assert there.rules(ADA, "payout", "charge") is None
    await there.look()
    found = there.rules(ADA, "payout", "charge")
    assert found is not None
    assert [rule.policy.policy_id for rule in found.before] == ["bar"]
    assert there.rules(ADA, "hello", "charge") is None
    assert there.rules("bob", "payout", "charge") is None
    assert [each.is_special for each in drivers.values()] == [True, False, False]
    assert await rows.delete(ADA, "bar")
    await there.look()
    assert there.accounts == {}


async def test_a_process_of_the_same_data_directory_hears_at_once(
    database: Database,  # noqa: F811
    tmp_path: Path,
) -> None:
    rows, executions = PolicyRows(database), Executions(database)
    one, other = (Policies(rows, executions, Bulletin(tmp_path / "names"), {}) for _ in range(2))
    await one.look()
    await other.look()
    await rows.create(ADA, policy("bar"), NOW_US)
    await other.catch_up()
    assert other.accounts == {}  # Nobody has said that there is something new.
    await one.changed()
    await other.catch_up()
    assert other.rules(ADA, "pay", "any") is not None


async def test_policies_and_their_versions_have_a_limit(
    database: Database,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "POLICIES_MAX", 2)
    monkeypatch.setattr(limits, "POLICY_VERSIONS_MAX", 2)
    rows = PolicyRows(database)
    for name in ("a", "b"):
        await rows.create(ADA, policy(name), NOW_US)
    with pytest.raises(AlreadyExists):
        await rows.create(ADA, policy("a"), NOW_US)
    with pytest.raises(Conflict, match="the account has 2 policies already"):
        await rows.create(ADA, policy("c"), NOW_US)
    await rows.create("bob", policy("c"), NOW_US)
    for _ in range(2):
        await rows.change(ADA, "a", lambda current: current, NOW_US)
    assert [each.version for each in await rows.versions(ADA, "a", 0, 9)] == [3, 2]
    assert await rows.version(ADA, "a", 1) is None
    assert await rows.delete(ADA, "a")
    assert not await rows.delete(ADA, "a")
    assert (await rows.create(ADA, policy("a"), NOW_US)).version == 4
    assert [each.policy_id for each in await rows.policies(ADA)] == ["a", "b"]
