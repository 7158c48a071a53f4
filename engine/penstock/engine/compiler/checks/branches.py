"""Of the edges of one source with `when` or `otherwise` at most one is taken; the others always are."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem


def check(subject: Subject) -> Iterator[Problem]:
    for source, edges in sorted(subject.outgoing.items()):
        conditional = any(edge.when is not None for edge in edges)
        otherwise = sum(edge.otherwise for edge in edges)
        for edge in edges:
            if edge.when is not None and edge.otherwise:
                yield Problem(edge.where, "has both when and otherwise; an edge has one of them")
            elif edge.otherwise and not conditional:
                yield Problem(edge.where, f"otherwise needs another edge of {source} with a when")
            elif edge.otherwise and otherwise > 1:
                yield Problem(edge.where, f"only one edge of {source} can be its otherwise")
