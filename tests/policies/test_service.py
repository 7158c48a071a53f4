"""PolicyService over HTTP: what is kept, what is refused, and what tests tell."""

from __future__ import annotations

from typing import Any

import pytest

from tests.policies.rules import EXECUTIONS, ORDER, POLICIES, Case


def test_every_change_is_a_version_that_stays_readable(case: Case) -> None:
    made = case.policy("rule", "BEFORE", flow="pay*", node="charge", block={"reason": "one"}, priority=3)
    path = f"{POLICIES}/{made['policy_id']}"
    assert (made["version"], made["create_time"]) == (1, made["update_time"])
    assert case.server.request("GET", path).json == made
    changed = case.change("rule", require_approval={"message": "two"})
    assert (changed["version"], changed["priority"], "block" in changed) == (2, 3, False)
    assert changed["create_time"] == made["create_time"]
    listed = case.server.request("GET", f"{path}/versions").json
    assert listed == {"policies": [changed, made], "next_page_token": ""}
    page = case.server.request("GET", f"{path}/versions?page_size=1").json
    rest = case.server.request("GET", f"{path}/versions?page_size=1&page_token={page['next_page_token']}").json
    assert page["policies"] + rest["policies"] == [changed, made]
    case.remove("rule")
    assert case.server.request("GET", path).status == 404
    assert case.server.request("GET", f"{path}?version=1").json == made
    again = case.policy("rule", "AFTER", allow={})
    assert (again["version"], again["flow"]) == (3, "")


def test_a_change_says_which_fields_and_which_version(case: Case) -> None:
    made = case.policy("rule", "BEFORE", "true", description="one", block={}, dry_run=True)
    path = f"{POLICIES}/{made['policy_id']}"
    answer = case.server.request("PATCH", f"{path}?update_mask=dryRun,description", {"description": ""})
    assert (answer.json["dry_run"], answer.json["description"], answer.json["version"]) == (False, "", 2)
    stale = case.server.request("PATCH", path, {"version": 1, "priority": 7})
    assert (stale.status, stale.json["reason"]) == (409, "SUPERSEDED")
    assert case.server.request("PATCH", f"{path}?update_mask=version", {"priority": 7}).status == 400
    missing = case.server.request("PATCH", f"{POLICIES}/{case.id('new')}", {"point": "BEFORE", "allow": {}})
    assert missing.status == 404
    answer = case.server.request(
        "PATCH", f"{POLICIES}/{case.id('new')}?allow_missing=true", {"point": "BEFORE", "allow": {}, "flow": "none"}
    )
    assert (answer.status, answer.json["version"]) == (200, 1)
    case.made.append(case.id("new"))


def test_policies_are_listed_in_the_order_in_which_they_are_looked_at(case: Case) -> None:
    for name, action, priority in (("c", "allow", 1), ("b", "block", 2), ("a", "allow", 2), ("z", "block", 1)):
        case.policy(name, "BEFORE", flow=f"{case.name}*", **{action: {}}, priority=priority)
    whole = case.server.request("GET", f"{POLICIES}?flow={case.name}_x").json["policies"]
    assert [each["policy_id"].partition("-")[2] for each in whole] == ["z", "c", "b", "a"]
    found: list[Any] = []
    token = ""
    while True:
        page = case.server.request("GET", f"{POLICIES}?flow={case.name}_x&page_size=1&page_token={token}").json
        found += page["policies"]
        token = page["next_page_token"]
        if not token:
            break
    assert found == whole


_ASKS: dict[str, Any] = {"block": None, "require_approval": {}}


@pytest.mark.parametrize(
    ("body", "field", "problem"),
    [
        ({"policy_id": "Large"}, "policy.policy_id", "expected a name such as large-orders"),
        ({"flow": "Pay"}, "policy.flow", "expected the name of a flow, in which * stands"),
        ({"node": "a b"}, "policy.node", "expected the name of a node"),
        ({"point": "POINT_UNSPECIFIED"}, "policy.point", "expected BEFORE or AFTER, got POINT_UNSPECIFIED"),
        ({"priority": -1}, "policy.priority", "expected 0 to 1,000,000, got -1"),
        ({"when": "input.total >"}, "policy.when", "not a CEL expression: it ends too early (at character 14)"),
        ({"when": "1 + 1"}, "policy.when", "expected bool, got int"),
        ({"when": "output.x"}, "policy.when", "output.x is not known"),
        ({"when": "x" * 4097}, "policy.when", "expected at most 4,096 characters without NUL, got 4,097"),
        ({"block": None, "redact": {"fields": []}}, "policy.redact.fields", "expected 1 to 100 paths, got 0"),
        ({"block": None, "redact": {"fields": ["a..b"]}}, "policy.redact.fields[0]", "expected names of fields"),
        (
            {"block": None, "require_approval": {"timeout": "1s", "on_timeout": "no"}},
            "policy.require_approval.on_timeout",
            "expected one of approve, reject, fail, got 'no'",
        ),
        ({"block": None, "require_approval": {"timeout": "0s"}}, "policy.require_approval.timeout", "expected 1ms to"),
        ({"block": None}, "policy", "expected one of allow, block, require_approval and redact, got none"),
        ({"flow": "paying", "node": "nothing"}, "policy.node", "expected a node of flow paying, one of price, charge"),
        ({"flow": "joining", "node": "wait"}, "policy.node", "is a pause and runs nothing"),
        (
            {"flow": "streaming", "node": "upper", **_ASKS},
            "policy.node",
            "takes or gives frames, and nobody can approve",
        ),
        ({"flow": "streaming", "node": "each", "point": "AFTER", **_ASKS}, "policy.node", "takes or gives frames"),
    ],
)
def test_what_is_wrong_is_named(case: Case, body: Any, field: str, problem: str) -> None:
    policy = {"policy_id": case.id("wrong"), "point": "BEFORE", "block": {}} | body
    answer = case.server.request("POST", POLICIES, {name: value for name, value in policy.items() if value is not None})
    assert answer.status == 400, answer.body
    assert problem in answer.json["error"]
    assert [each["field"] for each in answer.json["details"]["violations"]] == [field]


