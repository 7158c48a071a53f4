"""Both ends of every edge are nodes of the flow."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.subject import Subject, source_of
from penstock.engine.domain.problem import Problem
from penstock.engine.domain.spelling import or_one_of


def check(subject: Subject) -> Iterator[Problem]:
    nodes = subject.flow.nodes
    for edge in subject.flow.edges:
        source = source_of(edge)
        for end in (source, edge.to):
            if end not in nodes:
                yield Problem(f"edge {source} -> {edge.to}", f"there is no node {end}{or_one_of(end, nodes)}")
