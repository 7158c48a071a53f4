"""How far an operation goes: as far as its key, and until somebody stops it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Event
from typing import Any

import pytest

from penstock.engine.runtime.upkeep import bulk as upkeep
from penstock.engine.storage.postgres.bulk import Bulk
from tests.durable.stage import until
from tests.harness import open_folder
from tests.keys.ward import WORD, Ward

OPERATIONS = "/bulk/v1/operations"
EXECUTIONS = "/invocations/v1/executions"
LOT = 4
"""Executions between two notes of how far an operation is, in place of more: each has to be made."""
_NUMBERS = count()


@pytest.fixture(scope="module")
def ward() -> Iterator[Ward]:
    folder = open_folder()
    made = Ward(folder / "data")
    made.publish()
    yield made
    made.stop()
    shutil.rmtree(folder)


class Round:
    """Executions of one test, found by their label."""

    def __init__(self, ward: Ward) -> None:
        self._ward = ward
        self._name = f"round{next(_NUMBERS)}"
        self.filter = f"labels.room = {self._name}"

    def run(self, flow: str, count: int = 1) -> list[str]:
        labels = {"room": self._name}
        return [self._ward.invoke(flow, labels=labels)["execution_id"] for _ in range(count)]

    def status(self) -> dict[str, str]:
        page = self._ward.http("GET", f"{EXECUTIONS}?page_size=1000&filter={self.filter.replace(' ', '%20')}")
        return {each["execution_id"]: each["status"] for each in page.json["executions"]}

    def made(self) -> list[str]:
        """What executions were made from."""
        page = self._ward.http("GET", f"{EXECUTIONS}?page_size=1000&filter={self.filter.replace(' ', '%20')}")
        found = [each.get("source_execution_id", "") for each in page.json["executions"]]
        return sorted(filter(None, found))


@pytest.fixture
def around(ward: Ward) -> Round:
    return Round(ward)


class Held:
    """Holds every act of the server until it is let go."""

    def __init__(self, ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
        self._ward = ward
        self.begun = Event()
        self._go = ward.run(self._new())
        runner = ward.engine.face.bulk
        act = runner._act

        async def held(bulk: Bulk, execution_id: str, is_repeat: bool) -> Any:
            self.begun.set()
            await self._go.wait()
            return await act(bulk, execution_id, is_repeat)

        monkeypatch.setattr(runner, "_act", held)
        monkeypatch.setattr(upkeep, "LOT", LOT)

    async def _new(self) -> asyncio.Event:
        return asyncio.Event()

    def let_go(self) -> None:
        async def go() -> None:
            self._go.set()

        self._ward.run(go())


@pytest.fixture
def held(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    held = Held(ward, monkeypatch)
    yield held
    held.let_go()


def create(ward: Ward, key: str = "", **request: Any) -> Any:
    answer = ward.http("POST", OPERATIONS, request, key=key)
    assert answer.status == 200, answer.body
    return answer.json


def get(ward: Ward, operation: Any, key: str = "") -> Any:
    return ward.http("GET", f"{OPERATIONS}/{operation['operation_id']}", key=key).json


def ended(ward: Ward, operation: Any, key: str = "") -> Any:
    until(lambda: "complete_time" in get(ward, operation, key))
    return get(ward, operation, key)


def counts(operation: Any) -> tuple[int, ...]:
    return tuple(operation[name] for name in ("matched", "done", "skipped", "failed"))


def missing(ward: Ward, key: str, **request: Any) -> str:
    """The scope that a key lacks for an operation."""
    answer = ward.http("POST", OPERATIONS, request, key=key)
    assert (answer.status, answer.json["reason"]) == (403, "SCOPE_MISSING")
    return str(answer.json["details"]["scope"])


# Stopped.


def test_operation_that_is_stopped_ends_after_its_lot_and_says_so(ward: Ward, around: Round, held: Held) -> None:
    sources = around.run("hello", LOT + 6)
    operation = create(ward, verb="RELAUNCH", filter=around.filter)
    assert held.begun.wait(20)
    assert get(ward, operation)["state"] == "RUNNING"
    rows = ward.engine.face.bulk._rows
    path = f"{OPERATIONS}/{operation['operation_id']}:cancel"
    with ThreadPoolExecutor(1) as thread:
        stopping = thread.submit(ward.http, "POST", path, {})
        until(lambda: ward.run(rows.is_stopped(operation["operation_id"])))
        held.let_go()
        end = stopping.result().json
    assert (end["state"], end["error"], counts(end)) == ("CANCELLED", "", (LOT + 6, LOT, 0, 0))
    assert around.made() == sorted(sources)[:LOT]
    again = ward.http("POST", path, {})
    assert (again.status, again.json["error"]) == (409, "the bulk operation has ended: it is CANCELLED")


def test_operation_whose_key_is_revoked_goes_no_further(ward: Ward, around: Round, held: Held) -> None:
    around.run("hello", LOT + 1)
    key = ward.key("executions:write", "payloads:read")
    operation = create(ward, key, verb="RELAUNCH", filter=around.filter)
    assert held.begun.wait(20)
    revoked = ward.http("POST", f"/keys/v1/keys/{key.split('_')[1]}:revoke", {})
    assert revoked.status == 200, revoked.body
    held.let_go()
    end = ended(ward, operation)
    assert (end["state"], end["error"]) == ("FAILED", "the key tests is not good any more")
    assert counts(end) == (LOT + 1, 0, 0, LOT)
    assert around.made() == []


# Keys that are about some flows alone.


def test_filter_of_a_narrow_key_reaches_its_flows_alone(ward: Ward, around: Round) -> None:
    hello, rent = around.run("hello", 2), around.run("pay_rent", 2)
    key = ward.key("executions:write:pay*")
    for text in (around.filter, f"({around.filter} OR flow = hello)", f"{around.filter} AND NOT flow = nobody"):
        dry = create(ward, key, verb="RELAUNCH", filter=text, dry_run=True)
        assert dry["matched"] == 2, text
        assert sorted(each["execution_id"] for each in dry["sample"]) == sorted(rent)
    hidden = create(ward, key, verb="RELAUNCH", filter=f"{around.filter} AND flow = hello", dry_run=True)
    assert (hidden["matched"], hidden["sample"]) == (0, [])
    operation = create(ward, key, verb="RELAUNCH", filter=around.filter)
    assert operation["filter"] == around.filter
    end = ended(ward, operation, key)
    assert (end["state"], counts(end)) == ("SUCCEEDED", (2, 2, 0, 0))
    assert around.made() == sorted(rent)
    assert set(hello).isdisjoint(around.made())


def test_all_of_a_narrow_key_are_those_of_its_flows(ward: Ward, around: Round) -> None:
    around.run("hello")
    key = ward.key("executions:write:pay*")
    dry = create(ward, key, verb="RELAUNCH", all=True, dry_run=True)
    assert {each["flow"] for each in dry["sample"]} <= {"pay_rent", "pay_badly"}


def test_decisions_need_both_scopes_for_the_same_flows(ward: Ward, around: Round) -> None:
    [rent] = around.run("pay_rent")
    for scopes in (["executions:write:pay*"], ["executions:write", "payloads:read"]):
        assert missing(ward, ward.key(*scopes), verb="APPROVE", filter=around.filter) == "approve"
    apart = ward.key("executions:write:hello", "approve:pay*")
    assert create(ward, apart, verb="APPROVE", filter=around.filter, dry_run=True)["matched"] == 0
    key = ward.key("executions:write:pay*", "approve:pay_rent")
    assert counts(ended(ward, create(ward, key, verb="APPROVE", filter=around.filter), key)) == (1, 1, 0, 0)
    assert ward.http("GET", f"{EXECUTIONS}/{rent}:wait").json["status"] == "COMPLETED"


def test_narrow_key_runs_no_other_flow_in_place_of_its_own(ward: Ward, around: Round) -> None:
    key = ward.key("executions:write:pay*")
    found = missing(ward, key, verb="RELAUNCH", filter=around.filter, parameters={"flow": "hello@live"})
    assert found == "executions:write:hello"


def test_narrow_key_sees_and_stops_its_own_operations_alone(ward: Ward, around: Round, held: Held) -> None:
    around.run("pay_rent")
    key, other = ward.key("executions:write:pay*"), ward.key("executions:write:pay*")
    mine, admins = (create(ward, each, verb="RELAUNCH", filter=around.filter) for each in (key, ""))
    listed = ward.http("GET", OPERATIONS, key=key).json["operations"]
    assert [each["operation_id"] for each in listed] == [mine["operation_id"]]
    for operation, who, status in ((mine, key, 200), (admins, key, 404), (mine, other, 404), (mine, "", 200)):
        path = f"{OPERATIONS}/{operation['operation_id']}"
        assert ward.http("GET", path, key=who).status == status
        if status == 404:
            assert ward.http("GET", f"{path}/stream", key=who).status == 404
            assert ward.http("POST", f"{path}:cancel", {}, key=who).status == 404
    reading = ward.key("executions:read", "executions:write:pay*")
    refused = ward.http("POST", f"{OPERATIONS}/{admins['operation_id']}:cancel", {}, key=reading)
    assert (refused.status, refused.json["details"]) == (403, {"scope": "executions:write"})
    held.let_go()
    for operation in (mine, admins):
        ended(ward, operation)


def test_key_that_is_narrowed_meanwhile_reaches_no_further_than_it_does_then(
    ward: Ward, around: Round, held: Held
) -> None:
    around.run("pay_rent", LOT)
    hello = around.run("hello", 3)
    key = ward.key("executions:write", "keys:read")
    operation = create(ward, key, verb="RELAUNCH", filter=around.filter)
    assert held.begun.wait(20)
    changed = ward.http("PATCH", f"/keys/v1/keys/{key.split('_')[1]}", {"scopes": ["executions:write:pay*"]})
    assert changed.status == 200, changed.body
    held.let_go()
    end = ended(ward, operation)
    assert (end["state"], end["done"], end["failed"]) == ("SUCCEEDED", LOT, 0)
    assert set(hello).isdisjoint(around.made())


def test_what_executions_go_on_with_is_hidden_from_who_may_not_see_it(ward: Ward, around: Round) -> None:
    key = ward.key("executions:write", "approve")
    request = {"verb": "RESUME", "filter": around.filter, "parameters": {"value": {"text": WORD}}}
    made = create(ward, key, **request)
    assert WORD not in str(made)
    assert WORD not in str(ended(ward, made, key))
    assert get(ward, made)["parameters"]["value"] == {"text": WORD}
