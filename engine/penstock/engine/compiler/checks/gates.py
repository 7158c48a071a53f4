"""A gate waits for edges of at least two nodes, and for no more than there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem

_COUNT_LENGTH_MAX = 9
"""Digits; there are far fewer edges."""


def check(subject: Subject) -> Iterator[Problem]:
    for name, node in subject.of_kind("gate"):
        yield from _edge_problems(subject, name)
        yield from _wait_for_problems(subject, name, node.gate.wait_for)


def branches_of(wait_for: str, count: int) -> int:
    """The number of branches that a gate with `count` edges waits for; 0 when `wait_for` is none of its forms."""
    if wait_for in ("", "all"):
        return count
    if wait_for == "any":
        return 1
    is_count = wait_for.isascii() and wait_for.isdigit() and len(wait_for) <= _COUNT_LENGTH_MAX
    return int(wait_for) if is_count else 0


def _edge_problems(subject: Subject, name: str) -> Iterator[Problem]:
    edges = subject.incoming[name]
    sources = Counter(edge.source for edge in edges)
    for source, count in sorted(sources.items()):
        if count > 1:
            yield Problem(f"node {name}", f"{count} edges lead from {source} to the gate; it waits for one of a node")
    for edge in edges:
        if edge.map:
            yield Problem(edge.where, f"a gate takes no message, so there is nothing to map; see fields of {name}")
    if len(edges) < 2 and subject.is_connected:
        yield Problem(f"node {name}", "a gate joins branches", "at least 2 edges to it", str(len(edges)))


def _wait_for_problems(subject: Subject, name: str, wait_for: str) -> Iterator[Problem]:
    count = len(subject.incoming[name])
    if count < 2 or not subject.is_connected:
        return  # that is problem enough
    if not 1 <= branches_of(wait_for, count) <= count:
        yield Problem(f"node {name}", "wrong wait_for", f"all, any or 1 to {count}", f'"{wait_for}"')
