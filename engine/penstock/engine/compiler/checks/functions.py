"""Every placed node with a `use` names a function that exists, written package/node."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.function_problems import unknown_function
from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem


def check(subject: Subject) -> Iterator[Problem]:
    for name, node in subject.of_kind("use"):
        if name not in subject.functions:
            yield unknown_function(subject, f"node {name}", "use", node.use)
