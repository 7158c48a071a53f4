"""At most one node of a flow is a pipeline: what follows it is applied to each of its frames."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem
from penstock.engine.domain.spelling import some_of
from penstock.wire.gen.package_pb2 import PackageNode


def check(subject: Subject) -> Iterator[Problem]:
    pipelines = sorted(n for n, f in subject.functions.items() if f.type == PackageNode.Type.PIPELINE)
    if len(pipelines) > 1:
        yield Problem("flow", "has several pipeline nodes", "at most 1", f"{len(pipelines)}: {some_of(pipelines)}")
