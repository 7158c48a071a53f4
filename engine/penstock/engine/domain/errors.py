"""The engine's one tree of errors.

    PenstockError
    ├── InvalidArgument           the request is wrong, whatever the state
    │   ├── PackageProblems       a package does not load
    │   └── FlowDoesNotCompile    a flow does not compile
    ├── NotFound                  no such thing in the caller's account
    ├── AlreadyExists             a thing of that name is there
    ├── Conflict                  the state does not allow it now
    │   └── BreakingChange        callers who are there would break
    ├── Superseded                somebody else changed it since the caller looked
    ├── IdempotencyMismatch       the request id was used for another request
    ├── Unauthenticated           no key, or a bad one
    ├── Forbidden                 the key may not do this
    ├── Overloaded                no room; the same call may succeed later
    ├── PayloadTooLarge           something in the request is over its limit
    ├── LeaseLost                 another process drives what this one drove
    └── StoreUnavailable          the database cannot be reached

Each has a stable `reason`; `penstock.engine.rpc.status` gives each its code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from penstock.engine.domain.problem import Problem


class PenstockError(Exception):
    """Root of the tree. `facts` are what a program may want to know of the error."""

    reason = "INTERNAL"

    def __init__(self, message: str, *, reason: str = "", facts: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason or type(self).reason
        self.facts = dict(facts or {})


class InvalidArgument(PenstockError):
    """`field` is the path of what is wrong, "" when it is about the whole request."""

    reason = "INVALID_ARGUMENT"

    def __init__(self, message: str, *, field: str = "", reason: str = "", facts: Mapping[str, str] | None = None):
        super().__init__(message, reason=reason, facts=facts)
        self.field = field


class _Problems(InvalidArgument):
    def __init__(self, subject: str, problems: Sequence[Problem]) -> None:
        super().__init__(f"{subject}: " + "; ".join(str(p) for p in problems))
        self.problems = tuple(problems)


class PackageProblems(_Problems):
    """Everything that keeps a package from loading."""

    reason = "PACKAGE_DOES_NOT_LOAD"

    def __init__(self, package: str, problems: Sequence[Problem]) -> None:
        super().__init__(f"package {package} does not load", problems)


class FlowDoesNotCompile(_Problems):
    """Everything that keeps a flow from compiling."""

    reason = "FLOW_DOES_NOT_COMPILE"

    def __init__(self, flow: str, problems: Sequence[Problem]) -> None:
        super().__init__(f"flow {flow} does not compile", problems)


class NotFound(PenstockError):
    reason = "NOT_FOUND"


class AlreadyExists(PenstockError):
    reason = "ALREADY_EXISTS"


class Conflict(PenstockError):
    """`facts["status"]` is the status that does not allow it."""

    reason = "ILLEGAL_STATE"


class BreakingChange(Conflict):
    """`problems` are what would break them."""

    reason = "BREAKING_CHANGE"

    def __init__(self, subject: str, problems: Sequence[Problem]) -> None:
        super().__init__(f"{subject}: " + "; ".join(str(p) for p in problems))
        self.problems = tuple(problems)


class Superseded(PenstockError):
    reason = "SUPERSEDED"


class IdempotencyMismatch(PenstockError):
    reason = "IDEMPOTENCY_MISMATCH"


class Unauthenticated(PenstockError):
    reason = "UNAUTHENTICATED"


class Forbidden(PenstockError):
    """`facts["scope"]` is the scope that it is about, if it is about one."""

    reason = "FORBIDDEN"


class Overloaded(PenstockError):
    reason = "OVERLOADED"


class PayloadTooLarge(PenstockError):
    """`facts["limit_bytes"]` is the limit."""

    reason = "PAYLOAD_TOO_LARGE"


class LeaseLost(PenstockError):
    reason = "LEASE_LOST"


class StoreUnavailable(PenstockError):
    reason = "STORE_UNAVAILABLE"
