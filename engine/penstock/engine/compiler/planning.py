"""Turns a checked flow into the plan that the engine runs."""

from __future__ import annotations

from collections.abc import Mapping

from penstock.engine.compiler.bounds import MAP_CONCURRENCY_DEFAULT
from penstock.engine.compiler.checks.gates import branches_of
from penstock.engine.compiler.checks.lifetimes import FINISH_BRANCHES
from penstock.engine.compiler.gate_expressions import gate_reads, gate_transform
from penstock.engine.compiler.graph import topological
from penstock.engine.compiler.map_fields import item_type, result_fields, root_of
from penstock.engine.compiler.planned_functions import (
    own_retries,
    placed_function,
    plan_compensate,
    plan_fallback,
    resolve_retries,
    resolve_timeout,
)
from penstock.engine.compiler.search_paths import searchable_field
from penstock.engine.compiler.subject import Edge, Subject
from penstock.engine.compiler.uses import split_use
from penstock.wire.gen.artifact_pb2 import Plan, PlannedEdge, PlannedGate, PlannedMap, PlannedNode
from penstock.wire.gen.package_pb2 import PackageNode


def make_plan(subject: Subject) -> Plan:
    """The plan of a flow without problems. Equal flows have equal plans, whatever order their maps are in."""
    order = topological(subject)
    index = {name: place for place, name in enumerate(order)}
    return Plan(
        nodes=[_node(subject, name, index) for name in order],
        edges=[_edge(subject, edge, index) for name in order for edge in subject.outgoing[name]],
        entry=index[subject.entries[0]],
        terminal=index[subject.terminals[0]],
        deadline=subject.flow.deadline if subject.flow.HasField("deadline") else None,
        finish_branches=subject.flow.failure_policy == FINISH_BRANCHES,
        compensate_on_cancel=subject.flow.compensate_on_cancel,
        searchable=[searchable_field(subject, path) for path in subject.flow.searchable],
    )


def _node(subject: Subject, name: str, index: Mapping[str, int]) -> PlannedNode:
    placed, kind, ends = subject.flow.nodes[name], subject.kinds[name], subject.ends[name]
    planned = PlannedNode(name=name, input_type=ends.input, output_type=ends.output)
    if kind == "use":
        _plan_function(subject, name, placed.use, planned)
        if placed.compensate:
            planned.compensate.CopyFrom(plan_compensate(subject, placed.compensate))
        if placed.fallback:
            planned.fallback.CopyFrom(plan_fallback(subject, placed.fallback))
        if placed.HasField("cache"):
            planned.cache.CopyFrom(placed.cache)
    elif kind == "map":
        _plan_function(subject, name, placed.map.use, planned)
        planned.map.CopyFrom(_map(subject, name))
    elif kind == "gate":
        planned.gate.CopyFrom(_gate(subject, name, index))
    elif kind == "pause":
        planned.pause.CopyFrom(placed.pause)
    elif kind == "sleep":
        planned.sleep.CopyFrom(placed.sleep)
    else:
        planned.flow = placed.flow
    return planned


def _plan_function(subject: Subject, name: str, use: str, planned: PlannedNode) -> None:
    placed, function = subject.flow.nodes[name], placed_function(subject, use)
    planned.package, planned.function = split_use(use)
    planned.pipeline = function.type == PackageNode.Type.PIPELINE
    planned.takes_frames = function.takes_frames
    planned.timeout.CopyFrom(resolve_timeout(placed.timeout if placed.HasField("timeout") else None, function))
    retries = resolve_retries(placed.retries if placed.HasField("retries") else None, own_retries(function))
    if retries is not None:
        planned.retries.CopyFrom(retries)
    planned.signals.extend(function.signals)


def _gate(subject: Subject, name: str, index: Mapping[str, int]) -> PlannedGate:
    transform = gate_transform(subject, name)
    assert transform is not None
    return PlannedGate(
        required=branches_of(subject.flow.nodes[name].gate.wait_for, len(subject.incoming[name])),
        transform=transform.text,
        reads=sorted(index[node] for node in gate_reads(subject, name, transform)),
    )


def _map(subject: Subject, name: str) -> PlannedMap:
    policy, types = subject.flow.nodes[name].map, subject.types
    assert types is not None
    result = placed_function(subject, policy.use).output
    root = types.descriptor(root_of(subject, name, policy.over))
    [results] = result_fields(types, subject.ends[name].output, result)
    planned = PlannedMap(
        path=policy.over.split(".")[1:],
        from_input=policy.over.startswith("input."),
        results=results,
        max_concurrency=policy.max_concurrency or MAP_CONCURRENCY_DEFAULT,
        item_type=item_type(root, policy.over).full_name,
        result_type=result,
    )
    if policy.min_successes.isdigit():
        planned.min_successes = int(policy.min_successes)
    else:
        planned.min_success_ratio = float(policy.min_successes or 1)
    return planned


def _edge(subject: Subject, edge: Edge, index: Mapping[str, int]) -> PlannedEdge:
    planned = PlannedEdge(source=index[edge.source], target=index[edge.target], otherwise=edge.otherwise)
    if edge.when is not None:
        planned.when = edge.when
    if edge.map:
        expressions = subject.expressions[subject.ends[edge.source].output]
        planned.transform = expressions.transform(subject.ends[edge.target].input, edge.map).text
    return planned
