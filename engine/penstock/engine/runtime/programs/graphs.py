"""The plan of an artifact -> the graph that the core decides by."""

from __future__ import annotations

from google.protobuf.duration_pb2 import Duration

from penstock.engine.domain.artifact import Graph, Mode, Rules, Work
from penstock.engine.domain.retry import RetryPolicy
from penstock.engine.domain.states import Decision
from penstock.wire.gen.artifact_pb2 import Artifact, PlannedNode
from penstock.wire.gen.retries_pb2 import Retries

_WORK = {
    "pause": Work.PAUSE,
    "gate": Work.GATE,
    "map": Work.MAP,
    "flow": Work.FLOW,
    "sleep": Work.SLEEP,
}
_ON_TIMEOUT = {"approve": Decision.APPROVED, "reject": Decision.REJECTED, "fail": Decision.EXPIRED}


def work_of(node: PlannedNode) -> Work:
    kind = node.WhichOneof("kind")
    return Work.FUNCTION if kind is None else _WORK[kind]


def graph_of(artifact: Artifact) -> Graph:
    """The graph of an artifact in its FULL view."""
    plan = artifact.plan
    successors: list[dict[int, None]] = [{} for _ in plan.nodes]
    choices: list[set[int]] = [set() for _ in plan.nodes]
    for edge in plan.edges:
        successors[edge.source][edge.target] = None
        if edge.HasField("when") or edge.otherwise:
            choices[edge.source].add(edge.target)
    read = {index for node in plan.nodes for index in node.gate.reads}
    return Graph(
        names=tuple(node.name for node in plan.nodes),
        successors=tuple(tuple(targets) for targets in successors),
        entry=plan.entry,
        terminal=plan.terminal,
        mode=Mode(artifact.mode),
        pipeline=next((i for i, node in enumerate(plan.nodes) if node.pipeline and not node.takes_frames), -1),
        rules=tuple(_rules(node, frozenset(choices[index]), index in read) for index, node in enumerate(plan.nodes)),
        deadline_us=plan.deadline.ToMicroseconds(),
        finish_branches=plan.finish_branches,
        compensate_on_cancel=plan.compensate_on_cancel,
    )


def _rules(node: PlannedNode, choices: frozenset[int], is_read: bool) -> Rules:
    work = work_of(node)
    items = node.map
    return Rules(
        work=work,
        choices=choices,
        required=node.gate.required,
        retries=retry_policy(node.retries) if node.HasField("retries") else None,
        fallback=retry_policy(node.fallback.retries) if node.HasField("fallback") else None,
        undo=retry_policy(node.compensate.retries) if node.HasField("compensate") else None,
        wait_us=_us(node.sleep if work is Work.SLEEP else node.pause.timeout),
        on_timeout=_ON_TIMEOUT[node.pause.on_timeout or "fail"],
        is_read=is_read,
        min_successes=items.min_successes if items.HasField("min_successes") else -1,
        min_success_ratio=items.min_success_ratio,
    )


def retry_policy(retries: Retries) -> RetryPolicy:
    """A policy in which every field is set, or the default where none is."""
    usual = RetryPolicy()
    attempts = retries.max_attempts or usual.max_attempts
    return RetryPolicy(
        max_attempts=attempts,
        max_system_attempts=retries.max_system_attempts or attempts,
        initial_us=_us(retries.initial_backoff) if retries.HasField("initial_backoff") else usual.initial_us,
        multiplier=retries.multiplier if retries.HasField("multiplier") else usual.multiplier,
        max_us=_us(retries.max_backoff) if retries.HasField("max_backoff") else usual.max_us,
        jitter=retries.jitter if retries.HasField("jitter") else usual.jitter,
        retry_on=frozenset(retries.retry_on),
    )


def _us(length: Duration) -> int:
    return int(length.ToMicroseconds())
