"""What a pause asks, how long it waits, and what follows when nobody decides."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.bounds import PROMPT_LENGTH_MAX, WAIT
from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem

_ON_TIMEOUT = ("approve", "reject", "fail")


def check(subject: Subject) -> Iterator[Problem]:
    for name, node in subject.of_kind("pause"):
        where, pause = f"node {name}", node.pause
        if len(pause.prompt) > PROMPT_LENGTH_MAX:
            expected = f"at most {PROMPT_LENGTH_MAX} characters"
            yield Problem(where, "the prompt is too long", expected, str(len(pause.prompt)))
        if pause.HasField("timeout"):
            yield from WAIT.check(where, "pause.timeout", pause.timeout)
        if pause.on_timeout and pause.on_timeout not in _ON_TIMEOUT:
            yield Problem(where, "wrong on_timeout", "approve, reject or fail", f'"{pause.on_timeout}"')
        ends = subject.ends[name]
        if pause.on_timeout == "approve" and ends.output and ends.output != ends.input:
            reason = f"on_timeout cannot approve: nobody would give the {ends.output} that the pause needs"
            yield Problem(where, reason, "reject or fail", "approve")
