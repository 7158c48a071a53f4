"""What runs in a node's place takes and gives what the node does."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.function_problems import unary_function
from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem
from penstock.wire.compat import mismatch
from penstock.wire.gen.package_pb2 import PackageNode


def check(subject: Subject) -> Iterator[Problem]:
    for name, node in subject.of_kind("use"):
        if not node.fallback:
            continue
        where, replaced = f"node {name}", subject.functions.get(name)
        if replaced is not None and replaced.type == PackageNode.Type.PIPELINE:
            yield Problem(where, f"{node.use} is a pipeline; only a function that gives one message has a fallback")
            continue
        function = unary_function(subject, where, "fallback", node.fallback)
        if isinstance(function, Problem):
            yield function
        elif replaced is not None:
            yield from _mismatches(subject, where, node.fallback, replaced, function)


def _mismatches(
    subject: Subject, where: str, use: str, replaced: PackageNode, function: PackageNode
) -> Iterator[Problem]:
    if subject.types is None:
        return
    descriptor = subject.types.descriptor
    reason = mismatch(descriptor(replaced.input), descriptor(function.input))
    if reason is not None:
        message = f"fallback: {use} cannot read what the node takes: {reason}"
        yield Problem(where, message, function.input, replaced.input)
    reason = mismatch(descriptor(function.output), descriptor(replaced.output))
    if reason is not None:
        message = f"fallback: what {use} gives cannot be read as what the node gives: {reason}"
        yield Problem(where, message, replaced.output, function.output)
