"""Every `when` is CEL that gives bool."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.edge_expressions import edge_problems, expressions_of
from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem
from penstock.wire.expressions import ExpressionError


def check(subject: Subject) -> Iterator[Problem]:
    for edge in subject.edges:
        expressions = expressions_of(subject, edge)
        if edge.when is None or expressions is None:
            continue
        try:
            expressions.condition(edge.when)
        except ExpressionError as error:
            yield from edge_problems(subject, edge, "when", error)