def test_a_name_is_given_once(case: Case) -> None:
    made = case.policy("rule", "BEFORE", block={})
    answer = case.server.request("POST", POLICIES, {"policy_id": made["policy_id"], "point": "BEFORE", "block": {}})
    assert (answer.status, answer.json["reason"]) == (409, "ALREADY_EXISTS")


def test_nobody_else_sees_them(case: Case) -> None:
    made = case.policy("rule", "BEFORE", block={})
    key = case.command("keys", "create", "eve", "--account", "eve").out.strip()
    eve = {"Authorization": f"Bearer {key}"}
    path = f"{POLICIES}/{made['policy_id']}"
    for verb, where, body in (
        ("GET", path, None),
        ("GET", f"{path}?version=1", None),
        ("GET", f"{path}/versions", None),
        ("PATCH", path, {"priority": 1}),
        ("DELETE", path, None),
        ("POST", f"{POLICIES}:test", {"policy_id": made["policy_id"]}),
    ):
        assert case.server.request(verb, where, body, eve).status == 404, (verb, where)
    assert case.server.request("GET", POLICIES, None, eve).json["policies"] == []


def trial(case: Case, **body: Any) -> Any:
    answer = case.server.request("POST", f"{POLICIES}:test", body)
    assert answer.status == 200, answer.body
    return answer.json


MASK = {"point": "BEFORE", "redact": {"fields": ["customer.card_number"]}, "when": "input.total_cents > 50"}


def test_a_policy_is_tested_with_a_message_of_a_type(case: Case) -> None:
    answer = trial(case, policy=MASK, flow="paying", node="charge", input=ORDER)
    assert (answer["is_about"], answer["holds"], answer["decision"]["action"]) == (True, True, "REDACT")
    assert answer["message"]["customer"] == {"name": "Ada", "card_number": ""}
    answer = trial(case, policy=MASK | {"flow": "other"}, flow="paying", node="charge", input=ORDER)
    assert (answer["is_about"], answer["holds"], "decision" in answer) == (False, True, False)
    wrong = case.server.request(
        "POST", f"{POLICIES}:test", {"policy": MASK, "flow": "paying", "node": "charge", "input": {"total": 1}}
    )
    assert (wrong.status, "input.total" in wrong.json["error"]) == (400, True)


def test_a_policy_is_tested_with_any_json(case: Case) -> None:
    answer = trial(case, policy=MASK, input={"total_cents": 51, "customer": {"card_number": "1", "name": "x"}})
    assert answer["message"] == {"total_cents": 51, "customer": {"name": "x"}}
    answer = trial(case, policy=MASK, input={})
    assert (answer["holds"], answer["error"]) == (True, 'Key not found in map : "total_cents"')
    rule = {"point": "AFTER", "block": {"reason": "no"}, "when": "attempt == 2 && execution.labels.team == 'a'"}
    assert trial(case, policy=rule, attempt=2, labels={"team": "a"})["decision"]["reason"] == "no"
    assert not trial(case, policy=rule, attempt=1, labels={"team": "a"})["holds"]


def test_a_policy_is_tested_with_what_is_on_record(case: Case) -> None:
    execution_id = case.invoke("paying")["execution_id"]
    made = case.policy("rule", "AFTER", "output.card_number == '4242'", flow="paying", block={})
    about = {"policy_id": made["policy_id"], "execution_id": execution_id}
    answer = trial(case, **about, node="charge")
    assert (answer["decision"]["action"], answer["message"]["card_number"]) == ("BLOCK", "4242")
    assert trial(case, policy=MASK, execution_id=execution_id, node="charge")["holds"]
    assert case.server.request("POST", f"{POLICIES}:test", about | {"node": "nothing"}).status == 404
    assert case.server.request("POST", f"{POLICIES}:test", about | {"node": "charge", "input": {}}).status == 400
    # It was only a test.
    assert [event["type"] for event in case.events(execution_id)].count("POLICY_DECIDED") == 0
    mapped = case.invoke("mapping", {"lines": [{"sku": "tea"}]})["execution_id"]
    rule = {"point": "BEFORE", "block": {}, "when": "size(input.lines) == 1"}
    assert trial(case, policy=rule, execution_id=mapped, node="lines")["holds"]


def test_a_node_that_was_not_reached_cannot_be_looked_at(case: Case) -> None:
    case.policy("bar", "BEFORE", node="charge", block={})
    execution_id, _ = case.failed("paying")
    answer = case.server.request(
        "POST", f"{POLICIES}:test", {"policy": MASK, "execution_id": execution_id, "node": "send"}
    )
    assert (answer.status, answer.json["reason"]) == (409, "NOT_REACHED")
    assert case.server.execution(execution_id, "/pauses") == {"pauses": [], "next_page_token": ""}
    assert case.server.request("GET", f"{EXECUTIONS}/{execution_id}/pauses/charge").status == 404
