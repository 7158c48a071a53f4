"""Explains why an execution is not further, from its log, its plan and the lease of its process."""

from __future__ import annotations

from functools import partial
from itertools import islice

from penstock.engine.domain.classify import classify
from penstock.engine.domain.errors import NotFound
from penstock.engine.domain.event import EventType
from penstock.engine.domain.failure import Failure
from penstock.engine.domain.reasons import Cause, DatedRun, Reason, causes, foremost
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import ExecutionStatus, Wait
from penstock.engine.nodes.authoring import current
from penstock.engine.rpc.explain import explanation_words as words
from penstock.engine.rpc.explain.explanation_actions import of_ended
from penstock.engine.rpc.explain.explanation_causes import CauseTeller, Subject
from penstock.engine.rpc.messages import set_error, timestamp
from penstock.engine.rpc.views.outlines import read_heads
from penstock.engine.runtime.news import followers
from penstock.engine.runtime.options import retries_of
from penstock.engine.runtime.programs.graphs import graph_of
from penstock.engine.runtime.runtime import Runtime
from penstock.engine.storage.postgres.explanations import Explanations
from penstock.engine.storage.postgres.registry import Registry
from penstock.engine.storage.postgres.views import Views
from penstock.engine.storage.records import ExecutionRow
from penstock.wire.gen import explanation_pb2 as pb
from penstock.wire.gen.execution_options_pb2 import ExecutionOptions
from penstock.wire.scopes import APPROVE, Grants

_DECIDERS_MAX = 100
_CHILDREN_MAX = 20
"""Each is explained by reading its own log."""
_FAILED_ATTEMPTS = frozenset({EventType.NODE_ATTEMPT_FAILED, EventType.NODE_FELL_BACK})


class Explainer:
    """Reads artifacts and not their code: code that does not load here may be what is to be explained."""

    def __init__(self, runtime: Runtime, registry: Registry, views: Views, explanations: Explanations) -> None:
        self._runtime = runtime
        self._registry = registry
        self._views = views
        self._explanations = explanations
        explain_child = partial(self.explain, is_child=True)
        self._causes = CauseTeller(runtime.executions, views, explanations, explain_child, runtime.places.rows)

    async def explain(self, execution_id: str, account: str, *, is_child: bool = False) -> pb.Explanation:
        """Raises NotFound. With `is_child` its own child is named and not explained."""
        row = await followers.get_row(self._runtime, execution_id, account)
        if row.complete_us is not None:
            return ended(row, self._runtime.clock.now_us())
        is_driven = self._runtime.driver(execution_id, account) is not None
        row, heads = await read_heads(self._runtime, self._views, execution_id, account)
        artifact = await self._registry.artifact(account, row.graph_id)
        if artifact is None:
            raise NotFound(f"the artifact {row.graph_id} of execution {execution_id} is gone")
        options = ExecutionOptions() if row.options is None else ExecutionOptions.FromString(row.options)
        dated = DatedRun(Run(graph_of(artifact), retries=retries_of(options, artifact.plan)))
        failures: dict[int, Failure] = {}
        for event, implies_start in heads:
            dated.apply(event._replace(sequence=dated.run.sequence + 1 + implies_start))
            if event.type in _FAILED_ATTEMPTS and event.frame_index < 0 and event.failure is not None:
                failures[event.node] = event.failure
        if row.complete_us is not None:
            return ended(row, self._runtime.clock.now_us())
        holder = await self._explanations.holder(row.lease_id)
        is_driven = is_driven or self._runtime.driver(execution_id, account) is not None
        subject = Subject(
            row,
            artifact,
            options,
            dated.run,
            dated.since,
            failures,
            holder,
            row.lease_id == self._runtime.keeper.lease.lease_id and not is_driven,
            self._runtime.clock.now_us(),
            await self._deciders(dated.run, row),
            frozenset() if is_child else _children(dated.run),
            self._thread_queue(execution_id) if is_driven else {},
        )
        return await self._not_ended(subject)

    def _thread_queue(self, execution_id: str) -> dict[str, tuple[int, int]]:
        """Nodes that wait for a thread of this process, with their place, from 1, and the length of the queue."""
        contexts = [context.get(current) for context in self._runtime.threads.waiting()]
        return {
            context.node: (place, len(contexts))
            for place, context in enumerate(contexts, 1)
            if context is not None and context.execution_id == execution_id
        }

    async def _deciders(self, run: Run, row: ExecutionRow) -> list[str]:
        """Keys that may decide what it waits for."""
        if any(flight.wait in (Wait.PAUSE, Wait.APPROVAL) for flight in run.flights.values()):
            keys = await self._explanations.keys(row.account)
            allowed = (key.name for key in keys if Grants(key.scopes).allows(APPROVE, row.flow))
            return list(islice(allowed, _DECIDERS_MAX))
        return []

    async def _not_ended(self, subject: Subject) -> pb.Explanation:
        run, now_us = subject.run, subject.now_us
        found = causes(run, now_us, subject.since)
        first = foremost(found)
        found = [first, *(each for each in found if each is not first)]
        told = [await self._causes.tell(subject, each) for each in found]
        reason = Reason.COMPENSATING if run.undoing is not None else Reason(told[0].reason)
        if subject.lost is not None:
            lost = _lost(subject, subject.lost)
            waits_for_person = reason is Reason.WAITING_FOR_DECISION
            told = [*told, lost] if waits_for_person else [lost, *told]
            reason = reason if waits_for_person else subject.lost
        message = pb.Explanation(
            execution_id=subject.row.execution_id,
            status=run.status.name,
            reason=reason.name,
            summary=words.together([*_beforehand(subject), *(cause.summary for cause in told)]),
            causes=told,
            time=timestamp(now_us),
            flow=subject.row.flow,
            graph_id=subject.row.graph_id,
            process=subject.holder.process,
        )
        if subject.holder.expire_us is not None:
            message.lease_expire_time.CopyFrom(timestamp(subject.holder.expire_us))
        if run.graph.deadline_us:
            message.deadline_time.CopyFrom(timestamp(run.create_us + run.graph.deadline_us))
        if (ends_for := _ends_for(run)) is not None:
            set_error(message, ends_for)
        self._classify(message, subject, first, told)
        return message

    def _classify(self, message: pb.Explanation, subject: Subject, first: Cause, told: list[pb.Cause]) -> None:
        flight = subject.run.flights.get(first.node)
        failure = _ends_for(subject.run)
        if failure is None and flight is not None and flight.tries is not None:
            failure = subject.failures.get(first.node)
        waits = message.reason == pb.Explanation.WAITING_FOR_DECISION
        has_process = subject.lost is None or waits
        found = classify(failure, waits_for_person=waits, has_process=has_process)
        if found is not None:
            message.classification = found.name  # type: ignore[assignment]
        elif told[0].HasField("child") and told[0].child.HasField("classification"):
            message.classification = told[0].child.classification


