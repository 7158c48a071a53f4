"""Failures as bytes: serialized penstock.v1.Failure."""

from __future__ import annotations

from penstock.engine.domain.failure import Failure, FailureClass, FailureKind
from penstock.wire.gen import failure_pb2


def failure_message(failure: Failure) -> failure_pb2.Failure:
    message = failure_pb2.Failure(
        code=failure.code,
        message=failure.message,
        kind=failure.kind.name,
        retryable=failure.retryable,
        node=failure.node,
        attempt=failure.attempt,
        traceback=failure.traceback,
    )
    # The field is named by a Python keyword.
    setattr(message, "class", int(failure.failure_class))
    return message


def encode_failure(failure: Failure) -> bytes:
    return failure_message(failure).SerializeToString()


def decode_failure(data: bytes) -> Failure:
    message = failure_pb2.Failure.FromString(data)
    return Failure(
        code=message.code,
        message=message.message,
        kind=FailureKind(message.kind),
        failure_class=FailureClass(getattr(message, "class")),
        retryable=message.retryable,
        node=message.node if message.HasField("node") else None,
        attempt=message.attempt if message.HasField("attempt") else None,
        traceback=message.traceback if message.HasField("traceback") else None,
    )
