"""A node whose messages do not follow from the flow names them."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem

_TAKES_WHAT_COMES = ("map", "pause", "sleep")


def check(subject: Subject) -> Iterator[Problem]:
    for name, node in sorted(subject.flow.nodes.items()):
        kind = subject.kinds[name]
        if kind in _TAKES_WHAT_COMES and not node.input:
            yield from _input_problem(subject, name)
        if kind == "map" and not node.output:
            yield Problem(f"node {name}", "a map needs output, the message that takes the results")
        if kind == "gate" and not node.gate.output:
            yield Problem(f"node {name}", "a gate needs output, the message that it gives")


def _input_problem(subject: Subject, name: str) -> Iterator[Problem]:
    edges = subject.incoming[name]
    if mapped := next((edge for edge in edges if edge.map), None):
        reason = f"{mapped.where} has a map, so {name} needs input, the message that the map builds"
        yield Problem(f"node {name}", reason)
    elif not edges and subject.is_connected:
        yield Problem(f"node {name}", "nothing comes before it, so it needs input, the message that it takes")