def _children(run: Run) -> frozenset[str]:
    waiting = [flight.child for _, flight in sorted(run.flights.items()) if flight.wait is Wait.FLOW]
    return frozenset(waiting[:_CHILDREN_MAX])


def _lost(subject: Subject, reason: Reason) -> pb.Cause:
    holder = subject.holder
    message = pb.Cause(reason=reason.name, process=holder.process)
    if reason is Reason.LEASE_LOST:
        assert holder.expire_us is not None
        message.since_time.CopyFrom(timestamp(holder.expire_us))
        message.summary = (
            f"Process {holder.process} has given no sign of life since its lease ended at"
            f" {words.moment(holder.expire_us)}; another process takes its executions over."
        )
    elif subject.is_let_go:
        message.summary = (
            f"Process {holder.process} is to go on with it and has not taken it up: either it is just doing so, or its"
            " code does not load there, which that process logs as resume_parked."
        )
    else:
        gone = f"Process {holder.process}" if holder.process else "Its process"
        message.summary = f"{gone} has stopped; the next process that looks takes the execution over."
    return message


def _beforehand(subject: Subject) -> list[str]:
    """How it is going to end, where that is settled."""
    run = subject.run
    if run.undoing is not None:
        why = "" if run.undoing.failure is None else f": {words.why(run.undoing.failure)}"
        left = len(run.undoing.left)
        more = f", {left} more {'node follows' if left == 1 else 'nodes follow'}" if left else ""
        return [f"It is being undone{more}, then it is {run.undoing.ends_as.name}{why}"]
    if run.ends_as is not None:
        why = "" if run.failure is None else f": {words.why(run.failure)}"
        return [f"It is {run.ends_as.name} when its other branches have ended{why}"]
    return []


def _ends_for(run: Run) -> Failure | None:
    if run.undoing is not None:
        return run.undoing.failure
    return run.failure if run.ends_as is not None else None


def ended(row: ExecutionRow, now_us: int) -> pb.Explanation:
    """How and why an execution ended."""
    assert row.complete_us is not None
    failure = row.failure
    took = words.length(row.complete_us - row.create_us)
    why = "" if failure is None else f": {words.why(failure)}"
    if failure is not None and failure.node:
        why = f", because node {failure.node} failed{why}"
    if row.cancel_reason:
        why = f": {words.one_line(row.cancel_reason)}"
    message = pb.Explanation(
        execution_id=row.execution_id,
        status=row.status.name,
        reason=Reason.ENDED.name,
        summary=f"It ended as {row.status.name} at {words.moment(row.complete_us)}, after {took}{why}.",
        time=timestamp(now_us),
        flow=row.flow,
        graph_id=row.graph_id,
        actions=of_ended(row.execution_id, row.status is not ExecutionStatus.COMPLETED),
    )
    found = classify(failure)
    if failure is None or found is None:
        return message
    set_error(message, failure)
    message.classification = found.name  # type: ignore[assignment]
    message.advice.append(words.ADVICE[found])
    if failure.node:
        cause = message.causes.add(node=failure.node, reason=Reason.ENDED.name, attempt=failure.attempt)
        cause.summary = f"{failure.node} failed: {words.why(failure)}."
        set_error(cause, failure)
    return message
