"""Every message that a node names is in a package that the flow uses."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem
from penstock.engine.domain.spelling import or_one_of


def check(subject: Subject) -> Iterator[Problem]:
    if subject.types is None:
        return
    known = set(subject.messages)
    for name, node in sorted(subject.flow.nodes.items()):
        for key, message in (("input", node.input), ("output", node.output), ("gate.output", node.gate.output)):
            if message and message not in known:
                hint = or_one_of(message, known)
                yield Problem(f"node {name}", f"{key}: there is no message {message}{hint}")
