"""Every `map` fills fields of the target's input, each with CEL of the field's type."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.edge_expressions import edge_problems, expressions_of
from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem
from penstock.wire.expressions import ExpressionError


def check(subject: Subject) -> Iterator[Problem]:
    for edge in subject.edges:
        expressions, taken = expressions_of(subject, edge), subject.ends[edge.target].input
        if not edge.map or expressions is None or not taken:
            continue
        try:
            expressions.transform(taken, edge.map)
        except ExpressionError as error:
            yield from edge_problems(subject, edge, "map", error)
