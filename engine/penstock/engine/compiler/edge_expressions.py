"""What the CEL of an edge can see: `output` of its source and `input` of the flow."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.subject import Edge, Subject
from penstock.engine.domain.problem import Problem
from penstock.wire.expressions import ANY_TYPE, ExpressionError, Expressions
from penstock.wire.types import TypePool


def expressions_over(subject: Subject, types: TypePool, edge: Edge) -> Expressions:
    """Expressions over the messages that this edge sees. The function of its source must be known."""
    entry = subject.entry
    output_type = subject.functions[edge.source].output
    return Expressions(types, {"output": output_type, "input": entry.input if entry else ANY_TYPE})


def edge_problems(subject: Subject, edge: Edge, label: str, error: ExpressionError) -> Iterator[Problem]:
    """The problems of an edge's expression. `label` says which one of the edge."""
    for problem in error.problems:
        if problem.found == ANY_TYPE and subject.entry is None:
            continue  # only because the type of `input` is not known, which is reported as what it is
        place = f"{label} {problem.field}" if problem.field else label
        yield Problem(edge.where, f"{place}: {problem}", problem.expected, problem.found)
