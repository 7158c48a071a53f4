"""What both ends of the relay hold to: its path, the calls of its own, credit, sizes and errors.

The protocol itself stands in proto/penstock/v1/relay_service.proto.
"""

from __future__ import annotations

from penstock.wire.gen.relay_service_pb2 import DESCRIPTOR, RelayError
from penstock.wire.status import Code, RpcError, Violation

PATH = f"/{DESCRIPTOR.services_by_name['RelayService'].full_name}/Relay"

AUTHENTICATE = "authenticate"
READY = "ready"

CREDIT_BYTES = 256 * 1024
"""What a streaming call may be ahead of its reader: enough for a network, little enough for ten thousand readers."""

MESSAGE_COST_BYTES = 1024
"""What each message uses up beside its size: an empty one takes memory and time too."""

BATCH_BYTES_MAX = 1024 * 1024
"""A batch takes no more calls beyond it, so that a small call does not wait long behind large ones."""

ENVELOPE_BYTES_MAX = 64 * 1024
"""Room around the largest request or answer when it travels alone in a batch: a key, a path, some numbers."""


def cost_bytes(message: bytes) -> int:
    """What a message of a stream uses up of its credit."""
    return len(message) + MESSAGE_COST_BYTES


def write_error(error: RpcError, target: RelayError) -> None:
    """Fills `target`, so that `read_error` gives the same error again."""
    target.code = int(error.code)
    target.reason = error.reason
    target.message = error.message
    for name, value in error.metadata.items():
        target.facts.add(name=name, value=value)
    for violation in error.violations:
        target.violations.add(field=violation.field, description=violation.description)


def read_error(source: RelayError) -> RpcError:
    """The error that `write_error` wrote."""
    return RpcError(
        Code(source.code),
        source.reason,
        source.message,
        metadata={fact.name: fact.value for fact in source.facts},
        violations=tuple(Violation(violation.field, violation.description) for violation in source.violations),
    )
