"""The one table between error codes, gRPC and HTTP.

Errors carry google.rpc.Status with ErrorInfo, BadRequest and RetryInfo details (AIP-193).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

ERROR_DOMAIN = "penstock"
RETRY_AFTER = "retry_after_s"
"""Name, in the metadata of an error, of the whole seconds after which the same call may succeed."""


class Code(IntEnum):
    """google.rpc.Code."""

    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


HTTP_STATUS: Mapping[Code, int] = MappingProxyType(
    {
        Code.CANCELLED: 499,
        Code.UNKNOWN: 500,
        Code.INVALID_ARGUMENT: 400,
        Code.DEADLINE_EXCEEDED: 504,
        Code.NOT_FOUND: 404,
        Code.ALREADY_EXISTS: 409,
        Code.PERMISSION_DENIED: 403,
        Code.RESOURCE_EXHAUSTED: 429,
        Code.FAILED_PRECONDITION: 409,
        Code.ABORTED: 409,
        Code.OUT_OF_RANGE: 400,
        Code.UNIMPLEMENTED: 501,
        Code.INTERNAL: 500,
        Code.UNAVAILABLE: 503,
        Code.DATA_LOSS: 500,
        Code.UNAUTHENTICATED: 401,
    }
)

# A reason that HTTP has a better status for than the code behind it.
_HTTP_STATUS_OF_REASON = {"PAYLOAD_TOO_LARGE": 413, "METHOD_NOT_ALLOWED": 405, "UNSUPPORTED_MEDIA_TYPE": 415}


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong with a request. `field` is its path, "" when it is about the whole."""

    field: str
    description: str


class RpcError(Exception):
    """An error as callers see it, over gRPC and HTTP alike.

    `reason` is a stable word in upper case; callers branch on `code` and `reason`, never on the text.
    """

    def __init__(
        self,
        code: Code,
        reason: str,
        message: str,
        *,
        metadata: Mapping[str, str] | None = None,
        violations: tuple[Violation, ...] = (),
    ) -> None:
        self.message = _writable(message)
        super().__init__(self.message)
        self.code = code
        self.reason = reason
        self.metadata = {name: _writable(value) for name, value in (metadata or {}).items()}
        self.violations = tuple(Violation(_writable(v.field), _writable(v.description)) for v in violations)

    @property
    def http_status(self) -> int:
        """The HTTP status of the answer that reports this error."""
        return _HTTP_STATUS_OF_REASON.get(self.reason) or HTTP_STATUS[self.code]

    def to_status(self) -> Status:
        """The same as google.rpc.Status, with ErrorInfo and, where they say something, BadRequest and RetryInfo."""
        status = Status(code=int(self.code), message=self.message)
        _attach(status, ErrorInfo(reason=self.reason, domain=ERROR_DOMAIN, metadata=self.metadata))
        if self.violations:
            fields = [BadRequest.FieldViolation(field=v.field, description=v.description) for v in self.violations]
            _attach(status, BadRequest(field_violations=fields))
        if (retry_after_s := self.metadata.get(RETRY_AFTER)) is not None:
            _attach(status, RetryInfo(retry_delay=Duration(seconds=int(retry_after_s))))
        return status


def _writable(text: str) -> str:
    """Errors repeat what came, and a header may hold bytes that are no text: JSON and protobuf cannot."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _attach(status: Status, detail: ErrorInfo | BadRequest | RetryInfo) -> None:
    packed = AnyMessage()
    packed.Pack(detail)
    status.details.append(packed)
