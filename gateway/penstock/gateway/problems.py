"""Says what is wrong with a request as the RpcError that its caller gets."""

from __future__ import annotations

from penstock.wire.json import JsonError
from penstock.wire.status import Code, RpcError, Violation


def invalid(path: str, problem: str, reason: str = "INVALID_VALUE") -> RpcError:
    """A 400 about what stands at `path`; "" is the whole body."""
    return RpcError(
        Code.INVALID_ARGUMENT,
        reason,
        f"{path}: {problem}" if path else problem,
        violations=(Violation(path, problem),),
    )


def invalid_json(error: JsonError) -> RpcError:
    """A 400 with the path, problem and reason of `error`."""
    return invalid(error.path, error.problem, error.reason)


def missing_body() -> RpcError:
    """A 400 for a method that cannot do without a body."""
    return invalid("body", "expected a message, got nothing", "BODY_MISSING")


def body_too_large(bytes_max: int) -> RpcError:
    """A 413 with the limit."""
    return RpcError(
        Code.RESOURCE_EXHAUSTED,
        "PAYLOAD_TOO_LARGE",
        f"body: expected at most {bytes_max} bytes, got more",
        metadata={"limit_bytes": str(bytes_max)},
    )
