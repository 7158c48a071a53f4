"""What scopes look like, what they allow, and which of two is the stronger one."""

from __future__ import annotations

import pytest

from penstock.wire.scopes import ADMIN, EVERYTHING, VERBS, Grants, ScopeError, parse_scope


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("invoke", "invoke"),
        ("invoke:*", "invoke"),
        ("invoke:hello", "invoke:hello"),
        ("invoke:hello@live", "invoke:hello@live"),
        ("invoke:*@live", "invoke:*@live"),
        ("executions:read", "executions:read"),
        ("executions:read:pay*", "executions:read:pay*"),
        ("approve:pay_*_big", "approve:pay_*_big"),
        ("secrets:write", "secrets:write"),
        ("admin", "admin"),
    ],
)
def test_a_scope_is_a_verb_and_a_pattern(text: str, shown: str) -> None:
    assert str(parse_scope(text)) == shown


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "expected one of invoke, "),
        ("executions", "expected one of invoke, "),
        ("executions:reads", "expected one of invoke, "),
        ("Admin", "expected one of invoke, "),
        ("admin:*", "expected admin with nothing behind it, got 'admin:*'"),
        ("secrets:write:x", "expected secrets:write with nothing behind it"),
        ("approve:pay@live", "expected approve of a flow, without an alias"),
        ("invoke:", "expected the name of a flow, in which * stands for any characters"),
        ("invoke:hello@", "expected the name of a flow"),
        ("invoke:Hello", "expected the name of a flow"),
        ("invoke:a@b@c", "expected the name of a flow"),
    ],
)
def test_what_is_no_scope_is_refused_with_what_was_expected(text: str, problem: str) -> None:
    with pytest.raises(ScopeError) as raised:
        parse_scope(text)
    assert str(raised.value).startswith(problem)


@pytest.mark.parametrize(
    ("scopes", "allowed", "refused"),
    [
        (["invoke:hello"], [("invoke", "hello", "*"), ("flows:read", "hello", "*")], [("invoke", "hello2", "*")]),
        (["invoke:hello@live"], [("invoke", "hello", "live")], [("invoke", "hello", "*"), ("invoke", "hello", "new")]),
        (["invoke:*@l*"], [("invoke", "x", "live"), ("flows:read", "x", "*")], [("invoke", "x", "canary")]),
        (["executions:write:pay*"], [("executions:read", "pay", "*")], [("executions:read", "repay", "*")]),
        (["approve:a*c"], [("approve", "abc", "*"), ("executions:read", "ac", "*")], [("approve", "ab", "*")]),
        (["executions:read"], [("executions:read", "any", "*")], [("payloads:read", "any", "*")]),
        (["admin"], [(verb, "any", "*") for verb in VERBS], []),
        (["of:a:later:version"], [], [(verb, "any", "*") for verb in VERBS]),
        ([], [], [(verb, "any", "*") for verb in VERBS]),
    ],
)
def test_a_key_does_what_its_scopes_allow_and_no_more(
    scopes: list[str], allowed: list[tuple[str, str, str]], refused: list[tuple[str, str, str]]
) -> None:
    grants = Grants(scopes)
    assert [each for each in allowed if not grants.allows(*each)] == []
    assert [each for each in refused if grants.allows(*each)] == []


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb.endswith(":write")])
def test_who_may_change_something_may_look_at_it(verb: str) -> None:
    looking = verb.replace(":write", ":read")
    assert Grants([verb]).has(looking)
    assert not Grants([looking]).has(verb)


@pytest.mark.parametrize(
    ("strong", "weak"),
    [
        ("admin", "admin"),
        ("admin", "invoke:hello"),
        ("invoke", "invoke:hello@live"),
        ("invoke:hello", "invoke:hello@live"),
        ("invoke:h*", "invoke:he*"),
        ("invoke:h*", "invoke:h*o"),
        ("executions:write:pay*", "executions:read:pay_rent"),
        ("invoke:pay", "flows:read:pay"),
    ],
)
def test_a_scope_covers_what_it_allows(strong: str, weak: str) -> None:
    assert Grants([strong]).covers(parse_scope(weak))
    assert strong == weak or not Grants([weak]).covers(parse_scope(strong))


@pytest.mark.parametrize(("one", "other"), [("invoke:a*", "invoke:*a"), ("executions:read", "payloads:read")])
def test_of_two_different_scopes_neither_covers_the_other(one: str, other: str) -> None:
    assert not Grants([one]).covers(parse_scope(other))
    assert not Grants([other]).covers(parse_scope(one))


def test_who_calls_from_within_may_do_everything() -> None:
    assert EVERYTHING.whole == {*VERBS, "any"}
    assert EVERYTHING.scopes == (ADMIN,)


def test_what_is_asked_of_a_key_is_not_remembered_without_end() -> None:
    grants = Grants(["invoke:pay*@live"])
    for number in range(1_000):
        assert grants.allows("invoke", f"pay{number}", "live")
        assert not grants.allows("invoke", f"pay{number}")
        assert not grants.allows("invoke", f"{number}" * 1_000, "live")
    assert len(grants._answers) <= 256
    assert all(len(flow) <= 256 for _, flow, _ in grants._answers)
