"""What a source gives is what its target takes, unless the edge has a map."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem
from penstock.wire.compat import mismatch


def check(subject: Subject) -> Iterator[Problem]:
    if subject.types is None:
        return
    for edge in subject.edges:
        source, target = subject.functions.get(edge.source), subject.functions.get(edge.target)
        if source is None or target is None or edge.map:
            continue
        reason = mismatch(subject.types.descriptor(source.output), subject.types.descriptor(target.input))
        if reason is not None:
            message = f"{edge.target} cannot read what {edge.source} gives: {reason}; a map can convert it"
            yield Problem(edge.where, message, target.input, source.output)
