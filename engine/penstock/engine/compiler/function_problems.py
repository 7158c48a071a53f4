"""What is wrong with the name of a function."""

from __future__ import annotations

from penstock.engine.compiler.subject import Subject
from penstock.engine.compiler.uses import find_function, split_use
from penstock.engine.domain.problem import Problem
from penstock.engine.domain.spelling import or_one_of
from penstock.wire.gen.package_pb2 import PackageNode


def unary_function(subject: Subject, where: str, key: str, use: str) -> PackageNode | Problem:
    """The function that `key` names: one that takes a message and gives one."""
    function = find_function(use, subject.packages)
    if function is None:
        return unknown_function(subject, where, key, use)
    if function.type != PackageNode.Type.UNARY:
        return Problem(where, f"{key}: {use} is a pipeline; a function that gives one message is needed")
    return function


def unknown_function(subject: Subject, where: str, key: str, use: str) -> Problem:
    """`key` is what named the function."""
    label = "" if key == "use" else f"{key}: "
    package_name, function = split_use(use)
    if not package_name:
        return Problem(where, f"wrong {key}", "package/node", f'"{use}"')
    package = subject.packages.get(package_name)
    if package is None:
        known = or_one_of(package_name, subject.packages)
        return Problem(where, f"{label}there is no package {package_name}{known}")
    known = or_one_of(function, [node.name for node in package.nodes])
    return Problem(where, f"{label}package {package_name} has no node {function}{known}")
