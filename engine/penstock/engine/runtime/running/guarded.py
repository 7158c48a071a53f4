"""Runs a node about which there are policies: they are looked at before it runs and with what it gave."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from penstock.engine.domain.artifact import Work
from penstock.engine.domain.errors import LeaseLost
from penstock.engine.domain.occurrence import NodeCompleted, NodeFailed, Occurrence, PolicyDecided
from penstock.engine.domain.policy import UNGUARDED, Action, Point
from penstock.engine.domain.states import Wait
from penstock.engine.runtime.programs.binding import BoundNode
from penstock.engine.runtime.running.failures import failure_of
from penstock.engine.runtime.running.node_runner import bounded
from penstock.engine.runtime.settings.policies import NodeRules
from penstock.engine.runtime.settings.policy_rules import PolicyExecution, Rule, Verdict, follow, judge
from penstock.wire.dynamic import plain
from penstock.wire.expressions import EvaluationError

if TYPE_CHECKING:
    from penstock.engine.runtime.driver import Driver
    from penstock.engine.runtime.walker import Walker

Outcome = tuple[Occurrence, bytes | None]
Perform = Callable[["Walker", BoundNode, bytes | None], Awaitable[Outcome]]


async def perform_guarded(
    walker: Walker, node: BoundNode, message: bytes | None, rules: NodeRules | None, perform: Perform
) -> Outcome:
    """Runs a node to its end, as `perform` does, unless a policy or a person says no.

    Raises LeaseLost, and CancelledError when the walker is dropped.
    """
    driver, started_us = walker.driver, walker.driver.runtime.clock.now_us()
    try:
        given = None if node.work is Work.GATE else _message(driver, node.index, message)
    except EvaluationError:
        return await perform(walker, node, message)  # It fails by it.
    try:
        verdict, message = await _before(walker, node, given, rules)
        if verdict is not None and verdict.rulings:
            decided = _decided(driver, node.index, started_us, verdict, message)
            if verdict.stops:
                return decided, None
            await driver.submit(decided)
        outcome = await perform(walker, node, message)
        if rules is None or not rules.after or type(outcome[0]) is not NodeCompleted:
            return outcome
        return await _after(walker, node, given, outcome[0], rules.after) or outcome
    except LeaseLost:
        raise
    except Exception as error:
        # A redaction that leaves no message, for example: what policies are about must not go on without them.
        if walker.is_over:
            raise
        return _failed(walker, node, started_us, error), None


async def _before(
    walker: Walker, node: BoundNode, given: bytes | None, rules: NodeRules | None
) -> tuple[Verdict | None, bytes | None]:
    """What the rules before a node come to, None when they are not asked, and the message that it gets."""
    driver, index = walker.driver, node.index
    guard = (driver.run.guards or {}).get(index, UNGUARDED)
    subject = Subject(driver, index, Point.BEFORE, given)
    if guard.rulings:
        if subject.message is not None:
            follow(guard.rulings, subject.message)
        redacts = any(each.action is Action.REDACT and not each.is_dry_run for each in guard.rulings)
        return None, subject.serialized() if redacts else given
    # What waits for its child has started.
    if rules is None or not rules.before or driver.run.flights[index].wait is Wait.FLOW:
        return None, given
    facts = await facts_of(walker, node, rules.before, {"input": given})
    verdict = judge(
        rules.before, facts, lambda: subject.message, guard.is_approved, has_sensitive=_is_sensitive(driver)
    )
    return verdict, subject.serialized() if verdict.redacts else given


async def _after(
    walker: Walker, node: BoundNode, given: bytes | None, completed: NodeCompleted, rules: Sequence[Rule]
) -> Outcome | None:
    """What becomes of an output; None when no rule about it holds."""
    driver, index = walker.driver, node.index
    subject = Subject(driver, index, Point.AFTER, completed.output)
    facts = await facts_of(walker, node, rules, {"input": given, "output": completed.output})
    verdict = judge(rules, facts, lambda: subject.message, is_approved=False, has_sensitive=_is_sensitive(driver))
    if not verdict.rulings:
        return None
    if verdict.redacts:
        output = bounded(node, subject.serialized() or b"")
        branch = completed.branch
        if not verdict.stops:
            branch, _ = driver.program.route(index, output, driver.input)
        completed = completed._replace(output=output, branch=branch)
    if verdict.stops and verdict.rulings[-1].action is Action.BLOCK and completed.taken_signals:
        driver.mailbox.give_back(completed.taken_signals)
    decided = _decided(driver, index, completed.started_us, verdict, completed.output)
    return decided._replace(completed=completed), None


def _is_sensitive(driver: Driver) -> bool:
    return driver.program.sensitive is not None


def _decided(driver: Driver, node: int, started_us: int, verdict: Verdict, message: bytes | None) -> PolicyDecided:
    due_us = driver.runtime.clock.now_us() + verdict.timeout_us if verdict.timeout_us else 0
    return PolicyDecided(node, started_us, verdict.rulings, message, due_us)


def _failed(walker: Walker, node: BoundNode, started_us: int, error: Exception) -> NodeFailed:
    return NodeFailed(node.index, started_us, failure_of(error, node.name, walker.number), random.random())


def _message(driver: Driver, node: int, message: bytes | None) -> bytes:
    """What a node gets; of a map what it runs over."""
    if message is None:
        message = driver.program.message(node, driver.run, driver.input)
    return driver.program.subject(node, message, driver.input)


class Subject:
    """The message that redactions empty fields of, read when one does."""

    def __init__(self, driver: Driver, node: int, point: Point, data: bytes | None) -> None:
        self._type = driver.program.subject_type(node, is_input=point is Point.BEFORE)
        self._types = driver.program.types
        self._data = data
        self._message: Message | None = None

    @property
    def message(self) -> Message | None:
        if self._message is None and self._data is not None:
            self._message = self._types.message(self._type).FromString(self._data)
        return self._message

    def serialized(self) -> bytes | None:
        return None if self.message is None else self.message.SerializeToString()


async def facts_of(
    walker: Walker, node: BoundNode, rules: Sequence[Rule], messages: Mapping[str, bytes | None]
) -> dict[str, Any]:
    """What rules see, by name; messages that none of them reads are left empty."""
    driver, program = walker.driver, walker.driver.program
    facts: dict[str, Any] = {}
    for name, data in messages.items():
        facts[name] = {}
        if data is not None and any(rule.reads(name) for rule in rules):
            type_name = program.subject_type(node.index, is_input=name == "input")
            facts[name] = plain(program.types.message(type_name).FromString(data))
    labels = await driver.runtime.policies.labels(driver) if any(rule.reads("labels") for rule in rules) else {}
    time = Timestamp()
    time.FromMicroseconds(driver.runtime.clock.now_us())
    return facts | {
        "execution": PolicyExecution(
            id=driver.execution_id,
            flow=program.artifact.flow,
            version=program.artifact.version,
            graph_id=program.graph_id,
            labels=labels,
            mode=program.mode.name,
            parent_execution_id="" if driver.parent is None else driver.parent.execution_id.hex(),
        ),
        "node": node.name,
        "attempt": walker.number,
        "time": time,
    }
