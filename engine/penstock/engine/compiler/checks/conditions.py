"""Every `when` is CEL that gives bool."""

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
        if edge.when is None or edge.source not in subject.functions:
            continue
        try:
            expressions_over(subject, subject.types, edge).condition(edge.when)
        except ExpressionError as error:
            yield from edge_problems(subject, edge, "when", error)
