"""The message types that have a JSON form of their own (those of google.protobuf but Any)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from types import MappingProxyType
from typing import Any

from penstock.wire.json import scalars, struct, times
from penstock.wire.json.errors import JsonError, Reason, expected
from penstock.wire.json.printing import base64_text, shortest, special

# (message, JSON value, level of the message in its document): reads the value into the empty message.
Fill = Callable[[Any, Any, int], None]
# (message, level of the message in its document): gives its JSON value.
EncodeAt = Callable[[Any, int], Any]


@dataclass(frozen=True, slots=True)
class JsonForm:
    """How messages of one type are read from JSON and printed as JSON."""

    fill: Fill
    encode: EncodeAt


def _fill_timestamp(message: Any, value: object, depth: int) -> None:
    message.seconds, message.nanos = times.read_timestamp(value)


def _encode_timestamp(message: Any, depth: int = 1) -> str:
    return times.timestamp_text(message.seconds, message.nanos)


def _fill_duration(message: Any, value: object, depth: int) -> None:
    message.seconds, message.nanos = times.read_duration(value)


def _encode_duration(message: Any, depth: int = 1) -> str:
    return times.duration_text(message.seconds, message.nanos)


def _fill_field_mask(message: Any, value: object, depth: int) -> None:
    wanted = 'field paths such as "total,customer.firstName"'
    if not isinstance(value, str):
        raise expected(wanted, value)
    try:
        message.FromJsonString(value)
    except ValueError:
        raise expected(wanted, value, Reason.INVALID_VALUE) from None


def _encode_field_mask(message: Any, depth: int = 1) -> str:
    try:
        text: str = message.ToJsonString()
    except ValueError as error:
        raise JsonError(Reason.INVALID_VALUE, f"expected a printable google.protobuf.FieldMask: {error}") from None
    return text


def _wrapper(read: scalars.Read, print_value: Callable[[Any], object]) -> JsonForm:
    def fill(message: Any, value: object, depth: int) -> None:
        message.value = read(value)

    def encode(message: Any, depth: int = 1) -> object:
        return print_value(message.value)

    return JsonForm(fill, encode)


def _same(value: Any) -> object:
    return value


def _double(value: float) -> float | str:
    return value if isfinite(value) else special(value)


JSON_FORMS: Mapping[str, JsonForm] = MappingProxyType(
    {
        "google.protobuf.Timestamp": JsonForm(_fill_timestamp, _encode_timestamp),
        "google.protobuf.Duration": JsonForm(_fill_duration, _encode_duration),
        "google.protobuf.FieldMask": JsonForm(_fill_field_mask, _encode_field_mask),
        "google.protobuf.Struct": JsonForm(struct.fill_struct, struct.encode_struct),
        "google.protobuf.ListValue": JsonForm(struct.fill_list, struct.encode_list),
        "google.protobuf.Value": JsonForm(struct.fill_value, struct.encode_value),
        "google.protobuf.DoubleValue": _wrapper(scalars.double, _double),
        "google.protobuf.FloatValue": _wrapper(scalars.float32, shortest),
        "google.protobuf.Int64Value": _wrapper(scalars.int64, str),
        "google.protobuf.UInt64Value": _wrapper(scalars.uint64, str),
        "google.protobuf.Int32Value": _wrapper(scalars.int32, _same),
        "google.protobuf.UInt32Value": _wrapper(scalars.uint32, _same),
        "google.protobuf.BoolValue": _wrapper(scalars.boolean, _same),
        "google.protobuf.StringValue": _wrapper(scalars.string, _same),
        "google.protobuf.BytesValue": _wrapper(scalars.base64_bytes, base64_text),
    }
)
