"""Policies, what they decided, and what waits for an approval: the same through HTTP, gRPC and the command line."""

from __future__ import annotations

import json
import re
from typing import Any

import grpc

from penstock.wire.gen import execution_service_pb2 as executions
from penstock.wire.gen import pause_service_pb2 as pauses
from penstock.wire.gen import policy_service_pb2 as policies
from penstock.wire.gen.execution_service_pb2_grpc import ExecutionServiceStub
from penstock.wire.gen.pause_service_pb2_grpc import PauseServiceStub
from penstock.wire.gen.policy_pb2 import Policy
from penstock.wire.gen.policy_service_pb2_grpc import PolicyServiceStub
from penstock.wire.json import to_struct
from tests.explain.looks import as_json, by_grpc, explained, settled, told
from tests.policies.rules import ORDER, POLICIES, Case, Done

TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"


def lines(done: Done) -> list[str]:
    assert done.code == 0, done.err
    return [re.sub(TIME, "TIME", line) for line in done.out.splitlines()]


def metadata(case: Case) -> Any:
    return (("authorization", f"Bearer {case.server.key}"),)


def test_policies_are_the_same_through_every_face(case: Case, shop_channel: grpc.Channel) -> None:
    made = case.policy("look", "BEFORE", flow=f"{case.name}*", node="charge", require_approval={"message": "Sure?"})
    policy_id, stub = made["policy_id"], PolicyServiceStub(shop_channel)
    who: Any = {"metadata": metadata(case), "timeout": 30}
    assert as_json(stub.GetPolicy(policies.GetPolicyRequest(policy_id=policy_id), **who)) == made
    assert json.loads(case.command("policies", "get", policy_id, "--output", "json").out) == made
    asked = policies.ListPoliciesRequest(flow=f"{case.name}_x")
    listed = case.server.request("GET", f"{POLICIES}?flow={case.name}_x").json
    assert as_json(stub.ListPolicies(asked, **who)) == listed
    done = case.command("policies", "list", "--flow", f"{case.name}_x", "--output", "json")
    assert json.loads(done.out) == {"policies": listed["policies"]}
    changed = stub.UpdatePolicy(policies.UpdatePolicyRequest(policy=Policy(policy_id=policy_id, priority=9)), **who)
    versions = case.server.request("GET", f"{POLICIES}/{policy_id}/versions").json
    assert versions["policies"] == [as_json(changed), made]
    assert as_json(stub.ListPolicyVersions(policies.ListPolicyVersionsRequest(policy_id=policy_id), **who)) == versions
    done = case.command("policies", "versions", policy_id, "--output", "json")
    assert json.loads(done.out) == {"policies": versions["policies"]}


def test_a_test_is_the_same_through_every_face(case: Case, shop_channel: grpc.Channel) -> None:
    made = case.policy("mask", "BEFORE", "input.total_cents > 1", redact={"fields": ["customer.card_number"]})
    body = {"policy_id": made["policy_id"], "flow": "paying", "node": "charge", "input": ORDER, "labels": case.labels}
    answer = case.server.request("POST", f"{POLICIES}:test", body).json
    assert answer["decision"]["fields"] == ["customer.card_number"]
    request = policies.TestPolicyRequest(
        policy_id=made["policy_id"], flow="paying", node="charge", input=to_struct(ORDER), labels=case.labels
    )
    stub = PolicyServiceStub(shop_channel)
    assert as_json(stub.TestPolicy(request, metadata=metadata(case), timeout=30)) == answer
    words = (
        "policies",
        "test",
        made["policy_id"],
        "--flow",
        "paying",
        "--node",
        "charge",
        "--input",
        json.dumps(ORDER),
    )
    label = f"case={case.name}"
    done = case.command(*words, "--label", label, "--output", "json")
    assert json.loads(done.out) == answer
    assert lines(case.command(*words, "--label", label))[:3] == [
        "about it:  yes",
        "holds:     yes",
        f"would:     policy {made['policy_id']} v1 emptied customer.card_number",
    ]


