"""Every `map` fills fields of the target's input, each with CEL of the field's type."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.edge_expressions import edge_problems, expressions_over
from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem
from penstock.wire.expressions import ExpressionError


def check(subject: Subject) -> Iterator[Problem]:
    if subject.types is None:
        return
    for edge in subject.edges:
        if not edge.map or not subject.functions.keys() >= {edge.source, edge.target}:
            continue
        target_type = subject.functions[edge.target].input
        try:
            expressions_over(subject, subject.types, edge).transform(target_type, edge.map)
        except ExpressionError as error:
            yield from edge_problems(subject, edge, "map", error)
