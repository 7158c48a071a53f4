"""Messages that people give to an execution under way, in their JSON form or in protobuf."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import DecodeError, EncodeError, Message

from penstock.engine.domain import limits
from penstock.engine.domain.errors import InvalidArgument, PayloadTooLarge
from penstock.engine.runtime.programs.program import Program
from penstock.wire.json import JsonError, from_struct


def read_value(program: Program, type_name: str, request: Any, member: str) -> bytes | None:
    """What `member` of a request, or `member`_bytes, holds: a message of `type_name`. None when neither is there.

    Raises InvalidArgument and JsonError with the path, PayloadTooLarge.
    """
    in_protobuf = f"{member}_bytes"
    if request.HasField(in_protobuf):
        data: bytes = getattr(request, in_protobuf)
        _check_size(member, len(data))
        try:
            return _bytes(program.types.message(type_name).FromString(data))
        except (DecodeError, EncodeError):
            raise InvalidArgument(
                f"{in_protobuf}: expected a message {type_name} in protobuf, got other bytes", field=in_protobuf
            ) from None
    if not request.HasField(member):
        return None
    decode = program.types.json.decoder(program.types.descriptor(type_name))
    try:
        data = _bytes(decode(from_struct(getattr(request, member))))
    except JsonError as error:
        raise error.under(member) from None
    _check_size(member, len(data))
    return data


def empty_value(program: Program, type_name: str, member: str) -> bytes:
    """A message with all fields at their defaults. Raises InvalidArgument when the type has none."""
    try:
        return _bytes(program.types.message(type_name)())
    except EncodeError:
        raise InvalidArgument(f"{member}: expected a message {type_name}, got none", field=member) from None


def _bytes(message: Message) -> bytes:
    """Raises EncodeError when a field that is required is missing."""
    return message.SerializeToString()


def _check_size(member: str, size: int) -> None:
    if size > limits.PAYLOAD_BYTES_MAX:
        raise PayloadTooLarge(
            f"{member}: expected at most {limits.PAYLOAD_BYTES_MAX} bytes, got {size}",
            facts={"limit_bytes": str(limits.PAYLOAD_BYTES_MAX)},
        )
