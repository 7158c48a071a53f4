"""What holds an execution up, the same through HTTP, gRPC and the command line."""

from __future__ import annotations

import json
import shlex
from typing import Any

import grpc
import pytest

from penstock.cli.commandline.arguments import parse
from penstock.wire.gen.execution_service_pb2_grpc import ExecutionServiceStub
from penstock.wire.gen.failure_count_pb2 import ListFailureCountsRequest
from tests.e2e.support import cancel
from tests.e2e.test_cli import penstock
from tests.explain.looks import (
    as_json,
    by_command,
    by_grpc,
    explained,
    explained_as,
    settled,
    spans_by_grpc,
    told,
    until,
)
from tests.harness import Server
from tests.pauses.people import QUOTE, who

SITUATIONS: dict[str, tuple[str, Any, str, str]] = {
    "runs": ("hanging", {}, "RUNNING_NODE", ""),
    "sleeps": ("asleep", {}, "SLEEPING", "nap sleeps until TIME (in LENGTH)."),
    "is tried again": (
        "retried_late",
        {"kind": "again", "times": 1},
        "RETRY_SCHEDULED",
        "shaky failed (no luck (UNLUCKY)); attempt 2 of 3 starts at TIME (in LENGTH).",
    ),
    "waits for a signal": ("hearing", {}, "WAITING_FOR_SIGNAL", "ear waits for the signal more since TIME."),
    "waits for a person": (
        "buy",
        QUOTE,
        "WAITING_FOR_DECISION",
        "approve waits for a person since TIME: “Approve this quote?”.",
    ),
    "waits for a gate": (
        "gate_waits",
        {},
        "SLEEPING",
        "nap sleeps until TIME (in LENGTH); gate join waits for nap; arrived: quick.",
    ),
    "runs items": (
        "mapped_hung",
        {"items": [{"value": 1}, {"value": 9}, {"value": 2}]},
        "RUNNING_ITEMS",
        "each runs in process P for LENGTH: 2 of 3 items done, 0 failed.",
    ),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_explanation_is_the_same_through_every_face(
    watched: Server, watched_channel: grpc.Channel, situation: str
) -> None:
    flow, given, reason, summary = SITUATIONS[situation]
    execution_id = watched.begin(flow, given)
    if summary:
        until(lambda: told(explained(watched, execution_id), watched) == summary)
    # What runs for long gets its start on record; until then it is dated by what led to it.
    until(lambda: all(span["sequence"] for span in watched.execution(execution_id, "/timeline")["spans"]))
    http = explained_as(watched, execution_id, reason)
    try:
        assert settled(by_grpc(watched, watched_channel, execution_id)) == settled(http)
        assert settled(by_command(watched, "explain", execution_id)) == settled(http)
        assert settled(spans_by_grpc(watched, watched_channel, execution_id)) == settled(
            watched.execution(execution_id, "/timeline")
        )
        assert settled(by_command(watched, "timeline", execution_id))["spans"] == settled(
            watched.execution(execution_id, "/timeline")["spans"]
        )
    finally:
        cancel(watched, execution_id)


def test_pause_says_who_may_decide_and_how(watched: Server) -> None:
    execution_id = watched.begin("buy", QUOTE)
    explanation = explained_as(watched, execution_id, "WAITING_FOR_DECISION")
    assert (explanation["status"], explanation["classification"]) == ("PAUSED", "APPROVAL_PENDING")
    [cause] = explanation["causes"]
    path = f"/invocations/v1/executions/{execution_id}/pauses/approve"
    assert (cause["node"], cause["prompt"], cause["link"]) == ("approve", "Approve this quote?", path)
    assert who(watched) in cause["deciders"]
    assert [action["action"] for action in cause["actions"]] == ["approve", "reject"]
    assert cause["actions"][0] == {
        "action": "approve",
        "curl": f'curl -X POST "$PENSTOCK_URL{path}:approve" -H "Authorization: Bearer $PENSTOCK_API_KEY"'
        " -H 'Content-Type: application/json' -d '{}'",
        "command": f"penstock pauses approve {execution_id} approve",
    }
    assert watched.request("GET", path).status == 200
    done = penstock(watched, *cause["actions"][0]["command"].split()[1:])
    assert done.returncode == 0, done.stderr
    assert watched.wait(execution_id)["status"] == "COMPLETED"


def test_pause_that_needs_a_value_shows_its_form(watched: Server) -> None:
    execution_id = watched.begin("review", QUOTE)
    [cause] = explained_as(watched, execution_id, "WAITING_FOR_DECISION")["causes"]
    assert [action["action"] for action in cause["actions"]] == ["resume", "reject"]
    assert cause["actions"][0]["command"] == (
        f"""penstock pauses resume {execution_id} judge --value '{{"grade":0,"note":""}}'"""
    )
    cancel(watched, execution_id)


def test_sub_flow_is_explained_one_level_down(watched: Server) -> None:
    execution_id = watched.begin("called_asked", {})
    reasons = ("RUNNING", "PAUSED")
    explanation = until(
        lambda: (
            (found if all(f"is {each}" in found["summary"] for each in reasons) else None)
            if (found := explained(watched, execution_id))
            else None
        )
    )
    [cause] = explanation["causes"]
    child = cause["child"]
    assert (child["execution_id"], child["flow"]) == (cause["child_execution_id"], "called_asked_inner")
    [inner] = child["causes"]
    assert inner["reason"] == "WAITING_FOR_CHILD"
    assert "child" not in inner
    assert watched.request("GET", inner["link"]).json["status"] == "PAUSED"
    cancel(watched, execution_id)


def test_what_is_undone_says_how_it_ends(watched: Server) -> None:
    number = 9_000_000  # what is undone waits until this one is let go: no other test uses it
    execution_id = watched.begin("undone_when_released", {"value": number - 1})
    explanation = explained_as(watched, execution_id, "COMPENSATING")
    assert explanation["status"] == "COMPENSATING"
    assert explanation["summary"].startswith(
        f"It is being undone, then it is FAILED: {number} is wrong (WRONG); first is being"
    )
    assert (explanation["error"]["code"], explanation["classification"]) == ("WRONG", "LOGIC_BUG")
    watched.invoke("letting_go", {"value": number})
    assert watched.wait(execution_id)["status"] == "FAILED"


def test_failure_says_why_and_what_can_be_done(watched: Server) -> None:
    execution_id = watched.invoke("undecided", {})["execution_id"]
    explanation = explained(watched, execution_id)
    assert told(explanation, watched) == (
        "It ended as FAILED at TIME, after LENGTH, because node start failed: no edge of node start was taken: no"
        " `when` held and there is no `otherwise` (NO_BRANCH_TAKEN)."
    )
    assert (explanation["reason"], explanation["classification"]) == ("ENDED", "LOGIC_BUG")
    assert [cause["node"] for cause in explanation["causes"]] == ["start"]
    assert len(explanation["advice"]) == 1
    assert [action["action"] for action in explanation["actions"]] == ["recover", "relaunch"]
    for action in explanation["actions"]:
        assert parse(shlex.split(action["command"])[1:]).execution_id == execution_id


def test_execution_that_completed_or_was_cancelled_has_no_trouble(watched: Server) -> None:
    execution_id = watched.invoke("once", {})["execution_id"]
    explanation = explained(watched, execution_id)
    assert (explanation["reason"], explanation["causes"]) == ("ENDED", [])
    assert told(explanation, watched) == "It ended as COMPLETED at TIME, after LENGTH."
    execution_id = watched.begin("asleep", {})
    explained_as(watched, execution_id, "SLEEPING")
    watched.request("DELETE", f"/invocations/v1/flows/{execution_id}?reason=no+need")
    explanation = explained(watched, execution_id)
    assert told(explanation, watched) == "It ended as CANCELLED at TIME, after LENGTH: no need."
    assert "classification" not in explanation


def test_execution_of_nobody_is_not_found(watched: Server) -> None:
    for rest in (":explain", "/timeline"):
        answer = watched.request("GET", f"/invocations/v1/executions/{'0' * 32}{rest}")
        assert (answer.status, answer.json["reason"]) == (404, "NOT_FOUND")


def test_timeline_comes_in_pages_without_gap_or_repeat(watched: Server) -> None:
    execution_id = watched.invoke("mapped", {"items": [{"value": 1}, {"value": 2}, {"value": 3}]})["execution_id"]
    whole = watched.execution(execution_id, "/timeline")["spans"]
    assert [span["type"] for span in whole].count("ITEM") == 3
    found: list[Any] = []
    token = ""
    while True:
        page = watched.execution(execution_id, f"/timeline?page_size=2&page_token={token}")
        assert len(page["spans"]) <= 2
        found += page["spans"]
        token = page["next_page_token"]
        if not token:
            break
    assert found == whole
    answer = watched.request("GET", f"/invocations/v1/executions/{execution_id}/timeline?page_token=nonsense")
    assert answer.status == 400


def test_many_items_are_lots(watched: Server) -> None:
    execution_id = watched.invoke("mapped_many", {"value": 1_100})["execution_id"]
    spans = watched.execution(execution_id, "/timeline")["spans"]
    assert "ITEM" not in {span["type"] for span in spans}
    [lot] = [span for span in spans if span["type"] == "ITEMS"]
    assert (lot["attempt"], lot["item_count"], lot["items_failed"], lot["state"]) == (1, 1_100, 0, "DONE")


def test_failures_are_counted_by_day_flow_and_trouble(watched: Server, watched_channel: grpc.Channel) -> None:
    for _ in range(2):
        watched.invoke("failing", {})
    watched.invoke("retried", {"kind": "policy", "times": 9})
    answer = watched.request("GET", "/invocations/v1/failures?days=2")
    assert answer.status == 200, answer.body
    counts = [each for each in answer.json["counts"] if each["flow"] in ("failing", "retried")]
    assert sum(each["count"] for each in counts if each["flow"] == "failing") == 2
    assert {each["classification"] for each in counts if each["flow"] == "failing"} == {"LOGIC_BUG"}
    assert [(e["classification"], e["count"]) for e in counts if e["flow"] == "retried"] == [("POLICY_BLOCK", 1)]
    stub = ExecutionServiceStub(watched_channel)
    request = ListFailureCountsRequest(days=2)
    found = as_json(stub.ListFailureCounts(request, metadata=(("authorization", f"Bearer {watched.key}"),), timeout=30))
    assert found == answer.json
    done = penstock(watched, "executions", "failures", "--days", "2", "--output", "json")
    assert json.loads(done.stdout) == {"counts": answer.json["counts"]}
    done = penstock(watched, "executions", "failures", "--flow", "retried")
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["DATE", "FLOW", "TROUBLE", "COUNT"],
        [counts[-1]["date"], "retried", "POLICY_BLOCK", "1"],
    ]
    assert penstock(watched, "executions", "failures", "--flow", "nothing").stdout == "no failures\n"


def test_counts_come_in_pages_without_gap_or_repeat(watched: Server) -> None:
    watched.invoke("not_rescued", {})
    watched.invoke("undecided", {})
    whole = watched.request("GET", "/invocations/v1/failures").json["counts"]
    found: list[Any] = []
    token = ""
    while True:
        page = watched.request("GET", f"/invocations/v1/failures?page_size=1&page_token={token}").json
        found += page["counts"]
        token = page["next_page_token"]
        if not token:
            break
    assert found == whole
    assert len(whole) > 1


@pytest.mark.parametrize("query", ["days=367", "days=-1", "page_token=x", "page_size=-1", "flow=a%00b"])
def test_counts_of_what_cannot_be_are_refused(watched: Server, query: str) -> None:
    assert watched.request("GET", f"/invocations/v1/failures?{query}").status == 400
