"""Scalars of protobuf to JSON values, where the value itself is not the JSON value."""

from __future__ import annotations

import binascii
from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from struct import Struct
from typing import Any

from google.protobuf.descriptor import EnumDescriptor

from penstock.wire.json.errors import JsonError, member

# A double holds each integer up to here; a JSON number beyond it would reach many readers changed.
EXACT_INTEGER_MAX = 2**53

_SINGLE = Struct("<f")
_MINUS_INFINITY = float("-inf")


def special(number: float) -> str:
    """The JSON text of a double that is not finite."""
    if number != number:
        return "NaN"
    return "-Infinity" if number == _MINUS_INFINITY else "Infinity"


def shortest(number: float) -> float | str:
    """The double with the fewest digits, from six on, that is this float: 0.1f is printed as 0.1."""
    if not isfinite(number):
        return special(number)
    for digits in (".6g", ".7g", ".8g"):
        candidate = float(format(number, digits))
        if _SINGLE.unpack(_SINGLE.pack(candidate))[0] == number:
            return candidate
    return float(format(number, ".9g"))


def base64_text(data: bytes) -> str:
    """Standard base64 with padding."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def names_by_number(enum: EnumDescriptor) -> dict[int, str]:
    """Numbers of `enum` with their names; of aliases the one that protobuf prints."""
    return {value.number: enum.values_by_number[value.number].name for value in enum.values}


def text_entries(entries: Mapping[str, Any]) -> dict[str, Any]:
    """A map with string keys whose values are JSON values, by key: protobuf's own order changes from run to run."""
    return {key: entries[key] for key in sorted(entries)} if entries else {}


def scalar_entries(
    entries: Mapping[Any, Any], key_text: Callable[[Any], str], print_value: Callable[[Any], object]
) -> dict[str, object]:
    """A map of scalars, by key."""
    return {key_text(key): print_value(entries[key]) for key in sorted(entries)} if entries else {}


def message_entries(
    entries: Mapping[Any, Any], key_text: Callable[[Any], str], encode: Callable[[Any, int], object], depth: int
) -> dict[str, object]:
    """A map of messages, by key."""
    done: dict[str, object] = {}
    for key in sorted(entries):
        text = key_text(key)
        try:
            done[text] = encode(entries[key], depth)
        except JsonError as error:
            raise error.under(member(text)) from None
    return done


def message_list(messages: Sequence[Any], encode: Callable[[Any, int], object], depth: int) -> list[object]:
    """A repeated field of messages."""
    done: list[object] = []
    try:
        for message in messages:
            done.append(encode(message, depth))  # noqa: PERF401 - the length tells where it failed
    except JsonError as error:
        raise error.under(f"[{len(done)}]") from None
    return done


def boolean_key(key: bool) -> str:
    """The text of a bool as the key of a map."""
    return "true" if key else "false"
