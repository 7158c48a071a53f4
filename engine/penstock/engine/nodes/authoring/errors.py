"""The errors by which a node says what sort of trouble it is in.

    NodeError               the node's own logic
    ├── UserError           the input is one that it cannot work with
    ├── ProviderError       a service that it depends on answered with an error
    ├── ConnectorError      a service that it depends on could not be reached
    ├── PolicyError         a rule forbids it
    └── NodeTimeoutError    something that it waited for took too long

Any other exception is reported as NODE_RAISED, class LOGIC.
"""

from __future__ import annotations

from typing import ClassVar

from penstock.engine.domain.failure import FailureClass, FailureKind


class NodeError(Exception):
    """`code` is a stable word in upper case that callers branch on; `retryable` says whether another attempt could
    succeed. Each class has its own default for both."""

    failure_class: ClassVar[FailureClass] = FailureClass.LOGIC
    kind: ClassVar[FailureKind] = FailureKind.USER
    code: str = "NODE_ERROR"
    retryable: bool = False

    def __init__(self, message: str, *, code: str | None = None, retryable: bool | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code
        if retryable is not None:
            self.retryable = retryable


class UserError(NodeError):
    code = "USER_ERROR"


class ProviderError(NodeError):
    failure_class = FailureClass.PROVIDER
    kind = FailureKind.SYSTEM
    code = "PROVIDER_ERROR"
    retryable = True


class ConnectorError(NodeError):
    failure_class = FailureClass.CONNECTOR
    kind = FailureKind.SYSTEM
    code = "CONNECTOR_ERROR"
    retryable = True


class PolicyError(NodeError):
    failure_class = FailureClass.POLICY
    code = "POLICY_ERROR"


class NodeTimeoutError(NodeError):
    failure_class = FailureClass.TIMEOUT
    kind = FailureKind.SYSTEM
    code = "NODE_TIMEOUT"
    retryable = True
