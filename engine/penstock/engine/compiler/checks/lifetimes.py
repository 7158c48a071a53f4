"""How long an execution may take, and what a failure does to the rest of it."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.compiler.bounds import WAIT
from penstock.engine.compiler.subject import Subject
from penstock.engine.domain.problem import Problem

FINISH_BRANCHES = "finish_branches"
_POLICIES = ("fail_at_once", FINISH_BRANCHES)


def check(subject: Subject) -> Iterator[Problem]:
    flow = subject.flow
    if flow.HasField("deadline"):
        yield from WAIT.check("flow", "deadline", flow.deadline)
    if flow.failure_policy and flow.failure_policy not in _POLICIES:
        yield Problem("flow", "wrong failure_policy", " or ".join(_POLICIES), f'"{flow.failure_policy}"')
