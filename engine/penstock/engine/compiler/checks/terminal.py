"""A flow has one terminal node: one without an outgoing edge.

With one terminal and no cycle every node leads to it, so there is no rule for that.
"""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem
from penstock.engine.domain.spelling import some_of


def check(subject: Subject) -> Iterator[Problem]:
    if not subject.is_connected:
        return  # a misspelled end looks like a missing edge
    terminals = subject.terminals
    if len(terminals) > 1:  # none at all: then all are on cycles or lead to one
        found = f"{len(terminals)}: {some_of(terminals)}"
        yield Problem("flow", "must have one node without an outgoing edge, its terminal", "1", found)
