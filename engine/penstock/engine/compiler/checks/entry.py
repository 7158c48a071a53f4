"""A flow has one entry node: one without an incoming edge.

With one entry and no cycle every node can be reached from it, so there is no rule for that.
"""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem
from penstock.engine.domain.spelling import some_of


def check(subject: Subject) -> Iterator[Problem]:
    if not subject.is_connected:
        return  # a misspelled end looks like a missing edge
    entries = subject.entries
    if len(entries) > 1:  # none at all: then all are on cycles or behind them
        found = f"{len(entries)}: {some_of(entries)}"
        yield Problem("flow", "must have one node without an incoming edge, its entry", "1", found)
