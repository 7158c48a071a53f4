"""What undoes a node is a function that takes the node's output."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.function_problems import unary_function
from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem
from penstock.wire.compat import mismatch
from penstock.wire.gen.package_pb2 import PackageNode


def check(subject: Subject) -> Iterator[Problem]:
    for name, node in subject.of_kind("use"):
        if not node.compensate:
            continue
        where, undone = f"node {name}", subject.functions.get(name)
        if undone is not None and undone.type == PackageNode.Type.PIPELINE:
            yield Problem(where, f"{node.use} is a pipeline; only a function that gives one message has a compensate")
            continue
        function = unary_function(subject, where, "compensate", node.compensate)
        if isinstance(function, Problem):
            yield function
        elif subject.types is not None and undone is not None:
            reason = mismatch(subject.types.descriptor(undone.output), subject.types.descriptor(function.input))
            if reason is not None:
                message = f"compensate: {node.compensate} cannot read what {name} gives: {reason}"
                yield Problem(where, message, function.input, undone.output)