def test_what_waits_for_an_approval_is_told_alike(case: Case, shop_channel: grpc.Channel) -> None:
    made = case.policy("look", "BEFORE", node="charge", require_approval={"message": "Sure?"})
    execution_id = case.paused("paying")
    who: Any = {"metadata": metadata(case), "timeout": 30}
    explanation = explained(case.server, execution_id)
    assert (explanation["reason"], explanation["classification"]) == ("WAITING_FOR_DECISION", "APPROVAL_PENDING")
    assert told(explanation, case.server) == (
        f"charge waits since TIME for a person to let it run, as policy {made['policy_id']} v1 requires: “Sure?”."
    )
    [cause] = explanation["causes"]
    assert [each["action"] for each in cause["actions"]] == ["approve", "reject"]
    assert settled(by_grpc(case.server, shop_channel, execution_id)) == settled(explanation)
    done = case.command("executions", "explain", execution_id, "--output", "json")
    assert settled(json.loads(done.out)) == settled(explanation)
    pause = case.server.execution(execution_id, "/pauses/charge")
    request = pauses.GetPauseRequest(execution_id=execution_id, pause="charge")
    assert as_json(PauseServiceStub(shop_channel).GetPause(request, **who)) == pause
    done = case.command("pauses", "get", execution_id, "charge", "--output", "json")
    assert json.loads(done.out) == pause
    done = case.command("pauses", "approve", execution_id, "charge", "--comment", "go")
    assert lines(done) == [f"{execution_id} charge APPROVED"]
    case.output(execution_id)
    events = case.server.execution(execution_id, "/events?page_size=1000")
    listing = executions.ListEventsRequest(execution_id=execution_id, page_size=1000)
    assert as_json(ExecutionServiceStub(shop_channel).ListEvents(listing, **who)) == events
    told_by_command = "\n".join(lines(case.command("executions", "events", execution_id)))
    assert f"policy {made['policy_id']} v1 requires an approval: Sure?" in told_by_command
    assert "waits for a person's approval" in told_by_command


def test_refusals_are_the_same_through_every_face(case: Case, shop_channel: grpc.Channel) -> None:
    wrong = {"policy_id": case.id("wrong"), "point": "BEFORE", "allow": {}, "when": "input.x >"}
    answer = case.server.request("POST", POLICIES, wrong)
    assert (answer.status, answer.json["reason"]) == (400, "BAD_RULE")
    policy = Policy(policy_id=case.id("wrong"), point=Policy.BEFORE, when="input.x >")
    policy.allow.SetInParent()
    try:
        PolicyServiceStub(shop_channel).CreatePolicy(
            policies.CreatePolicyRequest(policy=policy), metadata=metadata(case), timeout=30
        )
    except grpc.RpcError as error:
        assert (error.code(), error.details()) == (grpc.StatusCode.INVALID_ARGUMENT, answer.json["error"])
    done = case.command("policies", "set", case.id("wrong"), "--before", "--allow", "--when", "input.x >")
    assert (done.code, done.err) == (1, f"penstock: {answer.json['error']}\n")


def test_the_command_line_makes_changes_and_shows_them(case: Case) -> None:
    words = ("policies", "set", case.id("rule"))
    done = case.command(
        *words,
        *("--flow", f"{case.name}*", "--node", "charge", "--before", "--priority", "4"),
        *("--when", "input.total_cents > 5", "--require-approval", "Sure?", "--timeout", "1h30m"),
    )
    assert lines(done) == [f"policy {case.id('rule')} v1: BEFORE {case.name}*/charge REQUIRE_APPROVAL"]
    case.made.append(case.id("rule"))
    assert lines(case.command(*words, "--dry-run", "--block", "no")) == [
        f"policy {case.id('rule')} v2: BEFORE {case.name}*/charge BLOCK (dry run)"
    ]
    assert lines(case.command("policies", "list", "--flow", f"{case.name}_x")) == [
        f"POLICY{' ' * 14}VERSION  PRIORITY  FLOW{' ' * 12}NODE    POINT   ACTION           WHEN",
        f"{case.id('rule')}  2        4         {case.name}*  charge  BEFORE  BLOCK (dry run)  input.total_cents > 5",
    ]
    assert lines(case.command("policies", "get", case.id("rule"), "--version", "1")) == [
        f"policy:    {case.id('rule')} v1",
        f"flow:      {case.name}*",
        "node:      charge",
        "point:     BEFORE",
        "when:      input.total_cents > 5",
        "action:    REQUIRE_APPROVAL",
        "reason:    Sure?",
        "timeout:   5400s, then fail",
        "priority:  4",
        "made:      TIME",
        "changed:   TIME",
    ]
    assert lines(case.command("policies", "versions", case.id("rule"))) == [
        "VERSION  MADE                 POINT   ACTION            WHEN".replace("                 ", " " * 17),
        "2        TIME  BEFORE  BLOCK (dry run)   input.total_cents > 5",
        "1        TIME  BEFORE  REQUIRE_APPROVAL  input.total_cents > 5",
    ]
    assert lines(case.command("policies", "delete", case.id("rule"))) == [f"policy {case.id('rule')} is gone"]
    case.made.clear()
    assert lines(case.command("policies", "list", "--flow", f"{case.name}_x")) == [
        f"No policies about flow {case.name}_x."
    ]
    assert case.command(*words, "--timeout", "1h").code == 2
