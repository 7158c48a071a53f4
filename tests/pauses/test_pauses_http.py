"""Pauses over HTTP: what people see, what they decide, and what they are told when they cannot."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.support import NOBODY, cancel, eventually, masked, not_found, refusal, refused
from tests.e2e.test_cli import penstock
from tests.harness import Server
from tests.pauses.people import (
    EXECUTIONS,
    PRICED,
    QUOTE,
    decide,
    decided,
    events,
    has_open,
    output,
    pause,
    paused,
    pauses,
    receipt,
    who,
)

GRADE = {"grade": 3, "note": "good"}


def opened(server: Server, execution_id: str, **more: Any) -> dict[str, Any]:
    """An open pause as `masked` shows it."""
    flow, graph_id = (server.execution(execution_id)[member] for member in ("flow", "graph_id"))
    return {
        "execution_id": execution_id,
        "pause": "approve",
        "flow": flow,
        "graph_id": graph_id,
        "state": "OPEN",
        "prompt": "",
        "input": PRICED,
        "value_type": "desk.Quote",
        "needs_value": False,
        "open_time": "TIME",
        "on_timeout": "",
        "decided_by": "",
        "comment": "",
    } | more


def test_open_pause_tells_what_is_asked_about_what(desk: Server) -> None:
    execution_id = paused(desk, "buy")
    expected = opened(desk, execution_id, prompt="Approve this quote?")
    assert masked(pause(desk, execution_id)) == expected
    assert masked(pauses(desk, execution_id)) == {"pauses": [expected], "next_page_token": ""}
    assert expected in masked(pauses(desk, query="?page_size=1000"))["pauses"]
    node = desk.execution(execution_id, "/nodes")["nodes"][1]
    assert (node["node"], node["status"]) == ("approve", "WAITING")


def test_approval_lets_it_go_on_with_the_input(desk: Server) -> None:
    execution_id = paused(desk, "buy")
    answer = decided(desk, execution_id, "approve", comment="looks right")
    assert masked(answer) == opened(
        desk,
        execution_id,
        prompt="Approve this quote?",
        state="APPROVED",
        decide_time="TIME",
        decided_by=who(desk),
        comment="looks right",
        value=PRICED,
    )
    assert output(desk, execution_id) == receipt(5)
    assert pause(desk, execution_id) == answer
    [recorded] = events(desk, execution_id, "PAUSE_DECIDED")
    assert (recorded["decision"], recorded["by"], recorded["comment"]) == ("APPROVED", who(desk), "looks right")
    assert execution_id not in [each["execution_id"] for each in pauses(desk, query="?page_size=1000")["pauses"]]


def test_approval_with_an_edited_value_goes_on_with_that(desk: Server) -> None:
    execution_id = paused(desk, "buy")
    edited = QUOTE | {"total_cents": 900}
    answer = decided(desk, execution_id, "approve", value=edited)
    assert (answer["input"], answer["value"]) == (PRICED, edited)
    assert output(desk, execution_id) == receipt(900)


def test_value_may_come_in_protobuf(desk: Server) -> None:
    execution_id = paused(desk, "buy")
    in_protobuf = base64.b64encode(b"\x0a\x02q7\x10\x64").decode()
    assert decided(desk, execution_id, "approve", value_bytes=in_protobuf)["value"]["total_cents"] == 100
    assert output(desk, execution_id) == receipt(100, id="q7")


def test_rejection_ends_it(desk: Server) -> None:
    execution_id = paused(desk, "buy")
    answer = decided(desk, execution_id, "reject", comment="too dear")
    assert (answer["state"], answer["comment"], answer["decided_by"]) == ("REJECTED", "too dear", who(desk))
    assert "value" not in answer
    ended = desk.wait(execution_id)
    assert ended["status"] == "FAILED"
    error = ended["error"]
    assert (error["code"], error["class"], error["node"]) == ("REJECTED", "POLICY", "approve")
    assert error["message"] == "pause approve was rejected: too dear"


def test_longest_comment_is_kept_whole(desk: Server) -> None:
    comment = "é" * 2048
    execution_id = paused(desk, "buy")
    assert decided(desk, execution_id, "reject", comment=comment)["comment"] == comment
    assert desk.wait(execution_id)["status"] == "FAILED"


def test_resumption_gives_a_value_of_the_pause_s_own_type(desk: Server) -> None:
    execution_id = paused(desk, "review")
    asked = pause(desk, execution_id, "judge")
    assert (asked["value_type"], asked["needs_value"], asked["input"]) == ("desk.Review", True, PRICED)
    answer = decided(desk, execution_id, "resume", "judge", value=GRADE)
    assert (answer["state"], answer["input"], answer["value"]) == ("RESUMED", PRICED, GRADE)
    assert output(desk, execution_id) == receipt(3, "good", "review")


def test_resumption_without_a_value_has_all_fields_at_their_defaults(desk: Server) -> None:
    execution_id = paused(desk, "review")
    assert decided(desk, execution_id, "resume", "judge")["value"] == {"grade": 0, "note": ""}
    assert output(desk, execution_id) == receipt(0, "", "review")


def test_approval_of_a_pause_that_needs_a_value_says_so(desk: Server) -> None:
    execution_id = paused(desk, "review")
    assert refusal(decide(desk, execution_id, "approve", "judge")) == refused(
        "value",
        "expected one, because pause judge does not go on with its input: resume it with a desk.Review",
        "VALUE_NEEDED",
    )
    assert decided(desk, execution_id, "approve", "judge", value=GRADE)["state"] == "APPROVED"
    assert output(desk, execution_id) == receipt(3, "good", "review")


@pytest.mark.parametrize("verb", ["approve", "resume"])
@pytest.mark.parametrize(
    ("body", "path", "problem", "reason"),
    [
        ({"value": {"total_cents": "x"}}, "value.total_cents", 'expected int64, got "x"', "WRONG_TYPE"),
        (
            {"value": {"colour": 1}},
            "value.colour",
            "unknown field, expected one of id, total_cents, gate",
            "UNKNOWN_FIELD",
        ),
        (
            {"value_bytes": "/w=="},
            "value_bytes",
            "expected a message desk.Quote in protobuf, got other bytes",
            "INVALID_ARGUMENT",
        ),
        ({"comment": "é" * 2049}, "comment", "expected at most 4,096 bytes, got 4,098", "INVALID_ARGUMENT"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_path_and_the_pause_stays_open(
    desk: Server, verb: str, body: Any, path: str, problem: str, reason: str
) -> None:
    execution_id = paused(desk, "buy")
    assert refusal(decide(desk, execution_id, verb, **body)) == refused(path, problem, reason)
    assert pause(desk, execution_id)["state"] == "OPEN"
    assert events(desk, execution_id, "PAUSE_DECIDED") == []


def test_value_and_value_bytes_are_not_both_taken(desk: Server) -> None:
    execution_id = paused(desk, "buy")
    assert decide(desk, execution_id, "approve", value={}, value_bytes="").status == 400


def test_value_that_an_edge_cannot_take_is_refused_and_the_pause_stays_open(desk: Server) -> None:
    execution_id = paused(desk, "picky", total_cents=0)
    for verb, body in (("approve", {}), ("resume", {"value": {"id": "x"}})):
        status, body = refusal(decide(desk, execution_id, verb, **body))
        assert (status, body["details"]["violations"][0]["field"]) == (400, "value")
        assert "an edge behind the pause cannot be evaluated" in body["error"]
    assert decided(desk, execution_id, "resume", value={"id": "x", "total_cents": 50})["state"] == "RESUMED"
    assert output(desk, execution_id) == receipt(2, id="x")


def test_pause_whose_input_cannot_be_evaluated_takes_a_value(desk: Server) -> None:
    execution_id = paused(desk, "unclear", total_cents=-1)
    assert "input" not in pause(desk, execution_id)
    status, body = refusal(decide(desk, execution_id, "approve"))
    assert (status, body["error"]) == (
        400,
        "value: expected one, because the input of pause approve cannot be evaluated",
    )
    decided(desk, execution_id, "approve", value=QUOTE)
    assert output(desk, execution_id) == receipt(5, "joined", "joined")


def test_pause_may_be_the_first_node(desk: Server) -> None:
    execution_id = paused(desk, "ask_first")
    assert pause(desk, execution_id)["input"] == QUOTE
    decided(desk, execution_id, "approve")
    assert output(desk, execution_id) == receipt(4)


@pytest.mark.parametrize("first", ["approve", "reject", "resume"])
@pytest.mark.parametrize("second", ["approve", "reject", "resume"])
def test_second_decision_is_told_the_one_that_stands(desk: Server, first: str, second: str) -> None:
    execution_id = paused(desk, "buy")
    answer = decided(desk, execution_id, first)
    state = answer["state"]
    desk.wait(execution_id)
    status = desk.execution(execution_id)["status"]
    assert refusal(decide(desk, execution_id, second, comment="late")) == (
        409,
        {
            "error": f"pause approve was {state.lower()} by {who(desk)} at {answer['decide_time']}",
            "code": "FAILED_PRECONDITION",
            "reason": "PAUSE_DECIDED",
            "details": {
                "decision": state,
                "decided_by": who(desk),
                "decide_time": answer["decide_time"],
                "status": status,
            },
        },
    )
    assert pause(desk, execution_id) == answer


def test_ended_execution_decides_nothing_any_more(desk: Server) -> None:
    execution_id = paused(desk, "buy")
    assert cancel(desk, execution_id).status == 200
    assert pause(desk, execution_id)["state"] == "CANCELLED"
    for verb in ("approve", "reject", "resume"):
        assert refusal(decide(desk, execution_id, verb)) == (
            409,
            {
                "error": "the execution has ended: it is CANCELLED",
                "code": "FAILED_PRECONDITION",
                "reason": "ILLEGAL_STATE",
                "details": {"status": "CANCELLED"},
            },
        )
    assert events(desk, execution_id, "PAUSE_DECIDED") == []


def test_pause_that_was_not_reached_is_not_found_until_the_execution_has_ended(desk: Server, folder: Any) -> None:
    gate = folder / "gate"
    execution_id = desk.begin("broken", QUOTE)
    desk.wait(execution_id)
    assert refusal(desk.request("GET", f"{EXECUTIONS}/{execution_id}/pauses/left")) == not_found(
        "flow broken has no pause 'left'; its pauses are: none"
    )
    execution_id = desk.begin("ask_twice", QUOTE | {"gate": str(gate)})
    assert pauses(desk, execution_id) == {"pauses": [], "next_page_token": ""}
    gate.touch()


def test_unknown_pause_is_answered_with_those_of_the_flow(desk: Server) -> None:
    execution_id = paused(desk, "both")
    for name in ("nope", "price"):
        expected = not_found(f"flow both has no pause '{name}'; its pauses are: left, right")
        assert refusal(decide(desk, execution_id, "approve", name)) == expected
        assert refusal(desk.request("GET", f"{EXECUTIONS}/{execution_id}/pauses/{name}")) == expected


@pytest.mark.parametrize("rest", ["/pauses", "/pauses/approve"])
def test_unknown_execution_has_no_pauses(desk: Server, rest: str) -> None:
    assert refusal(desk.request("GET", f"{EXECUTIONS}/{NOBODY}{rest}")) == not_found(f"there is no execution {NOBODY}")
    assert desk.request("GET", f"{EXECUTIONS}/-/pauses/approve").status == 404
    assert desk.request("POST", f"{EXECUTIONS}/{NOBODY}/pauses/approve:approve", {}).status == 404


def test_two_pauses_are_decided_one_by_one(desk: Server) -> None:
    execution_id = paused(desk, "both")
    assert [(each["pause"], each["state"]) for each in pauses(desk, execution_id)["pauses"]] == [
        ("left", "OPEN"),
        ("right", "OPEN"),
    ]
    decided(desk, execution_id, "approve", "left")
    assert desk.execution(execution_id)["status"] == "PAUSED"
    decided(desk, execution_id, "resume", "right", value={"total_cents": 30})
    assert output(desk, execution_id) == receipt(35, "joined", "joined")
    page = pauses(desk, execution_id, "?page_size=1")
    rest = pauses(desk, execution_id, f"?page_size=1&page_token={page['next_page_token']}")
    assert [each["pause"] for each in (*page["pauses"], *rest["pauses"])] == ["left", "right"]
    assert rest["next_page_token"] == ""


def test_pause_that_nobody_waits_for_any_more_is_cancelled(desk: Server) -> None:
    execution_id = paused(desk, "either")
    decided(desk, execution_id, "approve", "right")
    assert output(desk, execution_id) == receipt(5, "joined", "joined")
    assert pause(desk, execution_id, "left")["state"] == "CANCELLED"


def test_pause_of_a_sub_flow_is_its_child_s_and_the_parent_waits(desk: Server) -> None:
    parent = desk.begin("parent", QUOTE)
    child = eventually(lambda: child_of(desk, parent))
    eventually(lambda: has_open(desk, child))
    assert pauses(desk, parent)["pauses"] == []
    decided(desk, child, "approve")
    assert output(desk, parent) == receipt(5)


def child_of(server: Server, parent: str) -> str:
    return next((each["child_execution_id"] for each in events(server, parent, "NODE_WAITING")), "")


def test_pause_is_listed_while_completed_nodes_are_undone_as_cancelled(desk: Server) -> None:
    execution_id = paused(desk, "undone")
    assert cancel(desk, execution_id).status == 200
    assert desk.wait(execution_id)["status"] == "CANCELLED"
    assert pause(desk, execution_id, "confirm")["state"] == "CANCELLED"
    assert [each["node"] for each in events(desk, execution_id, "NODE_COMPENSATED")] == ["charge"]


TIMEOUTS: list[tuple[str, str, str, Callable[[Any], bool]]] = [
    ("approve", "COMPLETED", "APPROVED", lambda error: error is None),
    ("reject", "FAILED", "REJECTED", lambda error: error["code"] == "REJECTED"),
    ("fail", "TIMED_OUT", "EXPIRED", lambda error: error["code"] == "PAUSE_EXPIRED"),
]


@pytest.mark.parametrize(("how", "status", "state", "fits"), TIMEOUTS)
def test_timeout_decides_when_nobody_does(
    desk: Server, how: str, status: str, state: str, fits: Callable[[Any], bool]
) -> None:
    execution_id = desk.begin(f"quick_{how}", QUOTE)
    ended = eventually(lambda: ended_as(desk, execution_id))
    assert ended["status"] == status
    assert fits(ended.get("error"))
    view = pause(desk, execution_id)
    assert (view["state"], view["decided_by"], view["on_timeout"]) == (state, "", how)
    assert view.get("value") == (PRICED if how == "approve" else None)
    status, body = refusal(decide(desk, execution_id, "approve"))
    what = "expired" if how == "fail" else f"was {state.lower()} by its timeout"
    assert (status, body["error"]) == (409, f"pause approve {what} at {view['decide_time']}")
    assert body["details"]["decided_by"] == ""


def ended_as(server: Server, execution_id: str) -> Any:
    execution = server.execution(execution_id)
    return execution if "complete_time" in execution else None


def test_timeout_that_cannot_approve_expires(desk: Server) -> None:
    execution_id = desk.begin("picky_quick", QUOTE | {"total_cents": 0})
    assert eventually(lambda: ended_as(desk, execution_id))["status"] == "TIMED_OUT"
    view = pause(desk, execution_id)
    assert view["state"] == "EXPIRED"
    assert view["comment"].startswith("it cannot be approved: ")


def test_timeout_is_told_beforehand(desk: Server) -> None:
    view = pause(desk, paused(desk, "slow"))
    assert view["on_timeout"] == "reject"
    assert masked(view["expire_time"]) == "TIME"
    assert view["expire_time"] > view["open_time"]


def test_pause_may_be_the_last_node(desk: Server) -> None:
    execution_id = paused(desk, "undone")
    edited = receipt(7, "edited")
    decided(desk, execution_id, "approve", "confirm", value=edited)
    assert output(desk, execution_id) == edited


def test_pauses_of_another_account_are_not_there(desk: Server) -> None:
    execution_id = paused(desk, "buy")
    key = penstock(desk, "keys", "create", "eve", "--account", "eve").stdout.strip()
    path = f"{EXECUTIONS}/{execution_id}/pauses"
    expected = not_found(f"there is no execution {execution_id}")
    for method, rest in (("GET", ""), ("GET", "/approve"), ("POST", "/approve:approve"), ("POST", "/nope:reject")):
        assert refusal(desk.request(method, path + rest, key=key)) == expected
    assert refusal(desk.request("POST", f"{EXECUTIONS}/{execution_id}/signals/answer", {}, key=key)) == expected
    assert refusal(desk.request("GET", f"{EXECUTIONS}/{execution_id}/gates", key=key)) == expected
    assert desk.request("GET", f"{EXECUTIONS}/-/pauses", key=key).json == {"pauses": [], "next_page_token": ""}
    assert desk.request("GET", f"{EXECUTIONS}/-/pauses", key=None).status == 401
    assert pause(desk, execution_id)["state"] == "OPEN"


def test_page_token_of_another_list_is_refused(desk: Server) -> None:
    execution_id = paused(desk, "both")
    token = pauses(desk, execution_id, "?page_size=1")["next_page_token"]
    answer = desk.request("GET", f"{EXECUTIONS}/-/pauses?page_token={token}")
    assert (answer.status, answer.json["reason"]) == (400, "INVALID_PAGE_TOKEN")
    assert desk.request("GET", f"{EXECUTIONS}/-/pauses?page_size=-1").status == 400
