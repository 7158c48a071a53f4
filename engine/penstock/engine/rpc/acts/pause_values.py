"""What an execution goes on with behind a pause: whether it fits is found out the same way for one and for many."""

from __future__ import annotations

from typing import Any

from penstock.engine.domain.errors import InvalidArgument
from penstock.engine.rpc.acts.pause_reader import Subject
from penstock.engine.rpc.values import empty_value, read_value
from penstock.engine.storage.master_keys import MasterKeyError
from penstock.wire.expressions import EvaluationError


def resumed_with(subject: Subject, request: Any) -> bytes:
    """The message that a ResumePauseRequest has the execution go on with.

    Raises InvalidArgument and JsonError with the path, PayloadTooLarge.
    """
    if subject.ruling is not None:
        raise no_value(request.pause)
    value = read_value(subject.program, subject.value_type, request, "value")
    return empty_value(subject.program, subject.value_type, "value") if value is None else value


def check_route(subject: Subject, value: bytes) -> None:
    """Raises InvalidArgument when the execution could not go on with the value."""
    program, node = subject.program, subject.reached.node
    if subject.run_input is None:
        raise MasterKeyError("what the execution was given is sealed, and no master key of this server opens it")
    try:
        program.route(node, value, subject.run_input)
    except EvaluationError as error:
        raise InvalidArgument(f"value: an edge behind the pause cannot be evaluated: {error}", field="value") from error


def no_value(name: str) -> InvalidArgument:
    return InvalidArgument(
        f"value: expected none, because a policy has node {name} approved or rejected as it is", field="value"
    )
