"""Ways through a flow: what comes after what, and what leads where."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from penstock.engine.compiler.order import topological_names
from penstock.engine.compiler.subject import Subject


def topological(subject: Subject) -> list[str]:
    """Names of the nodes, each after all that lead to it, those that are free to choose by name.

    Nodes on a cycle, and those behind one, are missing.
    """
    return topological_names(
        {name: len(edges) for name, edges in subject.incoming.items()},
        {name: [edge.target for edge in edges] for name, edges in subject.outgoing.items()},
    )


def before(subject: Subject, name: str) -> set[str]:
    """The nodes from which a way leads to this one, itself left out."""
    return _reached(name, lambda at: (edge.source for edge in subject.incoming[at])) - {name}


def behind(subject: Subject, name: str, *, without: str = "") -> set[str]:
    """The nodes to which a way leads from this one that does not touch `without`; itself left out."""
    targets = _reached(name, lambda at: (edge.target for edge in subject.outgoing[at] if edge.target != without))
    return targets - {name}


def has_parallel_edges(subject: Subject, name: str) -> bool:
    """Whether several edges of this node can be taken at once."""
    edges = subject.outgoing[name]
    return len(edges) > 1 and not all(edge.is_exclusive for edge in edges)


def _reached(start: str, following: Callable[[str], Iterable[str]]) -> set[str]:
    found, waiting = {start}, [start]
    while waiting:
        for name in following(waiting.pop()):
            if name not in found:
                found.add(name)
                waiting.append(name)
    return found
