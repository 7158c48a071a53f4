"""The order of things that lead to others: each after all that lead to it."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence


def topological_names(incoming_counts: Mapping[str, int], targets: Mapping[str, Sequence[str]]) -> list[str]:
    """The names, each after all that lead to it, those that are free to choose by name.

    `incoming_counts` says how many edges lead to each, `targets` where its own lead, once for each edge. Those on a
    cycle, and those behind one, are missing.
    """
    waiting = dict(incoming_counts)
    ready = [name for name, count in waiting.items() if count == 0]
    heapq.heapify(ready)
    order = []
    while ready:
        name = heapq.heappop(ready)
        order.append(name)
        for target in targets[name]:
            waiting[target] -= 1
            if waiting[target] == 0:
                heapq.heappush(ready, target)
    return order
