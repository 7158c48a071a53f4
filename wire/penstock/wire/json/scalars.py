"""JSON values to the scalars of protobuf: the exact conversions, with the error for what does not fit.

The generated decoders test for the plain case inline (see decode.py) and come here for the rest.
Floats and text count as integers where their value is one: documents that came through
google.protobuf.Struct have only floats, and 64-bit integers are text in protobuf JSON.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor

from penstock.wire.json.errors import JsonError, Reason, expected, member

Read = Callable[[Any], Any]

# The largest double that rounds to a float, a little above the largest float: as text with few digits
# that one is above itself.
FLOAT_MAX = float.fromhex("0x1.fffffefffffffp+127")
_DOUBLE_MAX = float.fromhex("0x1.fffffffffffffp+1023")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII).fullmatch
_PLAIN_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,39})", re.ASCII).fullmatch
_NOT_FINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_URL_SAFE = str.maketrans("-_", "+/")


def _integer(name: str, low: int, high: int) -> Read:
    def read(value: object) -> int:
        number = value if type(value) is int else _integral(value)
        if number is None:
            raise expected(name, value)
        if low <= number <= high:
            return number
        raise expected(f"{name} ({low} to {high})", value, Reason.OUT_OF_RANGE)

    return read


def _integral(value: object) -> int | None:
    """The integer that a float or a text stands for, None where there is none."""
    if isinstance(value, str):
        if _PLAIN_INTEGER(value):
            return int(value)
        if not _NUMBER(value):
            return None
        value = float(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return None


def _floating(name: str, largest: float, largest_text: str) -> Read:
    def read(value: object) -> float:
        if isinstance(value, str):
            if value in _NOT_FINITE:
                return _NOT_FINITE[value]
            if not _NUMBER(value):
                raise expected(name, value)
        elif type(value) is not float and type(value) is not int:
            raise expected(name, value)
        try:
            number = float(value)
        except OverflowError:
            number = float("inf")
        if -largest <= number <= largest:
            return number
        raise expected(f"{name} (-{largest_text} to {largest_text})", value, Reason.OUT_OF_RANGE)

    return read


def boolean(value: object) -> bool:
    """bool."""
    if type(value) is bool:
        return value
    raise expected("bool", value)


def string(value: object) -> str:
    """string. Lone surrogates, which UTF-8 cannot carry, are refused."""
    if not isinstance(value, str):
        raise expected("string", value)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise expected("string without lone surrogates", value, Reason.INVALID_VALUE) from None
    return value


def base64_bytes(value: object) -> bytes:
    """bytes, from standard or URL-safe base64, with or without padding."""
    if not isinstance(value, str):
        raise expected("bytes in base64", value)
    text = value.translate(_URL_SAFE)
    try:
        return binascii.a2b_base64(text + "=" * (-len(text) % 4), strict_mode=True)
    except ValueError:  # binascii.Error, or not ASCII
        raise expected("bytes in base64", value, Reason.INVALID_VALUE) from None


def null_value(value: object) -> int:
    """google.protobuf.NullValue."""
    if value is None or value == "NULL_VALUE" or (type(value) is int and value == 0):
        return 0
    raise expected("null", value)


int32 = _integer("int32", -(2**31), 2**31 - 1)
int64 = _integer("int64", -(2**63), 2**63 - 1)
uint32 = _integer("uint32", 0, 2**32 - 1)
uint64 = _integer("uint64", 0, 2**64 - 1)
float32 = _floating("float", FLOAT_MAX, "3.4028235e+38")
double = _floating("double", _DOUBLE_MAX, "1.7976931e+308")


def numbers_by_name(enum: EnumDescriptor) -> dict[str, int]:
    """Names of the values of `enum`, aliases included, with their numbers."""
    return {value.name: value.number for value in enum.values}


def enumeration(enum: EnumDescriptor) -> Read:
    """The conversion to `enum`: by name, or by number. An open enum takes any int32, as protobuf does."""
    numbers = numbers_by_name(enum)
    known = frozenset(numbers.values())
    names = ", ".join(list(numbers)[:20]) + (", …" if len(numbers) > 20 else "")
    what = f"one of {names}" if len(numbers) > 1 else names
    is_closed: bool = enum.is_closed

    def read(value: object) -> int:
        if isinstance(value, str):
            if value in numbers:
                return numbers[value]
            raise expected(what, value, Reason.INVALID_VALUE)
        number = value if type(value) is int else _integral(value)
        if number is None:
            raise expected(what, value)
        if number in known:
            return number
        if is_closed:
            raise expected(what, value, Reason.INVALID_VALUE)
        return int(int32(number))

    return read


def each(read: Read) -> Read:
    """The conversion of a repeated field whose elements `read` converts."""

    def read_each(values: object) -> list[Any]:
        if type(values) is not list:
            raise expected("array", values)
        done: list[Any] = []
        try:
            for value in values:
                done.append(read(value))  # noqa: PERF401 - the length tells where it failed
        except JsonError as error:
            raise error.under(f"[{len(done)}]") from None
        return done

    return read_each


def entries(read_key: Read, read_value: Read) -> Read:
    """The conversion of a map field."""

    def read_entries(values: object) -> dict[Any, Any]:
        if type(values) is not dict:
            raise expected("object", values)
        done: dict[Any, Any] = {}
        for key, value in values.items():
            try:
                done[read_key(key)] = read_value(value)
            except JsonError as error:
                raise error.under(member(key)) from None
        return done

    return read_entries


def _key(name: str, numbers: Read) -> Read:
    def read(key: str) -> Any:
        # One spelling a number, so that two keys of an object are never the same map key.
        number = numbers(key) if _PLAIN_INTEGER(key) else None
        if number is None or str(number) != key:
            raise expected(f"{name} as key", key)
        return number

    return read


def _boolean_key(key: str) -> bool:
    if key in ("true", "false"):
        return key == "true"
    raise expected("true or false as key", key)


_F = FieldDescriptor
_INTEGER_NAMES: Mapping[int, tuple[str, Read]] = {
    _F.CPPTYPE_INT32: ("int32", int32),
    _F.CPPTYPE_INT64: ("int64", int64),
    _F.CPPTYPE_UINT32: ("uint32", uint32),
    _F.CPPTYPE_UINT64: ("uint64", uint64),
}


def key_reader(field: FieldDescriptor) -> Read:
    """The conversion of the keys of a map, whose key field is `field`."""
    if field.cpp_type == _F.CPPTYPE_STRING:
        return string
    if field.cpp_type == _F.CPPTYPE_BOOL:
        return _boolean_key
    return _key(*_INTEGER_NAMES[field.cpp_type])
