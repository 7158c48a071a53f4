"""The user's messages in requests and answers: protobuf or JSON form, as the caller likes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError, Message
from google.protobuf.struct_pb2 import Struct

from penstock.engine.domain import limits
from penstock.engine.domain.errors import InvalidArgument, PayloadTooLarge
from penstock.engine.rpc.messages import payload_struct
from penstock.engine.runtime.programs.program import Program
from penstock.wire.json import JsonError, from_struct
from penstock.wire.scopes import Grants


@dataclass(frozen=True, slots=True)
class Input:
    """An input message that fits, and the form its caller speaks."""

    data: bytes
    is_json: bool


def read_input(program: Program, request: Any) -> Input:
    """The input of a request's `payload` oneof. Raises InvalidArgument and JsonError with the path."""
    if request.HasField("input_bytes"):
        data: bytes = request.input_bytes
        _check_size(len(data))
        _parse(program, data)
        return Input(data, is_json=False)
    decode = program.types.json.decoder(program.types.descriptor(program.artifact.input_type))
    try:
        message: Message = decode(from_struct(request.input) if request.HasField("input") else {})
    except JsonError as error:
        raise error.under("input") from None
    data = message.SerializeToString()
    _check_size(len(data))
    return Input(data, is_json=True)


def canonical(program: Program, data: bytes) -> bytes:
    """The same bytes for equal inputs, however they were serialized."""
    message: Message = program.input_class.FromString(data)
    return message.SerializeToString(deterministic=True)


def _parse(program: Program, data: bytes) -> None:
    try:
        program.input_class.FromString(data)
    except DecodeError:
        raise InvalidArgument(
            f"input_bytes: expected a message {program.artifact.input_type} in protobuf, got other bytes",
            field="input_bytes",
        ) from None


def _check_size(size: int) -> None:
    if size > limits.PAYLOAD_BYTES_MAX:
        raise PayloadTooLarge(
            f"input: expected at most {limits.PAYLOAD_BYTES_MAX} bytes, got {size}",
            facts={"limit_bytes": str(limits.PAYLOAD_BYTES_MAX)},
        )


def output_struct(program: Program, payload: bytes, grants: Grants) -> Struct:
    return payload_struct(program, program.artifact.output_type, payload, grants)
