"""The rules of policies: compiled, put in order, and judged for one message."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from google.protobuf.message import Message

from penstock.engine.domain.failure import shorten
from penstock.engine.domain.policy import Action, Point, Ruling
from penstock.engine.storage.rulings import DECISIONS
from penstock.wire.dynamic import empty
from penstock.wire.expression_problems import concealed_message
from penstock.wire.expressions import ANY_TYPE, Condition, EvaluationError, ExpressionError, Expressions
from penstock.wire.gen import policy_pb2
from penstock.wire.gen.policy_pb2 import Policy
from penstock.wire.types import TypePool, descriptor_set

ACTIONS = {
    "allow": Action.ALLOW,
    "block": Action.BLOCK,
    "require_approval": Action.REQUIRE_APPROVAL,
    "redact": Action.REDACT,
}
_SEVERITY = {Action.BLOCK: 0, Action.REQUIRE_APPROVAL: 1, Action.ALLOW: 2, Action.REDACT: 3}
_ERROR_LENGTH_MAX = 1_024

TYPES = TypePool(descriptor_set(policy_pb2.DESCRIPTOR))
"""Those of rules: theirs beside those of the messages, which are taken as they come."""
PolicyExecution = TYPES.message("penstock.v1.PolicyExecution")


@cache
def expressions(point: Point) -> Expressions:
    """Compiles rules; what a node gave is known after it alone."""
    variables = {
        "input": ANY_TYPE,
        "execution": "penstock.v1.PolicyExecution",
        "node": "string",
        "attempt": "int",
        "time": "google.protobuf.Timestamp",
    }
    if point is Point.AFTER:
        variables["output"] = ANY_TYPE
    return Expressions(TYPES, variables)


class Rule:
    """One version of a policy, ready to be judged."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.point = Point(policy.point)
        self.action = ACTIONS[policy.WhichOneof("action") or "allow"]
        self.key = (policy.priority, _SEVERITY[self.action], policy.policy_id)
        """Rules are judged in the order of it."""
        self.timeout_us = policy.require_approval.timeout.ToMicroseconds()
        """How long its approval waits; 0 for ever."""
        self._paths = [tuple(path.split(".")) for path in policy.redact.fields]
        self._flow, self._node = pattern(policy.flow), pattern(policy.node)
        self._condition: Condition | None = None
        self._problem = ""

    def is_about_flow(self, flow: str) -> bool:
        return self._flow.fullmatch(flow) is not None

    def is_about_node(self, node: str) -> bool:
        return self._node.fullmatch(node) is not None

    def reads(self, variable: str) -> bool:
        """Whether the text of its rule has this word: what no rule reads is not computed."""
        return re.search(rf"\b{variable}\b", self.policy.when) is not None

    def judge(self, facts: Mapping[str, Any], *, has_sensitive: bool = False) -> tuple[bool, str]:
        """Whether it holds, and why that cannot be evaluated, "" when it can. `facts` are what rules see, by name.

        With `has_sensitive` among them, nothing is said of their values.
        """
        if not self.policy.when:
            return True, ""
        if self._condition is None and not self._problem:
            try:
                self._condition = expressions(self.point).condition(self.policy.when)
            except ExpressionError as error:  # it compiled when it was stored
                self._problem = str(error)
        if self._condition is None:
            return self._otherwise(self._problem)
        try:
            return self._condition.holds(**facts), ""
        except EvaluationError as error:
            return self._otherwise(concealed_message(str(error)) if has_sensitive else str(error))

    def _otherwise(self, problem: str) -> tuple[bool, str]:
        return self.action is not Action.ALLOW, shorten(problem, _ERROR_LENGTH_MAX)

    def ruling(self, error: str = "", fields: Sequence[str] = ()) -> Ruling:
        policy = self.policy
        approval = policy.require_approval
        return Ruling(
            policy.policy_id,
            policy.version,
            self.point,
            self.action,
            policy.block.reason or approval.message,
            policy.dry_run,
            tuple(fields),
            DECISIONS[approval.on_timeout or "fail"] if self.action is Action.REQUIRE_APPROVAL else None,
            error,
        )

    def redact(self, message: Message) -> list[str]:
        """Empties the fields that the message has, and gives their paths."""
        return [".".join(path) for path in self._paths if empty(message, path)]


def pattern(text: str) -> re.Pattern[str]:
    """`*` stands for any characters, and so does no text at all."""
    return re.compile(".*".join(map(re.escape, text.split("*"))) if text else ".*")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What rules come to. The ruling that stops the node, where there is one, is the last."""

    rulings: tuple[Ruling, ...]
    timeout_us: int = 0
    """How long the approval waits that is last; 0 for ever."""

    @property
    def stops(self) -> bool:
        return bool(self.rulings) and self.rulings[-1].stops

    @property
    def redacts(self) -> bool:
        return any(ruling.action is Action.REDACT and not ruling.is_dry_run for ruling in self.rulings)


def judge(
    rules: Iterable[Rule],
    facts: Mapping[str, Any],
    message: Callable[[], Message | None],
    is_approved: bool,
    *,
    has_sensitive: bool = False,
) -> Verdict:
    """The verdict of rules in their order. All of them look at `facts`, which no redaction changes.

    `message` gives the message whose fields redactions empty, None when there is none. With `is_approved` nobody is
    asked any more.
    """
    recorded: list[Ruling] = []
    deciding: Rule | None = None
    stop: Ruling | None = None
    for rule in rules:
        is_redaction = rule.action is Action.REDACT
        if deciding is not None and not is_redaction:
            continue
        holds, error = rule.judge(facts, has_sensitive=has_sensitive)
        if not holds:
            continue
        if is_redaction:
            target = message()
            if target is None:
                continue
            if rule.policy.dry_run:
                target = _copy(target)
            fields = rule.redact(target)
            if fields:
                recorded.append(rule.ruling(error, fields))
            continue
        if is_approved and rule.action is Action.REQUIRE_APPROVAL:
            deciding = deciding if rule.policy.dry_run else rule
            continue
        ruling = rule.ruling(error)
        if not ruling.is_dry_run:
            deciding = rule
        if ruling.stops:
            stop = ruling
        else:
            recorded.append(ruling)
    if stop is None or deciding is None:
        return Verdict(tuple(recorded))
    return Verdict((*recorded, stop), deciding.timeout_us)


def follow(rulings: Iterable[Ruling], message: Message) -> None:
    """Empties the fields that rulings on record name."""
    for ruling in rulings:
        if ruling.action is Action.REDACT and not ruling.is_dry_run:
            for path in ruling.fields:
                empty(message, path.split("."))


def _copy(message: Message) -> Message:
    copied = type(message)()
    copied.CopyFrom(message)
    return copied
