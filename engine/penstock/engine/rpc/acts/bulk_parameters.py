"""What a request for a bulk operation has to say, and how it is refused when it does not."""

from __future__ import annotations

from penstock.engine.domain import limits
from penstock.engine.domain.errors import InvalidArgument, PayloadTooLarge
from penstock.engine.rpc import requests
from penstock.wire.gen.bulk_operation_pb2 import BulkOperation, BulkParameters
from penstock.wire.gen.bulk_operation_service_pb2 import CreateBulkOperationRequest

VALUE_BYTES_MAX = 65_536
"""What is given to each of many: it is kept with the operation, and read with it in lists."""

_VALUES = ("value", "value_bytes", "payload", "payload_bytes")
FLOWING = ("patch", *_VALUES)
"""Parameters that executions go on with."""

_TAKES: dict[int, frozenset[str]] = {
    BulkOperation.CANCEL: frozenset({"reason"}),
    BulkOperation.RECOVER: frozenset(),
    BulkOperation.RELAUNCH: frozenset({"flow"}),
    BulkOperation.FORK: frozenset({"node", "patch", "update_mask"}),
    BulkOperation.APPROVE: frozenset({"comment", "pause"}),
    BulkOperation.REJECT: frozenset({"comment", "pause"}),
    BulkOperation.RETRY_NOW: frozenset({"node"}),
    BulkOperation.RESUME: frozenset({"comment", "pause", "value", "value_bytes"}),
    BulkOperation.SIGNAL: frozenset({"payload", "payload_bytes", "signal"}),
}


def check(request: CreateBulkOperationRequest) -> None:
    """Raises InvalidArgument, PayloadTooLarge."""
    requests.check_request_id(request.request_id)
    if not request.verb:
        known = ", ".join(name for name, number in BulkOperation.Verb.items() if number)
        raise InvalidArgument(f"verb: expected one of {known}, got none", field="verb")
    if request.verb not in _TAKES:
        raise InvalidArgument(f"verb: expected one that is known, got {request.verb}", field="verb")
    has_filter = bool(request.filter.strip())
    if has_filter is request.all:
        got = "both" if has_filter else "neither"
        raise InvalidArgument(
            f"filter: expected either a filter or all: true, got {got}", field="filter", reason="FILTER_NEEDED"
        )
    if request.limit < 0:
        raise InvalidArgument(f"limit: expected 0 or more, got {request.limit}", field="limit")
    _check_parameters(request)


def _check_parameters(request: CreateBulkOperationRequest) -> None:
    given, verb = request.parameters, BulkOperation.Verb.Name(request.verb)
    takes = _TAKES[request.verb]
    for name in sorted({field.name for field, _ in given.ListFields()} - takes):
        known = ", ".join(sorted(takes)) or "none"
        raise InvalidArgument(
            f"parameters.{name}: {verb} does not take it; it takes: {known}", field=f"parameters.{name}"
        )
    if request.verb == BulkOperation.FORK and not given.node:
        raise InvalidArgument("parameters.node: expected the node to go on from, got none", field="parameters.node")
    if request.verb == BulkOperation.SIGNAL and not given.signal:
        raise InvalidArgument("parameters.signal: expected the name of a signal, got none", field="parameters.signal")
    if given.HasField("update_mask") and not given.HasField("patch"):
        raise InvalidArgument(
            "parameters.update_mask: expected a patch whose fields it names, got none", field="parameters.update_mask"
        )
    requests.check_reason(given.reason)
    size = len(given.comment.encode())
    if size > limits.COMMENT_BYTES_MAX:
        raise InvalidArgument(
            f"parameters.comment: expected at most {limits.COMMENT_BYTES_MAX:,} bytes, got {size:,}",
            field="parameters.comment",
        )
    _check_size(given)


def _check_size(given: BulkParameters) -> None:
    for name in filter(given.HasField, _VALUES):
        value = getattr(given, name)
        size = len(value) if isinstance(value, bytes) else value.ByteSize()
        if size > VALUE_BYTES_MAX:
            raise PayloadTooLarge(
                f"parameters.{name}: expected at most {VALUE_BYTES_MAX:,} bytes, got {size:,}",
                facts={"limit_bytes": str(VALUE_BYTES_MAX)},
            )
