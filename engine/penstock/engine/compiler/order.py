"""The order of a flow's nodes: each after all that lead to it."""

from __future__ import annotations

import heapq

from penstock.engine.compiler.subject import Subject


def topological(subject: Subject) -> list[str]:
    """Names of the nodes, each after all that lead to it, those that are free to choose by name.

    Nodes on a cycle, and those behind one, are missing.
    """
    waiting = {name: len(edges) for name, edges in subject.incoming.items()}
    ready = [name for name, count in waiting.items() if count == 0]
    heapq.heapify(ready)
    order = []
    while ready:
        name = heapq.heappop(ready)
        order.append(name)
        for edge in subject.outgoing[name]:
            waiting[edge.target] -= 1
            if waiting[edge.target] == 0:
                heapq.heappush(ready, edge.target)
    return order
