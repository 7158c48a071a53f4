"""Graphs for tests, from text such as `a -> b -> d, a -> c -> d`."""

from __future__ import annotations

from graphlib import TopologicalSorter
from itertools import pairwise

from penstock.engine.domain.artifact import Graph, Mode


def graph(text: str, pipeline: str = "") -> Graph:
    """The graph of these chains: one entry, one terminal, successors in the order of the text."""
    successors: dict[str, list[str]] = {}
    for chain in text.split(","):
        names = [name.strip() for name in chain.split("->")]
        for name in names:
            successors.setdefault(name, [])
        for source, target in pairwise(names):
            successors[source].append(target)
    sources = {name: [s for s in successors if name in successors[s]] for name in successors}
    order = tuple(TopologicalSorter(sources).static_order())
    (entry,) = (name for name in order if not sources[name])
    (terminal,) = (name for name in order if not successors[name])
    return Graph(
        names=order,
        successors=tuple(tuple(order.index(target) for target in successors[name]) for name in order),
        entry=order.index(entry),
        terminal=order.index(terminal),
        mode=Mode.PIPELINE if pipeline else Mode.UNARY,
        pipeline=order.index(pipeline) if pipeline else -1,
    )
