"""How rules see messages, in which order they decide, and what redactions leave."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message

from penstock.engine.domain.policy import Action, Point
from penstock.engine.runtime.settings.policy_rules import PolicyExecution, Rule, expressions, follow, judge, pattern
from penstock.wire.dynamic import empty, plain
from penstock.wire.expressions import ExpressionError
from penstock.wire.gen.config_pb2 import Config
from penstock.wire.gen.execution_pb2 import Execution
from penstock.wire.gen.policy_pb2 import Policy

FACTS: dict[str, Any] = {"execution": PolicyExecution(flow="pay"), "node": "charge", "attempt": 1}
FACTS["time"] = Execution().create_time


def rule(name: str, action: str, when: str = "", priority: int = 0, **fields: Any) -> Rule:
    body = {"policy_id": name, "version": 1, "point": "BEFORE", "when": when, "priority": priority} | fields
    return Rule(ParseDict(body | {action: fields.pop(action, {})}, Policy()))


def config() -> Config:
    return ParseDict(
        {
            "configId": "night",
            "isDefault": True,
            "values": {"card": {"number": "4242"}, "lines": [{"note": "a"}, {"note": "b"}]},
            "nodes": {"boil": {"timeout": "3s", "retries": {"maxAttempts": 2}}, "pour": {"timeout": "1s"}},
            "createTime": "2024-01-01T00:00:00Z",
        },
        Config(),
    )


def decided(rules: list[Rule], message: Message | None = None, is_approved: bool = False, **facts: Any) -> list[Any]:
    ordered = sorted(rules, key=lambda each: each.key)
    verdict = judge(ordered, FACTS | {"input": {}} | facts, lambda: message, is_approved)
    return [(ruling.policy, ruling.action.name, ruling.stops) for ruling in verdict.rulings]


@pytest.mark.parametrize(
    "text",
    [
        "input.config_id == 'night' && input.is_default && input.flow == ''",
        "input.create_time < time || input.create_time > time || input.create_time == time",
        "input.nodes['boil'].timeout == duration('3s') && input.nodes['boil'].retries.max_attempts == 2",
        "!has(input.update_time) && !has(input.nothing) && 'boil' in input.nodes",
        "input.values.card.number == '4242' && input.values.lines.exists(line, line.note == 'b')",
        "node == 'charge' && attempt == 1 && execution.flow.startsWith('p') && size(execution.labels) == 0",
    ],
)
def test_rules_see_fields_by_their_names(text: str) -> None:
    assert expressions(Point.BEFORE).condition(text).holds(**FACTS, input=plain(config()))


def test_enums_are_names() -> None:
    assert plain(Execution(status=Execution.PAUSED))["status"] == "PAUSED"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("input.total >", "not a CEL expression: it ends too early (at character 14)"),
        ("execution.flw == 'x'", "PolicyExecution has no field flw; did you mean flow? (at character 10)"),
        ("output.x == 1", "output.x is not known; the variables are attempt, execution, input, node, time"),
        ("attempt + 1", "wrong type"),
    ],
)
def test_what_does_not_compile_says_where(text: str, problem: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        expressions(Point.BEFORE).condition(text)
    assert problem in str(raised.value)


def test_the_first_in_order_decides() -> None:
    block, ask, let = rule("block", "block"), rule("ask", "require_approval"), rule("let", "allow")
    assert decided([let, ask, block]) == [("block", "BLOCK", True)]
    assert decided([let, ask]) == [("ask", "REQUIRE_APPROVAL", True)]
    assert decided([rule("let", "allow", priority=1), rule("block", "block", priority=2)]) == [("let", "ALLOW", False)]
    assert decided([rule("let", "allow", "false", 1), rule("block", "block", priority=2)]) == [("block", "BLOCK", True)]
    assert decided([rule("b", "block"), rule("a", "block")]) == [("a", "BLOCK", True)]


def test_what_is_approved_is_asked_no_more_and_hides_what_is_behind_it() -> None:
    rules = [rule("ask", "require_approval", priority=1), rule("block", "block", priority=2)]
    assert decided(rules, is_approved=True) == []
    assert decided([rules[1]], is_approved=True) == [("block", "BLOCK", True)]


def test_dry_runs_decide_nothing() -> None:
    rules = [rule("a", "block", dryRun=True), rule("b", "allow", priority=1), rule("c", "block", priority=2)]
    assert decided(rules) == [("a", "BLOCK", False), ("b", "ALLOW", False)]


def test_what_cannot_be_evaluated_restricts() -> None:
    wrong = "input.nothing == 1"
    assert decided([rule("let", "allow", wrong), rule("ask", "require_approval", wrong)]) == [
        ("ask", "REQUIRE_APPROVAL", True)
    ]
    verdict = judge([rule("ask", "block", wrong)], FACTS | {"input": {}}, lambda: None, False)
    assert verdict.rulings[0].error == 'Key not found in map : "nothing"'


def test_every_redaction_holds_whatever_decides() -> None:
    message = config()
    rules = [
        rule("let", "allow", priority=1),
        rule("one", "redact", priority=2, redact={"fields": ["values.card.number", "nothing"]}),
        rule("two", "redact", priority=3, redact={"fields": ["nodes.boil"]}),
        rule("none", "redact", priority=4, redact={"fields": ["nothing"]}),
        rule("dry", "redact", priority=5, redact={"fields": ["config_id"]}, dryRun=True),
    ]
    found = decided(rules, message, input=plain(message))
    assert [each[0] for each in found] == ["let", "one", "two", "dry"]
    assert plain(message)["values"] == {"card": {}, "lines": [{"note": "a"}, {"note": "b"}]}
    assert (list(message.nodes), message.config_id) == (["pour"], "night")


def test_redactions_on_record_are_followed() -> None:
    message, again = config(), config()
    verdict = judge([rule("one", "redact", redact={"fields": ["values.lines.note"]})], FACTS, lambda: message, False)
    assert verdict.rulings[0].fields == ("values.lines.note",)
    follow(verdict.rulings, again)
    assert again == message


@pytest.mark.parametrize(
    ("path", "is_there"),
    [
        ("flow", True),
        ("flow.more", False),
        ("nothing", False),
        ("update_time.seconds", True),
        ("nodes.pour.timeout", True),
        ("nodes.stir.timeout", False),
        ("values.lines.note", True),
        ("values.card.colour", False),
    ],
)
def test_a_path_names_what_a_type_has(path: str, is_there: bool) -> None:
    assert empty(config(), path.split(".")) is is_there


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [("", "anything", None), ("pay*", "payout", "repay"), ("*pay", "repay", "payout"), ("p*y", "pay", "pays")],
)
def test_stars_stand_for_any_characters(text: str, yes: str, no: str | None) -> None:
    assert pattern(text).fullmatch(yes)
    assert no is None or not pattern(text).fullmatch(no)


def test_actions_have_the_numbers_of_the_contract() -> None:
    for ours, proto in ((Action, Policy.Action), (Point, Policy.Point)):
        named = {name: number for name, number in proto.items() if number}
        assert {member.name: member.value for member in ours} == named  # type: ignore[attr-defined]
