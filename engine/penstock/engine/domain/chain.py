"""Binds JSON values, in their order, by a chain of hashes: who changes, drops or moves one changes all that follow."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from json.encoder import encode_basestring
from math import isfinite
from typing import Any

START = bytes(32)
"""What stands before the first link."""

_EXACT_MAX = 10**21
"""Numbers below it are written without an exponent."""


class Chain:
    """Changed by `add` alone. `head` is the hash of the last link."""

    def __init__(self) -> None:
        self.head = START

    def add(self, value: object) -> str:
        """The hash of the chain with `value` as its last link, as hex digits. ValueError for what is no JSON."""
        self.head = sha256(self.head + canonical(value)).digest()
        return self.head.hex()


def canonical(value: object) -> bytes:
    """JSON in the one form of RFC 8785: equal values give equal bytes. ValueError for what is no JSON."""
    return "".join(_text(value)).encode()


def _text(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield encode_basestring(value)
    elif value is None or isinstance(value, bool):
        yield "null" if value is None else "true" if value else "false"
    elif isinstance(value, int):
        # All numbers are doubles there.
        yield str(value) if abs(value) <= 2**53 else _number(float(value))
    elif isinstance(value, float):
        yield _number(value)
    elif isinstance(value, dict):
        yield "{"
        for place, key in enumerate(sorted(value, key=_utf16)):
            yield f"{',' if place else ''}{encode_basestring(key)}:"
            yield from _text(value[key])
        yield "}"
    elif isinstance(value, list):
        yield "["
        for place, item in enumerate(value):
            if place:
                yield ","
            yield from _text(item)
        yield "]"
    else:
        raise ValueError(f"expected a JSON value, got {type(value).__name__}")


def _utf16(key: str) -> bytes:
    """What members are ordered by: their UTF-16 code units."""
    return key.encode("utf-16-be")


def _number(number: float) -> str:
    """As ECMAScript writes it (ECMA-262, Number::toString): the shortest digits that read back as the same double."""
    if not isfinite(number):
        raise ValueError("expected a number that JSON has")
    if number == 0:
        return "0"
    if number.is_integer() and abs(number) < _EXACT_MAX:
        return _whole(number)
    sign = "-" if number < 0 else ""
    digits, exponent = _shortest(abs(number))
    # The value is 0.DIGITS times ten to the power of `exponent`.
    if -6 < exponent <= 0:
        return f"{sign}0.{'0' * -exponent}{digits}"
    if 0 < exponent <= 21:
        return f"{sign}{digits[:exponent]}.{digits[exponent:]}"
    rest = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{rest}e{exponent - 1:+d}"


def _whole(number: float) -> str:
    digits, exponent = _shortest(abs(number))
    return f"{'-' if number < 0 else ''}{digits}{'0' * (exponent - len(digits))}"


def _shortest(number: float) -> tuple[str, int]:
    """The digits of a positive number without zeros at their ends, and where its point stands before them."""
    mantissa, _, exponent = f"{number!r}".partition("e")
    before, _, after = mantissa.partition(".")
    digits = (before + after).lstrip("0")
    point = len(before) + int(exponent or 0) - (len(before + after) - len(digits))
    return digits.rstrip("0"), point
