"""Has policies look at frames: at what the nodes of a pipeline take and give, and the nodes behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from penstock.engine.domain.failure import FailureClass
from penstock.engine.domain.occurrence import PolicyDecided
from penstock.engine.domain.policy import Action, Point, Ruling
from penstock.engine.nodes.authoring import UserError
from penstock.engine.runtime.programs.binding import BoundNode
from penstock.engine.runtime.running.attempt import Attempt
from penstock.engine.runtime.running.guarded import Subject, facts_of
from penstock.engine.runtime.running.node_runner import bounded
from penstock.engine.runtime.settings.policies import NodeRules
from penstock.engine.runtime.settings.policy_rules import Rule, judge

if TYPE_CHECKING:
    from penstock.engine.runtime.walker import Walker


class Blocked(UserError):
    """A policy stops a frame, and the pipeline with it. No attempt would change what it decides."""

    failure_class = FailureClass.POLICY
    code = "POLICY_BLOCKED"


class FrameJudge:
    """For one attempt of a pipeline. Nothing is judged unless there are rules about the node.

    What one rule decides about many frames is on record once: by the first of them.
    """

    def __init__(self, walker: Walker, source: Attempt) -> None:
        self._walker = walker
        self._source = source
        self._policies = walker.driver.runtime.policies
        self._recorded: set[tuple[int, Ruling]] = set()

    def looks_after(self, node: BoundNode) -> bool:
        """Whether it looks at what a node gives."""
        rules = self._rules(node)
        return rules is not None and bool(rules.after)

    async def before(self, node: BoundNode, message: bytes) -> bytes:
        """What a node gets in place of the message. Raises Blocked."""
        rules = self._rules(node)
        if rules is None or not rules.before:
            return message
        return await self._judge(node, Point.BEFORE, rules.before, message, {"input": message})

    async def after(self, node: BoundNode, given: bytes | None, output: bytes) -> bytes:
        """What goes on in place of an output. `given` is what the node got, None for a stream. Raises Blocked."""
        rules = self._rules(node)
        if rules is None or not rules.after:
            return output
        return await self._judge(node, Point.AFTER, rules.after, output, {"input": given, "output": output})

    def _rules(self, node: BoundNode) -> NodeRules | None:
        if not self._policies.accounts:
            return None
        driver = self._walker.driver
        return self._policies.rules(driver.account, driver.program.artifact.flow, node.name)

    async def _judge(
        self, node: BoundNode, point: Point, rules: Sequence[Rule], data: bytes, messages: dict[str, bytes | None]
    ) -> bytes:
        subject = Subject(self._walker.driver, node.index, point, data)
        facts = await facts_of(self._walker, node, rules, messages)
        has_sensitive = self._walker.driver.program.sensitive is not None
        verdict = judge(rules, facts, lambda: subject.message, is_approved=False, has_sensitive=has_sensitive)
        if not verdict.rulings:
            return data
        await self._record(node, verdict.rulings)
        if verdict.stops:
            stop = verdict.rulings[-1]
            what = f"node {node.name} was blocked by {stop.name}"
            if stop.action is Action.REQUIRE_APPROVAL:
                what += ", because nobody can approve frames one after the other"
            raise Blocked(f"{what}: {stop.reason}" if stop.reason else what)
        return bounded(node, subject.serialized() or b"") if verdict.redacts else data

    async def _record(self, node: BoundNode, rulings: Sequence[Ruling]) -> None:
        # One that would have somebody asked blocks: nobody waits for an approval of it.
        made = [replace(each, action=Action.BLOCK, on_timeout=None) if each.stops else each for each in rulings]
        fresh = tuple(each for each in made if (node.index, each) not in self._recorded)
        if fresh:
            self._recorded |= {(node.index, each) for each in fresh}
            source = self._source
            await self._walker.driver.submit(
                PolicyDecided(source.node.index, source.started_us, fresh, frames_of=node.index)
            )
