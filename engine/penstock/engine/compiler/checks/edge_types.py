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
        given, taken = subject.ends[edge.source].output, subject.ends[edge.target].input
        if not given or not taken or edge.map:
            continue
        reason = mismatch(subject.types.descriptor(given), subject.types.descriptor(taken))
        if reason is not None:
            message = f"{edge.target} cannot read what {edge.source} gives: {reason}; a map can convert it"
            yield Problem(edge.where, message, taken, given)
