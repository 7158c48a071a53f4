"""What policies do to nodes of every kind, over HTTP, with a real server."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest

from tests.e2e.support import STREAM, eventually
from tests.harness import SseEvent
from tests.policies.rules import EXECUTIONS, ORDER, Case

LINES = {"lines": [{"sku": "tea", "note": "private"}, {"sku": "milk", "note": "private"}]}
SENT = "sent: 100 from Ada with 4242"


def kinds(case: Case, execution_id: str, node: str) -> list[str]:
    return [event["type"] for event in case.events(execution_id, node)]


def test_nothing_changes_without_a_policy_that_holds(case: Case) -> None:
    case.policy("other", "BEFORE", flow="shaking", block={})
    case.policy("small", "BEFORE", "input.total_cents < 50", flow="paying", node="charge", block={})
    answer = case.invoke("paying")
    assert answer["result"]["output"]["text"] == SENT
    assert case.decisions(answer["execution_id"]) == []


def test_a_node_that_is_blocked_fails_for_good(case: Case) -> None:
    made = case.policy(
        "large", "BEFORE", "input.total_cents > 50", flow="pay*", node="charge", block={"reason": "too much"}
    )
    execution_id, error = case.failed("paying")
    assert error["code"] == "POLICY_BLOCKED"
    assert error["message"] == f"node charge was blocked by policy {made['policy_id']} v1: too much"
    assert kinds(case, execution_id, "charge") == ["POLICY_DECIDED", "NODE_STARTED", "NODE_FAILED"]
    [decided] = [event["policy"] for event in case.events(execution_id) if event["type"] == "POLICY_DECIDED"]
    assert decided == {
        "policy_id": made["policy_id"],
        "version": 1,
        "point": "BEFORE",
        "action": "BLOCK",
        "reason": "too much",
        "dry_run": False,
        "fields": [],
        "on_timeout": "",
        "error": "",
    }
    execution = case.server.execution(execution_id)
    assert (execution["status"], execution["failure_class"]) == ("FAILED", "POLICY")
    explanation = case.server.execution(execution_id, ":explain")
    assert explanation["classification"] == "POLICY_BLOCK"
    assert f"was blocked by policy {made['policy_id']} v1: too much" in explanation["summary"]


def test_an_output_that_is_blocked_is_not_kept(case: Case) -> None:
    case.policy("leak", "AFTER", "output.card_number != ''", node="charge", block={"reason": "card"})
    execution_id, error = case.failed("paying")
    assert error["code"] == "POLICY_BLOCKED"
    checkpoints = case.server.execution(execution_id, "/checkpoints")["checkpoints"]
    assert [each["node"] for each in checkpoints] == ["price"]
    assert kinds(case, execution_id, "charge") == ["NODE_STARTED", "POLICY_DECIDED", "NODE_FAILED"]


def test_the_first_that_decides_wins_and_every_redaction_holds(case: Case) -> None:
    case.policy("bar", "BEFORE", node="charge", block={}, priority=10)
    case.policy("let", "BEFORE", node="charge", allow={}, priority=5)
    case.policy("mask", "BEFORE", node="charge", redact={"fields": ["customer.card_number"]}, priority=20)
    answer = case.invoke("paying")
    assert answer["result"]["output"]["text"] == "sent: 100 from Ada with nothing"
    assert case.decisions(answer["execution_id"]) == [
        ("charge", "let", "BEFORE", "ALLOW"),
        ("charge", "mask", "BEFORE", "REDACT"),
    ]
    case.change("let", priority=10)
    assert case.failed("paying")[1]["code"] == "POLICY_BLOCKED"


def test_dry_runs_only_tell_what_they_would_have_done(case: Case) -> None:
    case.policy("bar", "BEFORE", node="charge", block={"reason": "no"}, dry_run=True)
    case.policy("ask", "AFTER", node="charge", require_approval={}, dry_run=True)
    case.policy("mask", "AFTER", node="charge", redact={"fields": ["text"]}, dry_run=True)
    answer = case.invoke("paying")
    assert answer["result"]["output"]["text"] == SENT
    decided = [each["policy"] for each in case.events(answer["execution_id"]) if each["type"] == "POLICY_DECIDED"]
    assert [(each["action"], each["dry_run"]) for each in decided] == [
        ("BLOCK", True),
        ("REQUIRE_APPROVAL", True),
        ("REDACT", True),
    ]


def test_what_is_redacted_afterwards_is_in_no_log(case: Case) -> None:
    case.policy("mask", "AFTER", node="charge", redact={"fields": ["card_number", "nothing.of.the.kind"]})
    answer = case.invoke("paying")
    assert answer["result"]["output"] == {"text": SENT, "card_number": ""}
    [decided] = [each for each in case.events(answer["execution_id"]) if each["type"] == "POLICY_DECIDED"]
    assert decided["policy"]["fields"] == ["card_number"]
    checkpoints = case.server.execution(answer["execution_id"], "/checkpoints")["checkpoints"]
    assert {each["node"]: each["output"].get("card_number") for each in checkpoints[1:]} == {"charge": "", "send": ""}


def test_a_rule_that_cannot_be_evaluated_restricts_and_does_not_allow(case: Case) -> None:
    case.policy("let", "BEFORE", "input.nothing > 1", node="charge", allow={}, priority=1)
    case.policy("bar", "BEFORE", "input.nothing > 1", node="charge", block={}, priority=2)
    execution_id, error = case.failed("paying")
    assert error["code"] == "POLICY_BLOCKED"
    [decided] = [each["policy"] for each in case.events(execution_id) if each["type"] == "POLICY_DECIDED"]
    assert decided["error"] == 'Key not found in map : "nothing"'
    case.change("bar", when=case.when("has(input.nothing) && input.nothing > 1"))
    assert case.text("paying") == SENT


def test_an_approval_before_a_node_is_a_pause(case: Case) -> None:
    made = case.policy(
        "look",
        "BEFORE",
        node="charge",
        require_approval={"message": "Charge this?", "timeout": "3600s", "on_timeout": "reject"},
    )
    case.policy("mask", "BEFORE", node="charge", redact={"fields": ["customer.card_number"]})
    execution_id = case.paused("paying")
    pause = case.server.execution(execution_id, "/pauses/charge")
    assert (pause["state"], pause["prompt"], pause["on_timeout"]) == ("OPEN", "Charge this?", "reject")
    assert pause["input"]["total_cents"] == 100
    assert pause["input"]["customer"] == {"name": "Ada", "card_number": ""}
    assert (pause["value_type"], pause["needs_value"]) == ("shop.Order", False)
    assert (pause["policy"]["policy_id"], pause["policy"]["version"]) == (made["policy_id"], 1)
    open_pauses = case.server.request("GET", f"{EXECUTIONS}/-/pauses?page_size=1000").json["pauses"]
    assert [each for each in open_pauses if each["execution_id"] == execution_id] == [pause]
    assert case.server.execution(execution_id, "/nodes")["nodes"][1]["wait"] == "APPROVAL"
    assert case.decide(execution_id, "charge", "resume").status == 400
    assert case.decide(execution_id, "charge", "approve", value={"total_cents": 1}).status == 400
    decided = case.approved(execution_id, "charge")
    assert (decided["state"], decided["comment"]) == ("APPROVED", "fine")
    assert case.output(execution_id)["text"] == "sent: 100 from Ada with nothing"
    again = case.decide(execution_id, "charge", "reject")
    assert (again.status, again.json["reason"]) == (409, "PAUSE_DECIDED")


def test_an_approval_of_an_output_holds_it(case: Case) -> None:
    case.policy("look", "AFTER", node="charge", require_approval={"message": "Fine?"})
    execution_id = case.paused("paying")
    pause = case.server.execution(execution_id, "/pauses/charge")
    assert pause["input"] == {"text": "100 from Ada with 4242", "card_number": "4242"}
    assert case.approved(execution_id, "charge")["value"] == pause["input"]
    assert case.output(execution_id)["text"] == SENT
    assert kinds(case, execution_id, "charge") == [
        "NODE_STARTED",
        "POLICY_DECIDED",
        "NODE_WAITING",
        "PAUSE_DECIDED",
        "NODE_SUCCEEDED",
    ]
    spans = case.server.execution(execution_id, "/timeline")["spans"]
    charged = [(span["type"], span["state"], span.get("wait")) for span in spans if span.get("node") == "charge"]
    assert charged == [("NODE", "DONE", None), ("ATTEMPT", "DONE", None), ("WAIT", "DONE", "APPROVAL")]


def test_what_a_person_rejects_fails(case: Case) -> None:
    case.policy("look", "BEFORE", node="charge", require_approval={})
    execution_id = case.paused("paying")
    assert case.decide(execution_id, "charge", "reject", comment="no").status == 200
    ended = case.server.wait(execution_id)
    assert (ended["status"], ended["error"]["code"], ended["failure_class"]) == ("FAILED", "REJECTED", "POLICY")
    assert ended["error"]["message"].endswith("was rejected: no")


@pytest.mark.parametrize(
    ("on_timeout", "status", "code"),
    [("approve", "COMPLETED", ""), ("reject", "FAILED", "REJECTED"), ("fail", "TIMED_OUT", "APPROVAL_EXPIRED")],
)
@pytest.mark.parametrize("point", ["BEFORE", "AFTER"])
def test_a_timeout_decides_what_nobody_does(case: Case, point: str, on_timeout: str, status: str, code: str) -> None:
    case.policy("look", point, node="charge", require_approval={"timeout": "0.010s", "on_timeout": on_timeout})
    ended = case.server.wait(case.server.begin("paying", ORDER, labels=case.labels))
    while ended["status"] not in ("COMPLETED", "FAILED", "TIMED_OUT"):
        # A wait ends with a pause too.
        ended = case.server.wait(ended["execution_id"])
    assert (ended["status"], ended.get("error", {}).get("code", "")) == (status, code)


def test_a_cancel_ends_the_wait(case: Case) -> None:
    case.policy("look", "BEFORE", node="charge", require_approval={})
    execution_id = case.paused("paying")
    assert case.server.request("DELETE", f"/invocations/v1/flows/{execution_id}").status == 200
    assert case.server.execution(execution_id, "/pauses/charge")["state"] == "CANCELLED"
    assert case.decide(execution_id, "charge").status == 409


def test_each_attempt_is_looked_at_and_an_approval_given_once(case: Case) -> None:
    case.policy("look", "BEFORE", node="shaky", require_approval={}, priority=1)
    case.policy("late", "BEFORE", "attempt > 1", node="shaky", allow={}, dry_run=True)
    execution_id = case.paused("shaking", ORDER | {"failures": 2})
    case.approved(execution_id, "shaky")
    assert case.output(execution_id)["text"] == "99 from Ada with 4242"
    assert [each[1] for each in case.decisions(execution_id)] == ["look", "late", "late"]
    numbers = [each["attempt"] for each in case.events(execution_id, "shaky") if each["type"] == "NODE_STARTED"]
    assert numbers == [1, 2, 3]


def test_a_map_is_looked_at_as_a_whole(case: Case) -> None:
    case.policy("mask", "BEFORE", "size(input.lines) == 2", node="lines", redact={"fields": ["lines.note"]})
    case.policy("look", "AFTER", "output.items.exists(line, line.sku == 'TEA')", node="lines", require_approval={})
    execution_id = case.paused("mapping", LINES)
    pause = case.server.execution(execution_id, "/pauses/lines")
    assert pause["input"] == {"items": [{"sku": "TEA", "note": ""}, {"sku": "MILK", "note": ""}]}
    case.approved(execution_id, "lines")
    assert case.output(execution_id)["text"] == "TEA: MILK:"


def test_a_sub_flow_is_looked_at_by_both(case: Case) -> None:
    case.policy("mask", "BEFORE", flow="calling", node="pay", redact={"fields": ["customer.card_number"]})
    case.policy("look", "AFTER", flow="calling", node="pay", require_approval={})
    execution_id = case.paused("calling")
    assert case.server.execution(execution_id, "/pauses/pay")["input"]["text"] == "sent: 101 from Ada with nothing"
    case.approved(execution_id, "pay")
    assert case.output(execution_id)["card_number"] == ""


def test_a_sub_flow_is_an_execution_with_policies_of_its_own(case: Case) -> None:
    # A child has no labels, so the rule is about its parent.
    answer = case.server.request(
        "POST",
        "/policies/v1/policies",
        {
            "policy_id": case.id("child"),
            "flow": "paying",
            "node": "charge",
            "point": "BEFORE",
            "when": f"execution.parent_execution_id != '' && input.customer.name == '{case.name}'",
            "block": {"reason": "not for others"},
        },
    )
    assert answer.status == 200, answer.body
    case.made.append(case.id("child"))
    given: dict[str, Any] = {"customer": {"name": case.name}}
    assert case.failed("calling", given)[1]["code"] == "POLICY_BLOCKED"
    assert case.text("paying", given).startswith("sent:")


def test_a_pipeline_is_looked_at_before_it_begins(case: Case) -> None:
    case.policy("mask", "BEFORE", node="each", redact={"fields": ["lines.note"]})
    case.policy("look", "BEFORE", node="each", require_approval={})
    body = {"flow": "streaming", "input": LINES, "labels": case.labels}
    events: list[SseEvent] = []
    stream = Thread(target=lambda: events.extend(case.server.stream("POST", STREAM, body)))
    stream.start()
    case.approved(eventually(lambda: case.asked("look")), "each")
    stream.join()
    frames = [event.json.get("payload") for event in events if event.name == "message"]
    assert frames == [{"sku": "TEA", "note": ""}, {"sku": "MILK", "note": ""}, None]


def frames(case: Case, flow: str = "streaming") -> tuple[list[Any], str]:
    """The frames of a stream with their final one's error, and its execution."""
    body = {"flow": flow, "input": LINES, "labels": case.labels}
    events = [event.json for event in case.server.stream("POST", STREAM, body) if event.name == "message"]
    return [event.get("payload", event.get("error")) for event in events], events[-1]["execution_id"]


