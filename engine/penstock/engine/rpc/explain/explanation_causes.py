"""Tells of each thing that an execution waits for: in a sentence, and with what a person needs to act."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from penstock.engine.domain import limits
from penstock.engine.domain.event import EventType
from penstock.engine.domain.failure import Failure
from penstock.engine.domain.policy import Point
from penstock.engine.domain.reasons import NEEDS_PROCESS, Cause, Reason
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import Decision, Wait
from penstock.engine.rpc.explain import explanation_actions as actions
from penstock.engine.rpc.explain import explanation_words as words
from penstock.engine.rpc.messages import set_error, timestamp
from penstock.engine.storage.postgres.execution_places import PlaceRows
from penstock.engine.storage.postgres.executions import Executions
from penstock.engine.storage.postgres.explanations import Explanations, Holder
from penstock.engine.storage.postgres.views import Views
from penstock.engine.storage.records import ExecutionRow
from penstock.wire.gen import explanation_pb2 as pb
from penstock.wire.gen.artifact_pb2 import Artifact, PlannedNode
from penstock.wire.gen.execution_options_pb2 import ExecutionOptions
from penstock.wire.types import TypePool

_ON_TIMEOUT = {
    Decision.APPROVED: "its timeout approves it",
    Decision.REJECTED: "its timeout rejects it",
    Decision.EXPIRED: "its timeout fails it",
}


@dataclass(frozen=True)
class Subject:
    """An execution that has not ended, with what is known of it. `now_us` is unix time in microseconds."""

    row: ExecutionRow
    artifact: Artifact
    options: ExecutionOptions
    run: Run
    since: Mapping[int, int]
    failures: Mapping[int, Failure]
    """Why the attempt before failed, by node."""
    holder: Holder
    is_let_go: bool
    """Whether this process holds the execution's lease and does not drive it."""
    now_us: int
    deciders: Sequence[str] = ()
    """Keys that may decide its pauses, where it waits for one."""
    children: frozenset[str] = frozenset()
    """Its child executions that are explained along with it."""
    thread_queue: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Nodes that wait for a thread of this process, with their place, from 1, and the length of the queue."""

    @cached_property
    def types(self) -> TypePool:
        return TypePool(self.artifact.descriptors)

    def name(self, node: int) -> str:
        return self.run.graph.names[node]

    def plan(self, node: int) -> PlannedNode:
        return self.artifact.plan.nodes[node]

    @property
    def lost(self) -> Reason | None:
        """Why nobody drives it; None when somebody does."""
        if self.holder.expire_us is None or self.is_let_go:
            return Reason.TAKING_OVER
        return Reason.LEASE_LOST if self.holder.is_late else None


class CauseTeller:
    """`explain` explains the child of an execution."""

    def __init__(
        self,
        executions: Executions,
        views: Views,
        explanations: Explanations,
        explain: Callable[[str, str], Awaitable[pb.Explanation]],
        limits: PlaceRows,
    ) -> None:
        self._executions = executions
        self._views = views
        self._explanations = explanations
        self._explain = explain
        self._limits = limits

    async def tell(self, subject: Subject, cause: Cause) -> pb.Cause:
        message = pb.Cause(reason=cause.reason.name)
        if cause.since_us:
            message.since_time.CopyFrom(timestamp(cause.since_us))
        due_us = cause.due_us or _timeout_us(subject, cause)
        if due_us:
            message.until_time.CopyFrom(timestamp(due_us))
        if cause.attempt:
            message.attempt, message.attempts_max = cause.attempt, cause.attempts_max
        if cause.node >= 0:
            message.node = subject.name(cause.node)
            flight = subject.run.flights[cause.node]
            if flight.tries is not None and cause.node in subject.failures:
                set_error(message, subject.failures[cause.node])
        if cause.reason in NEEDS_PROCESS:
            if subject.lost is not None:
                message.reason = subject.lost.name  # type: ignore[assignment]
            message.process = subject.holder.process
        message.summary = await self._tell(subject, cause, message)
        return message

    async def _tell(self, subject: Subject, cause: Cause, message: pb.Cause) -> str:
        """The sentence about a cause; what goes with it is put into the message."""
        match cause.reason:
            case Reason.QUEUED:
                return await self._tell_queue(subject, message)
            case Reason.WAITING_FOR_DECISION:
                return self._tell_pause(subject, cause, message)
            case Reason.WAITING_FOR_CHILD:
                return await self._tell_child(subject, cause, message)
            case Reason.RUNNING_ITEMS:
                return await self._tell_items(subject, cause, message)
            case Reason.WAITING_FOR_SIGNAL:
                return _tell_signal(subject, cause, message)
            case Reason.GATE_MISSING_BRANCHES:
                return _tell_gate(subject, cause, message)
            case Reason.SLEEPING:
                return f"{message.node} sleeps until {words.until(cause.due_us, subject.now_us)}."
            case Reason.RETRY_SCHEDULED:
                message.actions.append(actions.of_retry(message.node, subject.row.execution_id))
                return _tell_retry(subject, cause, message)
            case _:
                return _tell_running(subject, cause, message)

    async def _tell_queue(self, subject: Subject, message: pb.Cause) -> str:
        row = subject.row
        for each in await self._limits.standings(row.account, UUID(row.execution_id)):
            if each.position and (each.is_full or each.queued > each.position):
                message.queue_position, message.queue_size = each.position, each.queued
                return (
                    f"It waits since {words.moment(row.create_us)}, queued behind {each.limit} at position"
                    f" {each.position:,} of {each.queued:,}."
                )
        message.queue_position, message.queue_size = await self._explanations.place(row.execution_id, row.lease_id)
        return (
            f"It waits since {words.moment(row.create_us)} for a free place in process {subject.holder.process}, which"
            f" drives {limits.RUNNING_MAX:,} executions at once: place {message.queue_position:,} of"
            f" {message.queue_size:,} in the queue."
        )

    def _tell_pause(self, subject: Subject, cause: Cause, message: pb.Cause) -> str:
        node, row = subject.plan(cause.node), subject.row
        if subject.run.flights[cause.node].wait is Wait.APPROVAL:
            return self._tell_approval(subject, cause, message)
        message.prompt = node.pause.prompt
        message.link = actions.pause_path(row.execution_id, node.name)
        message.deciders.extend(subject.deciders)
        message.actions.extend(actions.of_pause(subject.types, node, row.execution_id))
        asked = f": “{words.one_line(node.pause.prompt)}”" if node.pause.prompt else ""
        on_timeout = _ON_TIMEOUT[subject.run.graph.rules[cause.node].on_timeout]
        then = f", at {words.until(cause.due_us, subject.now_us)} {on_timeout}" if cause.due_us else ""
        return f"{node.name} waits for a person since {words.moment(cause.since_us)}{then}{asked}."

    def _tell_approval(self, subject: Subject, cause: Cause, message: pb.Cause) -> str:
        execution_id = subject.row.execution_id
        ruling = (subject.run.guards or {})[cause.node].awaited
        assert ruling is not None
        message.prompt = ruling.reason
        message.link = actions.pause_path(execution_id, message.node)
        message.deciders.extend(subject.deciders)
        message.actions.extend(actions.of_approval(message.node, execution_id))
        what = "to let it run" if ruling.point is Point.BEFORE else "to let its output go on"
        asked = f": “{words.one_line(ruling.reason)}”" if ruling.reason else ""
        then = ""
        if cause.due_us and ruling.on_timeout is not None:
            then = f", at {words.until(cause.due_us, subject.now_us)} {_ON_TIMEOUT[ruling.on_timeout]}"
        since = words.moment(cause.since_us)
        return f"{message.node} waits since {since} for a person {what}, as {ruling.name} requires{then}{asked}."

    async def _tell_child(self, subject: Subject, cause: Cause, message: pb.Cause) -> str:
        child = subject.run.flights[cause.node].child
        message.child_execution_id = child
        row = await self._executions.get(child, subject.row.account)
        if row is None:
            return f"{message.node} waits for child execution {child}, which is about to be accepted."
        message.link = f"{actions.EXECUTIONS}/{child}"
        what = f"{message.node} waits for execution {child} of flow {row.flow}, which is {row.status.name}"
        if child not in subject.children:
            return f"{what}."
        message.child.CopyFrom(await self._explain(child, subject.row.account))
        return f"{what}: {message.child.summary}"

    async def _tell_items(self, subject: Subject, cause: Cause, message: pb.Cause) -> str:
        items = subject.run.flights[cause.node].items
        if items is None:
            return _tell_running(subject, cause, message)
        tallies = await self._views.tallies(subject.row.execution_id)
        done = tallies.get((cause.node, EventType.ITEM_SUCCEEDED), 0)
        failed = tallies.get((cause.node, EventType.ITEM_FAILED), 0)
        message.item_count, message.items_succeeded, message.items_failed = items.count, done, failed
        told = f"{done:,} of {items.count:,} items done, {failed:,} failed"
        return f"{_tell_running(subject, cause, message).rstrip('.')}: {told}."


def _tell_running(subject: Subject, cause: Cause, message: pb.Cause) -> str:
    process = subject.holder.process
    if cause.node < 0:
        return f"Process {process} takes the next step."
    if cause.reason is Reason.RUNNING_NODE and message.node in subject.thread_queue:
        return _tell_thread_queue(subject, message)
    what = "is being undone" if cause.is_undoing else "runs"
    if subject.lost is not None:
        how = "is to be undone" if cause.is_undoing else "ran"
        return f"{message.node} {how} in process {process}; it starts again when a process takes the execution over."
    since = f" for {words.length(subject.now_us - cause.since_us)}" if cause.since_us else ""
    tries = words.tries(cause.attempt, cause.attempts_max)
    until = (
        f", until {words.moment(message.until_time.ToMicroseconds())} at most" if message.HasField("until_time") else ""
    )
    return f"{message.node} {what} in process {process}{since}{tries}{until}."


def _tell_thread_queue(subject: Subject, message: pb.Cause) -> str:
    message.reason = Reason.QUEUED.name  # type: ignore[assignment]
    message.queue_position, message.queue_size = subject.thread_queue[message.node]
    return (
        f"{message.node} waits for a free thread in process {subject.holder.process}, which runs {limits.THREADS_MAX}"
        f" plain functions at once: place {message.queue_position:,} of {message.queue_size:,} in the queue."
    )


def _tell_retry(subject: Subject, cause: Cause, message: pb.Cause) -> str:
    failure = subject.failures.get(cause.node)
    why = f" ({words.why(failure)})" if failure is not None else ""
    what = "could not be undone" if cause.is_undoing else "failed"
    following = f"attempt {cause.attempt} of {cause.attempts_max} starts at"
    return f"{message.node} {what}{why}; {following} {words.until(cause.due_us, subject.now_us)}."


def _tell_gate(subject: Subject, cause: Cause, message: pb.Cause) -> str:
    message.arrived.extend(subject.name(node) for node in cause.arrived)
    message.missing.extend(subject.name(node) for node in cause.missing)
    arrived = words.names(message.arrived) or "none"
    return f"gate {message.node} waits for {words.names(message.missing)}; arrived: {arrived}."


def _tell_signal(subject: Subject, cause: Cause, message: pb.Cause) -> str:
    signal, row = subject.run.flights[cause.node].signal, subject.row
    message.signal = signal
    message.actions.extend(actions.of_signal(subject.types, subject.plan(cause.node), row.execution_id, signal))
    return f"{message.node} waits for the signal {signal} since {words.moment(cause.since_us)}."


def _timeout_us(subject: Subject, cause: Cause) -> int:
    """When the timeout of the attempt that runs ends it; 0 when none does. That of a map is for each item."""
    if not cause.since_us or cause.reason not in (Reason.RUNNING_NODE, Reason.COMPENSATING):
        return 0
    node = subject.plan(cause.node)
    if cause.is_undoing:
        return _end_us(cause.since_us, node.compensate.timeout.ToMicroseconds())
    if subject.run.flights[cause.node].is_fallback:
        return _end_us(cause.since_us, node.fallback.timeout.ToMicroseconds())
    override = subject.options.nodes.get(node.name)
    if override is not None and override.HasField("timeout"):
        return _end_us(cause.since_us, override.timeout.ToMicroseconds())
    return _end_us(cause.since_us, node.timeout.ToMicroseconds())


def _end_us(since_us: int, timeout_us: int) -> int:
    return since_us + timeout_us if timeout_us else 0
