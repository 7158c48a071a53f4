"""How a JSON document that does not fit is reported: what was expected, what came, and where."""

from __future__ import annotations

import json
import math
import re
from enum import StrEnum

# Messages inside each other, entries of maps counted as messages: what protobuf reads back. A level of
# google.protobuf.Struct is three of them.
MESSAGE_DEPTH_MAX = 100
SHOWN_CHARS_MAX = 60  # a refused value is repeated to its sender, who needs to recognise it, not to read it
_FIELDS_SHOWN_MAX = 12
_PLAIN_MEMBER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,59}").fullmatch


class Reason(StrEnum):
    """What sort of trouble it is; stable, callers branch on it."""

    UNKNOWN_FIELD = "UNKNOWN_FIELD"
    WRONG_TYPE = "WRONG_TYPE"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    DUPLICATE_KEY = "DUPLICATE_KEY"
    TOO_DEEP = "TOO_DEEP"
    MALFORMED_JSON = "MALFORMED_JSON"
    ONEOF_CONFLICT = "ONEOF_CONFLICT"
    INVALID_VALUE = "INVALID_VALUE"


class JsonError(ValueError):
    """A JSON document or value that is refused.

    `path` leads from the root to the value ("items[2].quantity"); it is "" when the root itself is
    meant. `problem` is a sentence without the path, `str()` the two together.
    """

    def __init__(self, reason: Reason, problem: str, path: str = "") -> None:
        super().__init__(f"{path}: {problem}" if path else problem)
        self.reason = reason
        self.problem = problem
        self.path = path

    def under(self, prefix: str) -> JsonError:
        """The same error as seen from one level up, where its document is the member `prefix`.

        A prefix that begins with "[" is an index or a quoted key.
        """
        if not self.path:
            path = prefix
        elif self.path[0] == "[":
            path = prefix + self.path
        else:
            path = f"{prefix}.{self.path}"
        return JsonError(self.reason, self.problem, path)

    def concealed(self) -> JsonError:
        """The same error for a sensitive value: without what came, and without the way to it, which may be a key."""
        wanted, got, _ = self.problem.partition(", got ")
        return JsonError(self.reason, f"{wanted}, got another value" if got else wanted)


def expected(what: str, value: object, reason: Reason = Reason.WRONG_TYPE) -> JsonError:
    """The error for a value that is not `what`."""
    return JsonError(reason, f"expected {what}, got {shown(value)}")


def unknown_field(names: tuple[str, ...]) -> JsonError:
    """The error for a member that the message, which has the fields `names`, does not have."""
    known = ", ".join(names[:_FIELDS_SHOWN_MAX]) or "no field at all"
    more = ", …" if len(names) > _FIELDS_SHOWN_MAX else ""
    return JsonError(Reason.UNKNOWN_FIELD, f"unknown field, expected {'one of ' if names else ''}{known}{more}")


def too_deep() -> JsonError:
    """The error for a message below level MESSAGE_DEPTH_MAX."""
    return JsonError(Reason.TOO_DEEP, f"expected at most {MESSAGE_DEPTH_MAX} levels of messages, got more")


def member(key: object) -> str:
    """An object's key as a step of a path: plain where it looks like a name, else quoted in brackets."""
    if isinstance(key, str) and _PLAIN_MEMBER(key):
        return key
    return f"[{shown(key)}]"


def shown(value: object) -> str:
    """A JSON value as error texts show it: scalars as JSON, shortened; the rest by kind."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _shown_text(value)
    if isinstance(value, int):
        return str(value) if value.bit_length() <= 128 else "a number of more than 128 bits"
    if isinstance(value, float):
        return json.dumps(value) if math.isfinite(value) else "a number that is not finite"
    if isinstance(value, dict):
        return "object"
    return "array" if isinstance(value, list) else type(value).__name__


def _shown_text(text: str) -> str:
    if len(text) > SHOWN_CHARS_MAX:
        text = text[: SHOWN_CHARS_MAX - 1] + "…"
    quoted = json.dumps(text, ensure_ascii=False)
    # A lone surrogate could not be sent back; show its code instead.
    return quoted.encode("utf-8", "backslashreplace").decode()
