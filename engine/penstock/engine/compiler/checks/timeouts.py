"""A node's timeout is between 1 ms and 24 h."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.subject import Subject
from penstock.engine.domain import limits
from penstock.engine.domain.problem import Problem
from penstock.wire import durations

_NANOSECONDS_MIN = 1_000_000
_NANOSECONDS_MAX = int(limits.NODE_TIMEOUT_S_MAX * 1_000_000_000)


def check(subject: Subject) -> Iterator[Problem]:
    for name, node in sorted(subject.flow.nodes.items()):
        if node.HasField("timeout") and not _NANOSECONDS_MIN <= node.timeout.ToNanoseconds() <= _NANOSECONDS_MAX:
            yield Problem(f"node {name}", "timeout out of range", "1ms to 24h", durations.spell(node.timeout))
