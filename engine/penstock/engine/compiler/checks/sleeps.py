"""A sleep is between 1 ms and 10 years."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.bounds import WAIT
from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem


def check(subject: Subject) -> Iterator[Problem]:
    for name, node in subject.of_kind("sleep"):
        yield from WAIT.check(f"node {name}", "sleep", node.sleep)
