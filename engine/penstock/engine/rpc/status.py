"""Engine errors -> errors as callers see them: the one place that translates."""

from __future__ import annotations

import logging

from penstock.engine.domain import errors
from penstock.wire.json import JsonError
from penstock.wire.status import Code, RpcError, Violation

log = logging.getLogger(__name__)

_CODES: tuple[tuple[type[errors.PenstockError], Code], ...] = (
    (errors.InvalidArgument, Code.INVALID_ARGUMENT),
    (errors.NotFound, Code.NOT_FOUND),
    (errors.AlreadyExists, Code.ALREADY_EXISTS),
    (errors.Conflict, Code.FAILED_PRECONDITION),
    (errors.Superseded, Code.ABORTED),
    (errors.IdempotencyMismatch, Code.ABORTED),
    (errors.Unauthenticated, Code.UNAUTHENTICATED),
    (errors.Forbidden, Code.PERMISSION_DENIED),
    (errors.Overloaded, Code.RESOURCE_EXHAUSTED),
    (errors.PayloadTooLarge, Code.RESOURCE_EXHAUSTED),
    (errors.LeaseLost, Code.UNAVAILABLE),
    (errors.StoreUnavailable, Code.UNAVAILABLE),
)


def rpc_error(error: BaseException) -> RpcError:
    """The error that a caller gets for what a service raised. What nobody foresaw is logged and tells nothing."""
    if isinstance(error, RpcError):
        return error
    if isinstance(error, JsonError):
        return RpcError(
            Code.INVALID_ARGUMENT, error.reason, str(error), violations=(Violation(error.path, error.problem),)
        )
    for kind, code in _CODES:
        if isinstance(error, kind):
            return RpcError(code, error.reason, error.message, metadata=error.facts, violations=_violations(error))
    log.error("a service failed", exc_info=error, extra={"action": "service_failed"})
    return RpcError(Code.INTERNAL, "INTERNAL", "internal error")


def _violations(error: errors.PenstockError) -> tuple[Violation, ...]:
    if isinstance(error, errors.PackageProblems | errors.FlowDoesNotCompile):
        return tuple(Violation(problem.where, str(problem)) for problem in error.problems)
    if isinstance(error, errors.BreakingChange):
        return tuple(Violation(problem.where, problem.message) for problem in error.problems)
    if isinstance(error, errors.InvalidArgument) and error.field:
        return (Violation(error.field, error.message.removeprefix(f"{error.field}: ")),)
    return ()
