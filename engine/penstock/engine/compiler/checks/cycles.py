"""No way leads from a node back to itself."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.graph import topological
from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem


def check(subject: Subject) -> Iterator[Problem]:
    remaining = set(subject.flow.nodes) - set(topological(subject))
    while _peel(subject, remaining):
        cycle = _walk(subject, remaining)
        way = " -> ".join([*cycle, cycle[0]])
        yield Problem(f"node {cycle[0]}", f"is on a cycle: {way}")
        remaining.difference_update(cycle)


def _peel(subject: Subject, remaining: set[str]) -> set[str]:
    """Takes away every node that no other leads to, or that leads to no other, until none is left of them."""
    loose = {""}
    while loose:
        loose = {
            name
            for name in remaining
            if not any(edge.target in remaining for edge in subject.outgoing[name])
            or not any(edge.source in remaining for edge in subject.incoming[name])
        }
        remaining -= loose
    return remaining


def _walk(subject: Subject, remaining: set[str]) -> list[str]:
    """A cycle, from its first node by name. Every remaining node leads to another one."""
    way = [min(remaining)]
    while way.count(way[-1]) == 1:
        way.append(min(edge.target for edge in subject.outgoing[way[-1]] if edge.target in remaining))
    cycle = way[way.index(way[-1]) : -1]
    first = cycle.index(min(cycle))
    return cycle[first:] + cycle[:first]
