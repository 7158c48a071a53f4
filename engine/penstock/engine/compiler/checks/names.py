"""Names of the flow and of its nodes are words that every language and every path can carry."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.naming import is_name
from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem

_EXPECTED = "a lower-case letter, then lower-case letters, digits or _, at most 63 in all"


def check(subject: Subject) -> Iterator[Problem]:
    if not is_name(subject.flow.flow):
        yield Problem("flow", "wrong name", _EXPECTED, f'"{subject.flow.flow}"')
    for name in sorted(subject.flow.nodes):
        if not is_name(name):
            yield Problem(f"node {name}", "wrong name", _EXPECTED, f'"{name}"')