def test_frames_are_looked_at_one_after_the_other(case: Case) -> None:
    case.policy("note", "AFTER", node="each", redact={"fields": ["note"]})
    case.policy("hide", "AFTER", "output.sku == 'MILK'", node="upper", redact={"fields": ["sku"]})
    case.policy("see", "BEFORE", "input.sku == 'tea'", node="upper", allow={})
    given, execution_id = frames(case)
    assert given == [{"sku": "TEA", "note": ""}, {"sku": "", "note": ""}, None]
    # What is decided about many frames is told once.
    told = sorted(each[:2] for each in case.decisions(execution_id))
    assert told == [("each", "note"), ("upper", "hide"), ("upper", "see")]


@pytest.mark.parametrize(
    ("node", "point"),
    [("each", "AFTER"), ("upper", "BEFORE"), ("upper", "AFTER")],
)
def test_a_frame_that_is_blocked_ends_the_stream(case: Case, node: str, point: str) -> None:
    what = "input" if point == "BEFORE" else "output"
    case.policy("bar", point, f"{what}.sku.matches('(?i)milk')", node=node, block={"reason": "no milk"})
    given, execution_id = frames(case)
    assert given[:-1] == [{"sku": "TEA", "note": "private"}]
    error = case.server.wait(execution_id)["error"]
    assert (error["code"], error["node"], error["class"]) == ("POLICY_BLOCKED", node, "POLICY")
    assert "no milk" in error["message"]
    assert case.decisions(execution_id) == [(node, "bar", point, "BLOCK")]


