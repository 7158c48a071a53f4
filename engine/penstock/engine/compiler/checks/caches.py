"""What is cached is one message, with a version and a length of time within the bounds."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.bounds import CACHE_VERSION_LENGTH_MAX, KEPT
from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem
from penstock.wire.gen.package_pb2 import PackageNode


def check(subject: Subject) -> Iterator[Problem]:
    for name, node in subject.of_kind("use"):
        if not node.HasField("cache"):
            continue
        where, cache = f"node {name}", node.cache
        if len(cache.version) > CACHE_VERSION_LENGTH_MAX:
            expected = f"at most {CACHE_VERSION_LENGTH_MAX} characters"
            yield Problem(where, "cache.version is too long", expected, str(len(cache.version)))
        if cache.HasField("ttl"):
            yield from KEPT.check(where, "cache.ttl", cache.ttl)
        function = subject.functions.get(name)
        if function is not None and function.type == PackageNode.Type.PIPELINE:
            yield Problem(where, f"{node.use} is a pipeline; only a function that gives one message has a cache")
