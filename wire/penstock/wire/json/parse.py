"""JSON text to Python values and back."""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

from penstock.wire.json.errors import JsonError, Reason, member

# Objects and arrays inside each other. Deeper documents are attacks; 100 is also protobuf's limit.
DEPTH_MAX = 100

# A string, or a bracket outside strings. Possessive, so that an unclosed string costs no second look.
_BRACKETS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|([\[{])|([\]}])', re.DOTALL)


def dumps(value: object) -> bytes:
    """Compact JSON in UTF-8, members in the order of the dict."""
    return orjson.dumps(value)


def parse(raw: bytes) -> object:
    """The value of a JSON document.

    Raises JsonError for malformed JSON (bytes that are not UTF-8, lone surrogates, NaN and numbers
    beyond a double included), for a key that stands twice in one object, and for more than DEPTH_MAX
    levels.
    """
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        _check_depth(raw)  # orjson has a limit of its own: a document below it is deep before it is malformed
        raise _malformed(error) from None
    if raw.count(b"[") + raw.count(b"{") > DEPTH_MAX and _is_deep(value):
        _check_depth(raw)
    if not _keeps_colons(raw, value):
        _check_keys(raw)
    return value


def _malformed(error: orjson.JSONDecodeError) -> JsonError:
    place = f"line {error.lineno}, column {error.colno}"
    return JsonError(Reason.MALFORMED_JSON, f"malformed JSON at {place}: {error.msg}")


def _is_deep(value: Any) -> bool:
    """Whether a value has more than DEPTH_MAX levels. Looks level by level, so that depth costs no stack."""
    level = [value]
    for _ in range(DEPTH_MAX):
        below: list[Any] = []
        for container in level:
            for item in container.values() if type(container) is dict else container:
                kind = type(item)
                if kind is dict or kind is list:
                    below.append(item)
        if not below:
            return False
        level = below
    return True


def _keeps_colons(raw: bytes, value: object) -> bool:
    """Whether the text has no key twice, found by counting; False may also mean that counting cannot tell.

    Of a key that stands twice only one member is kept, so printing the value gives fewer colons than the
    text has. Colons inside strings count on both sides, unless the text has one as an escape.
    """
    return raw.count(b":") == orjson.dumps(value).count(b":") and not (b"\\" in raw and b"\\u003" in raw)


def _check_depth(raw: bytes) -> None:
    """Raises JsonError TOO_DEEP with the place of the first bracket below DEPTH_MAX, if there is one."""
    if raw.count(b"[") + raw.count(b"{") <= DEPTH_MAX:
        return
    depth = 0
    for match in _BRACKETS.finditer(raw):
        if match.group(1):
            depth += 1
        elif match.group(2):
            depth -= 1
        if depth > DEPTH_MAX:
            raise JsonError(
                Reason.TOO_DEEP, f"expected at most {DEPTH_MAX} levels, got more at {_place(raw, match.start())}"
            )


def _place(raw: bytes, position: int) -> str:
    before = raw[:position].decode(errors="replace")
    line = before.count("\n") + 1
    return f"line {line}, column {len(before) - before.rfind(chr(10))}"


class _Duplicate:
    """Stands in a parsed document where an object had `key` twice."""

    def __init__(self, key: str) -> None:
        self.key = key


def _marked(pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Duplicate:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            break
        seen.add(key)
    return _Duplicate(key)


def _check_keys(raw: bytes) -> None:
    """Looks at each key; slow. Only for well-formed documents that counting could not clear."""
    # Numbers do not matter here, and int() refuses very long ones.
    value = json.loads(raw.decode(), object_pairs_hook=_marked, parse_int=float)
    level: list[tuple[str, Any]] = [("", value)]
    while level:
        below: list[tuple[str, Any]] = []
        for path, item in level:
            if isinstance(item, _Duplicate):
                error = JsonError(Reason.DUPLICATE_KEY, "duplicate key", member(item.key))
                raise error.under(path) if path else error
            if isinstance(item, dict):
                below += [(_joined(path, member(key)), inner) for key, inner in item.items()]
            elif isinstance(item, list):
                below += [(f"{path}[{index}]", inner) for index, inner in enumerate(item)]
        level = below


def _joined(path: str, step: str) -> str:
    return f"{path}.{step}" if path and step[0] != "[" else path + step
