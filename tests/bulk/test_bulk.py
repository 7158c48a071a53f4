"""Acts on all executions that a filter finds, over HTTP and gRPC alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.bulk.conftest import HttpBulk, chosen, counts, ended, labelled
from tests.flows.faces import Refused
from tests.harness import Server


def begun(server: Server, flow: str, door: Path, count: int, **more: Any) -> list[str]:
    return [server.begin(flow, {"door": str(door)}, labels=labelled(door) | more) for _ in range(count)]


def shut(server: Server, door: Path, count: int, **more: Any) -> list[str]:
    """Executions that failed, oldest first."""
    found = begun(server, "moves", door, count, **more)
    assert {server.wait(each)["status"] for each in found} == {"FAILED"}
    return found


def made_from(server: Server, door: Path) -> dict[str, str]:
    """New executions by those that they were made from."""
    page = server.request("GET", f"/invocations/v1/executions?page_size=1000&filter=labels.door={door.parent.name}")
    found = page.json["executions"]
    made = [(each["source_execution_id"], each["execution_id"]) for each in found if each.get("source_execution_id")]
    assert len(made) == len(dict(made)), "one was made twice"
    return dict(made)


def test_many_are_recovered_and_counted(yard: Server, bulk: HttpBulk, door: Path) -> None:
    failed = shut(yard, door, 5)
    door.touch()
    begun(yard, "moves", door, 1)
    operation = bulk.create(verb="RECOVER", filter=chosen(door))
    assert (operation["verb"], operation["filter"], operation["all"]) == ("RECOVER", chosen(door), False)
    end = ended(bulk, operation)
    assert (end["state"], counts(end), end["problems"]) == ("SUCCEEDED", (5, 5, 0, 0), [])
    made = made_from(yard, door)
    assert set(made) == set(failed)
    assert {yard.wait(each)["status"] for each in made.values()} == {"COMPLETED"}
    assert bulk.get(operation["operation_id"]) == end


def test_dry_run_tells_what_there_is_and_changes_nothing(yard: Server, bulk: HttpBulk, door: Path) -> None:
    failed = shut(yard, door, 3)
    before = bulk.list()
    found = bulk.create(verb="RECOVER", filter=chosen(door), dry_run=True)
    assert (found["matched"], found["dry_run"], found["operation_id"]) == (3, True, "")
    assert [each["execution_id"] for each in found["sample"]] == failed
    assert bulk.create(verb="RECOVER", filter=chosen(door), dry_run=True, limit=2)["matched"] == 2
    assert bulk.list() == before
    assert made_from(yard, door) == {}


def test_oldest_come_first_up_to_the_limit(yard: Server, bulk: HttpBulk, door: Path) -> None:
    failed = shut(yard, door, 4)
    end = ended(bulk, bulk.create(verb="RELAUNCH", filter=chosen(door), limit=2))
    assert (counts(end), end["limit"]) == ((2, 2, 0, 0), 2)
    assert set(made_from(yard, door)) == set(failed[:2])


def test_those_that_ended_are_not_cancelled(yard: Server, bulk: HttpBulk, door: Path) -> None:
    failed = shut(yard, door, 1)
    running = begun(yard, "lingers", door, 3)
    end = ended(bulk, bulk.create(verb="CANCEL", filter=chosen(door), parameters={"reason": "enough"}))
    assert counts(end) == (3, 3, 0, 0)
    found = [yard.wait(each) for each in running]
    assert {(each["status"], each["cancel_reason"]) for each in found} == {("CANCELLED", "enough")}
    assert yard.execution(failed[0])["status"] == "FAILED"


def test_open_pauses_are_decided(yard: Server, bulk: HttpBulk, door: Path) -> None:
    door.touch()
    asked = begun(yard, "asks", door, 3)
    for each in asked:
        yard.wait(each)
    end = ended(bulk, bulk.create(verb="APPROVE", filter=chosen(door), parameters={"comment": "all fine"}, limit=2))
    assert counts(end) == (2, 2, 0, 0)
    assert [yard.wait(each)["status"] for each in asked] == ["COMPLETED", "COMPLETED", "PAUSED"]
    pause = yard.execution(asked[0], "/pauses")["pauses"][0]
    assert (pause["state"], pause["comment"], pause["decided_by"]) == ("APPROVED", "all fine", end["created_by"])
    other = bulk.create(verb="REJECT", filter=chosen(door), parameters={"pause": "nobody"})
    assert counts(ended(bulk, other)) == (1, 0, 1, 0)
    end = ended(bulk, bulk.create(verb="REJECT", filter=chosen(door), parameters={"pause": "allow"}))
    assert counts(end) == (1, 1, 0, 0)
    assert yard.wait(asked[2])["error"]["code"] == "REJECTED"


def test_checkpoints_are_forked_and_what_has_none_is_told(yard: Server, bulk: HttpBulk, door: Path) -> None:
    door.touch()
    done = begun(yard, "asks", door, 2)
    for each in done:
        yard.wait(each)
        path = f"/invocations/v1/executions/{each}/pauses/allow:approve"
        assert yard.request("POST", path, {}).status == 200
        assert yard.wait(each)["status"] == "COMPLETED"
    begun(yard, "moves", door, 1)
    parameters = {"node": "allow", "patch": {"tries": "other"}, "update_mask": "tries"}
    # The other flow has no such node.
    end = ended(bulk, bulk.create(verb="FORK", filter=chosen(door), parameters=parameters))
    assert (end["state"], counts(end)) == ("SUCCEEDED", (3, 2, 0, 1))
    [problem] = end["problems"]
    assert (problem["code"], problem["reason"]) == ("INVALID_ARGUMENT", "INVALID_ARGUMENT")
    assert "expected one of move" in problem["message"]
    assert set(made_from(yard, door)) == set(done)


def test_sub_flows_and_what_comes_later_are_left_alone(yard: Server, bulk: HttpBulk, door: Path) -> None:
    running = begun(yard, "lingers", door, 2)
    end = ended(bulk, bulk.create(verb="RELAUNCH", filter=chosen(door)))
    # Those that were made are no sources of others.
    assert counts(end) == (2, 2, 0, 0)
    assert set(made_from(yard, door)) == set(running)
    assert counts(ended(bulk, bulk.create(verb="CANCEL", filter=chosen(door)))) == (4, 4, 0, 0)


def test_same_request_id_gives_the_same_operation(yard: Server, bulk: HttpBulk, door: Path) -> None:
    shut(yard, door, 1)
    request = {"verb": "RELAUNCH", "filter": chosen(door), "request_id": f"{door.parent.name}-{type(bulk).__name__}"}
    first = bulk.create(**request)
    assert bulk.create(**request)["operation_id"] == first["operation_id"]
    ended(bulk, first)
    assert len(made_from(yard, door)) == 1
    with pytest.raises(Refused) as refused:
        bulk.create(**request | {"limit": 1})
    assert refused.value.reason == "IDEMPOTENCY_MISMATCH"


def test_watch_goes_on_behind_what_is_known(yard: Server, bulk: HttpBulk, door: Path) -> None:
    shut(yard, door, 1)
    seen = bulk.watch(bulk.create(verb="RELAUNCH", filter=chosen(door))["operation_id"])
    revisions = [each["revision"] for each in seen]
    assert revisions == sorted(set(revisions))
    assert seen[-1]["complete_time"]
    assert bulk.watch(seen[-1]["operation_id"], after=seen[-1]["revision"]) == []


def test_list_is_newest_first_page_by_page(yard: Server, bulk: HttpBulk, door: Path) -> None:
    made = [ended(bulk, bulk.create(verb="CANCEL", filter=chosen(door)))["operation_id"] for _ in range(3)]
    page = bulk.list(page_size=2)
    assert [each["operation_id"] for each in page["operations"]] == made[:0:-1]
    following = bulk.list(page_size=1, page_token=page["next_page_token"])
    assert [each["operation_id"] for each in following["operations"]] == made[:1]


def test_operation_that_ended_is_not_cancelled(yard: Server, bulk: HttpBulk, door: Path) -> None:
    operation = ended(bulk, bulk.create(verb="CANCEL", filter=chosen(door)))
    assert (operation["state"], counts(operation)) == ("SUCCEEDED", (0, 0, 0, 0))
    with pytest.raises(Refused) as refused:
        bulk.cancel(operation["operation_id"])
    assert (refused.value.code, refused.value.message) == (
        "FAILED_PRECONDITION",
        "the bulk operation has ended: it is SUCCEEDED",
    )


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"verb": "CANCEL"}, "filter: expected either a filter or all: true, got neither"),
        ({"verb": "CANCEL", "filter": " "}, "filter: expected either a filter or all: true, got neither"),
        (
            {"verb": "CANCEL", "filter": "flow = a", "all": True},
            "filter: expected either a filter or all: true, got both",
        ),
        (
            {"all": True},
            "verb: expected one of CANCEL, RECOVER, RELAUNCH, FORK, APPROVE, REJECT, RETRY_NOW, RESUME, SIGNAL, got",
        ),
        ({"verb": "CANCEL", "filter": "colour = red"}, "filter: "),
        ({"verb": "CANCEL", "all": True, "limit": -1}, "limit: expected 0 or more, got -1"),
        (
            {"verb": "CANCEL", "all": True, "parameters": {"flow": "a"}},
            "parameters.flow: CANCEL does not take it; it takes: reason",
        ),
        (
            {"verb": "RECOVER", "all": True, "parameters": {"reason": "a"}},
            "parameters.reason: RECOVER does not take it; it takes: none",
        ),
        ({"verb": "FORK", "all": True}, "parameters.node: expected the node to go on from, got none"),
        ({"verb": "CANCEL", "all": True, "parameters": {"reason": "a" * 1025}}, "reason: expected at most 1024"),
        (
            {"verb": "APPROVE", "all": True, "parameters": {"comment": "ä" * 2049}},
            "parameters.comment: expected at most",
        ),
        (
            {"verb": "APPROVE", "all": True, "parameters": {"value": {}}},
            "parameters.value: APPROVE does not take it; it takes: comment, pause",
        ),
        ({"verb": "SIGNAL", "all": True}, "parameters.signal: expected the name of a signal, got none"),
    ],
)
def test_bad_request_is_refused_with_what_was_expected(bulk: HttpBulk, request_: dict[str, Any], message: str) -> None:
    with pytest.raises(Refused) as refused:
        bulk.create(**request_)
    assert (refused.value.code, refused.value.message[: len(message)]) == ("INVALID_ARGUMENT", message)


@pytest.mark.parametrize("operation_id", ["0" * 32, "nothing"])
def test_operation_that_there_is_not_is_not_found(bulk: HttpBulk, operation_id: str) -> None:
    for ask in (bulk.get, bulk.cancel, bulk.watch):
        with pytest.raises(Refused) as refused:
            ask(operation_id)
        assert refused.value.code == "NOT_FOUND"
