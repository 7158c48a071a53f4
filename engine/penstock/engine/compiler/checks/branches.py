"""Of the edges of one source exactly one is taken: their `when` and `otherwise` decide which."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.subject import Edge, Subject
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
            elif _is_bare(edge) and len(edges) > 1:
                reason = f"{source} has several edges, so each needs a when or otherwise"
                yield Problem(edge.where, f"{reason}; this version does not have parallel branches yet")


def _is_bare(edge: Edge) -> bool:
    return edge.when is None and not edge.otherwise