def test_whoever_would_be_asked_about_a_frame_is_not_and_it_is_blocked(case: Case) -> None:
    # It is about every node of the flow, and the first ones are unary.
    case.policy("ask", "AFTER", "node == 'upper'", require_approval={"message": "Go on?"})
    given, execution_id = frames(case)
    assert len(given) == 1
    error = case.server.wait(execution_id)["error"]
    assert (error["code"], error["node"]) == ("POLICY_BLOCKED", "upper")
    assert "nobody can approve frames one after the other: Go on?" in error["message"]


def test_a_gate_is_looked_at_with_what_it_joined(case: Case) -> None:
    case.policy("before", "BEFORE", "!has(input.text) && node == 'both'", node="both", allow={})
    case.policy("mask", "AFTER", node="both", redact={"fields": ["card_number"]})
    execution_id = case.paused("joining")
    assert [each[1] for each in case.decisions(execution_id)] == ["before", "mask"]
    pause = case.server.execution(execution_id, "/pauses/wait")
    assert pause["input"] == {"text": "100 from Ada with 4242", "card_number": ""}
    assert "policy" not in pause


def test_a_change_holds_for_nodes_that_start_later(case: Case) -> None:
    first, second = case.paused("asking"), case.paused("asking")
    case.policy("bar", "BEFORE", flow="asking", node="charge", block={})
    case.approved(first, "wait")
    assert case.server.wait(first)["error"]["code"] == "POLICY_BLOCKED"
    case.remove("bar")
    case.approved(second, "wait")
    assert case.output(second)["text"] == "100 from Ada with 4242"


def test_an_export_tells_of_decisions(case: Case) -> None:
    case.policy("look", "AFTER", node="charge", require_approval={"message": "Fine?"})
    execution_id = case.paused("paying")
    case.approved(execution_id, "charge")
    case.output(execution_id)
    document = case.server.execution(execution_id, ":export")
    [decided] = [each for each in document["events"] if each["event"]["type"] == "POLICY_DECIDED"]
    assert decided["event"]["policy"]["reason"] == "Fine?"
    assert decided["output"]["text"] == "100 from Ada with 4242"
    assert [(each["pause"], each["state"]) for each in document["pauses"]] == [("charge", "APPROVED")]
