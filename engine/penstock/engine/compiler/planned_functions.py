"""The functions of a plan, with how long and how often they may be tried."""

from __future__ import annotations

from google.protobuf.duration_pb2 import Duration

from penstock.engine.compiler.subject import Subject
from penstock.engine.compiler.uses import find_function, split_use
from penstock.engine.domain import limits
from penstock.wire.gen.artifact_pb2 import PlannedFunction
from penstock.wire.gen.package_pb2 import PackageNode
from penstock.wire.gen.retries_pb2 import Retries

DEFAULT = Retries(
    max_attempts=1,
    initial_backoff=Duration(nanos=200_000_000),
    multiplier=2.0,
    max_backoff=Duration(seconds=30),
    jitter=0.2,
)

_UNDO = Retries(max_attempts=5, initial_backoff=Duration(seconds=1))
"""Of what undoes a node and says nothing about retries: a half-undone execution is worse than a late one."""


def placed_function(subject: Subject, use: str) -> PackageNode:
    """The function that a flow without problems uses."""
    function = find_function(use, subject.packages)
    assert function is not None
    return function


def plan_fallback(subject: Subject, use: str) -> PlannedFunction:
    return _planned(use, placed_function(subject, use), None)


def plan_compensate(subject: Subject, use: str) -> PlannedFunction:
    return _planned(use, placed_function(subject, use), _UNDO)


def resolve_retries(*wishes: Retries | None) -> Retries | None:
    """What is wished for first, and the default where nothing is; None when there is no wish."""
    given = [wish for wish in wishes if wish is not None]
    if not given:
        return None
    resolved = Retries()
    for wish in (DEFAULT, *reversed(given)):
        _overlay(resolved, wish)
    if not resolved.HasField("max_system_attempts"):
        resolved.max_system_attempts = resolved.max_attempts
    return resolved


def resolve_timeout(placed: Duration | None, function: PackageNode) -> Duration:
    """What the flow says, else the function's own, else the default."""
    if placed is not None:
        return placed
    if function.HasField("timeout"):
        return function.timeout
    return Duration(seconds=int(limits.NODE_TIMEOUT_S_DEFAULT))


def own_retries(function: PackageNode) -> Retries | None:
    """What the function itself says."""
    return function.retries if function.HasField("retries") else None


def _planned(use: str, function: PackageNode, otherwise: Retries | None) -> PlannedFunction:
    package, name = split_use(use)
    return PlannedFunction(
        package=package,
        function=name,
        retries=resolve_retries(own_retries(function) or otherwise),
        timeout=resolve_timeout(None, function),
    )


def _overlay(resolved: Retries, wish: Retries) -> None:
    for field, _ in wish.ListFields():
        resolved.ClearField(field.name)  # merging would join lists, and the parts of lengths of time
    resolved.MergeFrom(wish)
