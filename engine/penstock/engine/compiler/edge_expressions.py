"""What the CEL of an edge can see: `output` of its source and `input` of the flow."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.subject import Edge, Subject
from penstock.engine.domain.problem import Problem
from penstock.wire.expressions import ANY_TYPE, ExpressionError, Expressions


def expressions_of(subject: Subject, edge: Edge) -> Expressions | None:
    """Expressions over what this edge sees; None when the type of it is not known."""
    return subject.expressions.get(subject.ends[edge.source].output)


def edge_problems(subject: Subject, edge: Edge, label: str, error: ExpressionError) -> Iterator[Problem]:
    """The problems of an edge's expression. `label` says which one of the edge."""
    for problem in error.problems:
        if problem.found == ANY_TYPE and not subject.input_type:
            continue  # only because the type of `input` is not known, which is reported as what it is
        place = f"{label} {problem.field}" if problem.field else label
        yield Problem(edge.where, f"{place}: {problem}", problem.expected, problem.found)
