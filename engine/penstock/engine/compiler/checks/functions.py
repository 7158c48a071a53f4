"""Every placed node uses a function that exists, written package/node."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.subject import Subject, split_use
from penstock.engine.domain.problem import Problem
from penstock.engine.domain.spelling import or_one_of


def check(subject: Subject) -> Iterator[Problem]:
    for name, node in sorted(subject.flow.nodes.items()):
        if name not in subject.functions:
            yield _problem(subject, f"node {name}", node.use)


def _problem(subject: Subject, where: str, use: str) -> Problem:
    package_name, function = split_use(use)
    if not package_name:
        return Problem(where, "wrong use", "package/node", f'"{use}"')
    package = subject.packages.get(package_name)
    if package is None:
        return Problem(where, f"there is no package {package_name}{or_one_of(package_name, subject.packages)}")
    known = [node.name for node in package.nodes]
    return Problem(where, f"package {package_name} has no node {function}{or_one_of(function, known)}")
