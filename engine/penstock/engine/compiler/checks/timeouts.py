"""A node's timeout is between 1 ms and 24 h."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.bounds import ATTEMPT
from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem


def check(subject: Subject) -> Iterator[Problem]:
    for name, node in sorted(subject.flow.nodes.items()):
        if node.HasField("timeout"):
            yield from ATTEMPT.check(f"node {name}", "timeout", node.timeout)
