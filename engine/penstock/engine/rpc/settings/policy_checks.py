"""What a policy may be."""

from __future__ import annotations

import re

from google.protobuf.duration_pb2 import Duration

from penstock.engine.compiler.bounds import WAIT
from penstock.engine.compiler.naming import is_name
from penstock.engine.domain import limits
from penstock.engine.domain.artifact import Mode, Work
from penstock.engine.domain.errors import InvalidArgument
from penstock.engine.domain.frontier import reachable
from penstock.engine.domain.policy import Point
from penstock.engine.runtime.programs.program import Program
from penstock.engine.runtime.settings.policy_rules import expressions
from penstock.engine.storage.rulings import DECISIONS
from penstock.wire import durations
from penstock.wire.expressions import ExpressionError
from penstock.wire.gen.policy_pb2 import Policy

_POLICY_ID = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_PATTERN = re.compile(r"[a-z0-9_*]{1,63}")
_PATH = re.compile(r"[^.\x00]{1,63}(\.[^.\x00]{1,63}){0,31}")


def check_policy_id(policy_id: str, field: str) -> None:
    """Raises InvalidArgument."""
    if not _POLICY_ID.fullmatch(policy_id):
        raise _wrong(field, f"a name such as large-orders (^{_POLICY_ID.pattern}$)", repr(policy_id[:80]))


def check_policy(policy: Policy, *, is_named: bool = True) -> None:
    """Raises InvalidArgument naming the first thing that is wrong, and in a rule the character."""
    if is_named:
        check_policy_id(policy.policy_id, "policy.policy_id")
    _check_text(policy.description, "policy.description", limits.POLICY_TEXT_LENGTH_MAX)
    for name in ("flow", "node"):
        given = getattr(policy, name)
        if given and not _PATTERN.fullmatch(given):
            expected = f"the name of a {name}, in which * stands for any characters, such as pay*"
            raise _wrong(f"policy.{name}", expected, repr(given[:80]))
    if policy.point not in (Policy.BEFORE, Policy.AFTER):
        raise _wrong("policy.point", "BEFORE or AFTER", _name(Policy.Point, policy.point))
    if policy.WhichOneof("action") is None:
        raise _wrong("policy", "one of allow, block, require_approval and redact", "none")
    if not 0 <= policy.priority <= limits.POLICY_PRIORITY_MAX:
        raise _wrong("policy.priority", f"0 to {limits.POLICY_PRIORITY_MAX:,}", f"{policy.priority:,}")
    _check_action(policy)
    _check_rule(policy)


def _check_action(policy: Policy) -> None:
    approval, fields = policy.require_approval, policy.redact.fields
    _check_text(policy.block.reason, "policy.block.reason", limits.POLICY_TEXT_LENGTH_MAX)
    _check_text(approval.message, "policy.require_approval.message", limits.POLICY_TEXT_LENGTH_MAX)
    if approval.HasField("timeout"):
        _check_length(approval.timeout, "policy.require_approval.timeout")
    elif approval.on_timeout:
        raise _wrong("policy.require_approval.timeout", "a length of time, because on_timeout is given", "none")
    if approval.on_timeout and approval.on_timeout not in DECISIONS:
        expected = f"one of {', '.join(DECISIONS)}"
        raise _wrong("policy.require_approval.on_timeout", expected, repr(approval.on_timeout[:80]))
    if policy.HasField("redact"):
        if not 1 <= len(fields) <= limits.POLICY_FIELDS_MAX:
            raise _wrong("policy.redact.fields", f"1 to {limits.POLICY_FIELDS_MAX} paths", str(len(fields)))
        for number, path in enumerate(fields):
            if not _PATH.fullmatch(path):
                expected = "names of fields with dots between them, such as customer.card_number"
                raise _wrong(f"policy.redact.fields[{number}]", expected, repr(path[:80]))


def _check_rule(policy: Policy) -> None:
    _check_text(policy.when, "policy.when", limits.POLICY_WHEN_LENGTH_MAX)
    if not policy.when:
        return
    try:
        expressions(Point(policy.point)).condition(policy.when)
    except ExpressionError as error:
        found = error.problems[0]
        what = f"expected {found.expected}, got {found.found}" if found.expected else found.message
        where = f" (at {found.position})" if found.position else ""
        raise InvalidArgument(f"policy.when: {what}{where}", field="policy.when", reason="BAD_RULE") from None


def check_place(policy: Policy, program: Program) -> None:
    """Raises InvalidArgument when policies are not looked at where this one says; `program` is that of its flow."""
    graph = program.graph
    if not is_name(policy.node):
        return
    if policy.node not in graph.names:
        known = ", ".join(graph.names[:10]) + (f" and {len(graph.names) - 10} more" if len(graph.names) > 10 else "")
        raise _wrong("policy.node", f"a node of flow {policy.flow}, one of {known}", repr(policy.node))
    index = graph.names.index(policy.node)
    what = f"node {policy.node} of flow {policy.flow}"
    if graph.rules[index].work in (Work.PAUSE, Work.SLEEP):
        kind = graph.rules[index].work.name.lower()
        raise _unsupported(f"{what} is a {kind} and runs nothing that a policy could be about")
    if graph.mode is not Mode.PIPELINE or graph.pipeline < 0:
        return
    is_begin = index == graph.pipeline and policy.point == Policy.BEFORE
    if policy.HasField("require_approval") and not is_begin and index in reachable(graph, graph.pipeline):
        raise _unsupported(f"{what} takes or gives frames, and nobody can approve these one after the other")


def _unsupported(message: str) -> InvalidArgument:
    return InvalidArgument(f"policy.node: {message}", field="policy.node", reason="UNSUPPORTED_NODE")


def _check_text(text: str, field: str, length_max: int) -> None:
    if len(text) > length_max or "\0" in text:
        raise _wrong(field, f"at most {length_max:,} characters without NUL", f"{len(text):,}")


def _check_length(length: Duration, field: str) -> None:
    for problem in WAIT.check(field, "timeout", length):
        raise _wrong(field, problem.expected, durations.spell(length))


def _name(enum: object, number: int) -> str:
    values = dict(map(reversed, enum.items()))  # type: ignore[attr-defined]
    return str(values.get(number, number))


def _wrong(field: str, expected: str, got: str) -> InvalidArgument:
    return InvalidArgument(f"{field}: expected {expected}, got {got}", field=field)
