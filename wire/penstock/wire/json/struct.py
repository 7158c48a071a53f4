"""google.protobuf.Struct, Value and ListValue: any JSON, in protobuf and back.

Own walkers, because protobuf's json_format and Struct.update take three times as long.
"""

from __future__ import annotations

from math import copysign, isfinite
from typing import Any

from google.protobuf.struct_pb2 import Struct

from penstock.wire.json.errors import MESSAGE_DEPTH_MAX, JsonError, Reason, expected, member, too_deep
from penstock.wire.json.printing import EXACT_INTEGER_MAX
from penstock.wire.json.scalars import string

# A Struct travels inside other messages, which must stay readable as a whole.
_LEVELS_AROUND = 4
_which = Struct.WhichOneof  # of the base class of all messages; bound this way it costs a third less


def to_struct(members: dict[str, Any]) -> Struct:
    """A JSON object as google.protobuf.Struct; numbers become doubles.

    Raises JsonError for what JSON does not have (NaN among it) and for more than 32 levels of objects,
    which protobuf could not read back.
    """
    struct = Struct()
    fill_struct(struct, members, _LEVELS_AROUND)
    return struct


def from_struct(struct: Struct) -> dict[str, Any]:
    """The JSON object that a google.protobuf.Struct holds, members by key.

    Integral numbers within ±2^53 come back as int, so that they fit integer fields and print without a
    point; -0.0 stays as it is. Raises JsonError for a number that is not finite.
    """
    return encode_struct(struct)


def fill_struct(message: Any, value: object, depth: int) -> None:
    """Reads a JSON object into an empty Struct that stands at level `depth` of its document."""
    if type(value) is not dict:
        raise expected("object", value)
    fields = message.fields
    for key, item in value.items():
        try:
            fill_value(fields[key if type(key) is str and key.isascii() else string(key)], item, depth + 2)
        except JsonError as error:
            raise error.under(member(key)) from None


def fill_list(message: Any, value: object, depth: int) -> None:
    """Reads a JSON array into an empty ListValue at level `depth`."""
    if type(value) is not list:
        raise expected("array", value)
    add = message.values.add
    for index, item in enumerate(value):
        try:
            fill_value(add(), item, depth + 1)
        except JsonError as error:
            raise error.under(f"[{index}]") from None


def fill_value(message: Any, value: object, depth: int) -> None:
    """Reads any JSON value into an empty Value at level `depth`."""
    if depth > MESSAGE_DEPTH_MAX:
        raise too_deep()
    kind = type(value)
    if kind is str:
        try:
            message.string_value = value
        except UnicodeEncodeError:
            string(value)
    elif kind is float or kind is int:
        message.number_value = _finite(value)
    elif kind is bool:
        message.bool_value = value
    elif value is None:
        message.null_value = 0
    elif kind is dict:
        struct = message.struct_value
        struct.SetInParent()
        fill_struct(struct, value, depth + 1)
    elif kind is list:
        values = message.list_value
        values.SetInParent()
        fill_list(values, value, depth + 1)
    else:
        raise expected("JSON value", value)


def _finite(value: Any) -> float:
    try:
        number = float(value)
    except OverflowError:
        raise expected("number that fits a double", value, Reason.OUT_OF_RANGE) from None
    if isfinite(number):
        return number
    raise expected("number", value)


def encode_struct(message: Any, depth: int = 1) -> dict[str, Any]:
    """A Struct as a JSON object. `depth` is not looked at: what protobuf read is not too deep."""
    fields = message.fields
    done: dict[str, Any] = {}
    for key in sorted(fields):
        try:
            done[key] = encode_value(fields[key])
        except JsonError as error:
            raise error.under(member(key)) from None
    return done


def encode_list(message: Any, depth: int = 1) -> list[Any]:
    """A ListValue as a JSON array. `depth` as for encode_struct."""
    done: list[Any] = []
    try:
        for item in message.values[:]:
            done.append(encode_value(item))  # noqa: PERF401 - the length tells where it failed
    except JsonError as error:
        raise error.under(f"[{len(done)}]") from None
    return done


def encode_value(message: Any, depth: int = 1) -> Any:
    """A Value as a JSON value, null where it holds nothing. `depth` as for encode_struct."""
    kind = _which(message, "kind")
    if kind == "string_value":
        return message.string_value
    if kind == "number_value":
        return _number(message.number_value)
    if kind == "bool_value":
        return message.bool_value
    if kind == "struct_value":
        return encode_struct(message.struct_value)
    if kind == "list_value":
        return encode_list(message.list_value)
    return None


def _number(number: float) -> float | int:
    if not number:
        return 0 if copysign(1, number) > 0 else number  # an int has no -0
    if number.is_integer():
        return int(number) if -EXACT_INTEGER_MAX <= number <= EXACT_INTEGER_MAX else number
    if isfinite(number):
        return number
    raise expected("number that JSON has", number, Reason.INVALID_VALUE)
