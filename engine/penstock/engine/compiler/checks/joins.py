"""Branches that can run at once join at a gate: to any other node one edge at most is taken in a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from penstock.engine.compiler.graph import topological
from penstock.engine.compiler.subject import Edge, Subject
from penstock.engine.domain.problem import Problem


def check(subject: Subject) -> Iterator[Problem]:
    joins = [
        name
        for name, edges in sorted(subject.incoming.items())
        if len(edges) > 1 and subject.kinds[name] not in ("", "gate")
    ]
    if not joins:
        return
    places = {id(edge): place for place, edge in enumerate(subject.edges)}
    together = _together(subject, places)
    for name in joins:
        pair = _first_pair([places[id(edge)] for edge in subject.incoming[name]], together)
        if pair is not None:
            first, second = (subject.edges[place].where.removeprefix("edge ") for place in pair)
            reason = f"{first} and {second} can both be taken in one run; branches that run at once join at a gate"
            yield Problem(f"node {name}", reason)


def _first_pair(places: Sequence[int], together: Sequence[int]) -> tuple[int, int] | None:
    for index, first in enumerate(places):
        for second in places[index + 1 :]:
            if together[first] >> second & 1:
                return first, second
    return None


def _together(subject: Subject, places: dict[int, int]) -> list[int]:
    """For each edge the mask of those that can be taken in the same run, both by their place in the flow.

    A mask is complete for edges that lead to the same node. An edge can be taken with whatever one of the edges into
    its source can be taken with, and with its siblings unless both are of the exclusive ones. Whether conditions of
    different nodes exclude each other is not looked at.
    """
    together = [0] * len(subject.edges)
    coming = 0  # edges whose target is still to come: others do not matter any more
    for name in topological(subject):
        shared, out = 0, subject.outgoing[name]
        for edge in subject.incoming[name]:
            place = places[id(edge)]
            shared |= together[place]
            coming &= ~(1 << place)
        shared &= coming
        every, bare = _mask(out, places), _mask([edge for edge in out if not edge.is_exclusive], places)
        for edge in out:
            place = places[id(edge)]
            siblings = bare if edge.is_exclusive else every & ~(1 << place)
            together[place] = shared | siblings
        for place in _members(shared if out else 0):
            together[place] |= every
        coming |= every
    return together


def _mask(edges: Sequence[Edge], places: dict[int, int]) -> int:
    return sum(1 << places[id(edge)] for edge in edges)


def _members(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
