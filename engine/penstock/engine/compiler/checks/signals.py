"""A signal has one type in a flow, whichever of its nodes waits for it: whoever sends it names no node."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem


def check(subject: Subject) -> Iterator[Problem]:
    first: dict[str, tuple[str, str]] = {}
    for name, function in sorted(subject.functions.items()):
        for signal in function.signals:
            node, known = first.setdefault(signal.name, (name, signal.type))
            if known != signal.type:
                reason = f"waits for the signal {signal.name} with another message than {node}"
                yield Problem(f"node {name}", reason, known, signal.type)
