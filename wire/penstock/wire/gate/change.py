"""One change that breaks somebody, and the table of what each rule is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType


class Level(IntEnum):
    """Whom a change breaks. Each is a category of `buf breaking`."""

    WIRE = 1
    """WIRE: who sends and reads protobuf."""
    JSON = 2
    """WIRE_JSON: who sends and reads JSON."""
    SOURCE = 3
    """FILE: who compiles generated code anew, such as the SDKs."""


_BROKEN = {Level.WIRE: "protobuf callers", Level.JSON: "JSON callers", Level.SOURCE: "code that uses the SDKs"}

_W, _J, _S = frozenset({Level.WIRE}), frozenset({Level.JSON}), frozenset({Level.SOURCE})
_ALL = _W | _J | _S

# Rule -> its categories, as `buf config ls-breaking-rules` says them; a test compares the two.
# FLOW_MODE_COMPATIBLE is our own: buf knows nothing of how a flow answers.
LEVELS: Mapping[str, frozenset[Level]] = MappingProxyType(
    {
        "FLOW_MODE_COMPATIBLE": _ALL,
        "FILE_NO_DELETE": _S,
        "FILE_SAME_PACKAGE": _ALL,
        "FILE_SAME_SYNTAX": _S,
        "FILE_SAME_CC_ENABLE_ARENAS": _S,
        "FILE_SAME_CC_GENERIC_SERVICES": _S,
        "FILE_SAME_CSHARP_NAMESPACE": _S,
        "FILE_SAME_GO_PACKAGE": _S,
        "FILE_SAME_JAVA_GENERIC_SERVICES": _S,
        "FILE_SAME_JAVA_MULTIPLE_FILES": _S,
        "FILE_SAME_JAVA_OUTER_CLASSNAME": _S,
        "FILE_SAME_JAVA_PACKAGE": _S,
        "FILE_SAME_OBJC_CLASS_PREFIX": _S,
        "FILE_SAME_OPTIMIZE_FOR": _S,
        "FILE_SAME_PHP_CLASS_PREFIX": _S,
        "FILE_SAME_PHP_METADATA_NAMESPACE": _S,
        "FILE_SAME_PHP_NAMESPACE": _S,
        "FILE_SAME_PY_GENERIC_SERVICES": _S,
        "FILE_SAME_RUBY_PACKAGE": _S,
        "FILE_SAME_SWIFT_PREFIX": _S,
        "SERVICE_NO_DELETE": _S,
        "RPC_NO_DELETE": _S,
        "RPC_SAME_REQUEST_TYPE": _ALL,
        "RPC_SAME_RESPONSE_TYPE": _ALL,
        "RPC_SAME_CLIENT_STREAMING": _ALL,
        "RPC_SAME_SERVER_STREAMING": _ALL,
        "MESSAGE_NO_DELETE": _S,
        "MESSAGE_NO_REMOVE_STANDARD_DESCRIPTOR_ACCESSOR": _S,
        "MESSAGE_SAME_JSON_FORMAT": _J | _S,
        "MESSAGE_SAME_REQUIRED_FIELDS": _ALL,
        "RESERVED_MESSAGE_NO_DELETE": _ALL,
        "EXTENSION_MESSAGE_NO_DELETE": _S,
        "ONEOF_NO_DELETE": _S,
        "FIELD_NO_DELETE": _S,
        "FIELD_NO_DELETE_UNLESS_NAME_RESERVED": _J,
        "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED": _W | _J,
        "FIELD_SAME_NAME": _J | _S,
        "FIELD_SAME_JSON_NAME": _J | _S,
        "FIELD_SAME_TYPE": _S,
        "FIELD_WIRE_COMPATIBLE_TYPE": _W,
        "FIELD_WIRE_JSON_COMPATIBLE_TYPE": _J,
        "FIELD_SAME_CARDINALITY": _S,
        "FIELD_WIRE_COMPATIBLE_CARDINALITY": _W,
        "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY": _J,
        "FIELD_SAME_ONEOF": _ALL,
        "FIELD_SAME_DEFAULT": _ALL,
        "FIELD_SAME_JSTYPE": _S,
        "FIELD_SAME_UTF8_VALIDATION": _S,
        "ENUM_NO_DELETE": _S,
        "ENUM_SAME_TYPE": _S,
        "ENUM_SAME_JSON_FORMAT": _J | _S,
        "ENUM_VALUE_NO_DELETE": _S,
        "ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED": _J,
        "ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED": _W | _J,
        "ENUM_VALUE_SAME_NAME": _J | _S,
        "RESERVED_ENUM_NO_DELETE": _ALL,
    }
)


@dataclass(frozen=True, slots=True)
class Change:
    """What one rule found.

    `path` leads there from the flow's input or output, as in "input.items.quantity"; it is the name of a method
    for a rule about methods. `what` says what was and what is.
    """

    rule: str
    levels: frozenset[Level]
    path: str
    what: str

    @property
    def message(self) -> str:
        """What was, what is, and whom it breaks."""
        return f"{self.what}: breaks {_broken(self.levels)}"


def breaks(changes: Iterable[Change], *levels: Level) -> bool:
    """Whether any change breaks on one of the levels."""
    return any(not change.levels.isdisjoint(levels) for change in changes)


def sentences(changes: Iterable[Change]) -> list[tuple[str, str]]:
    """(path, message) for people: what several rules found about one thing is one sentence."""
    found: dict[tuple[str, str], frozenset[Level]] = {}
    for change in changes:
        key = (change.path, change.what)
        found[key] = found.get(key, frozenset()) | change.levels
    return [(path, f"{what}: breaks {_broken(levels)}") for (path, what), levels in found.items()]


def _broken(levels: Iterable[Level]) -> str:
    *most, last = [_BROKEN[level] for level in sorted(levels)]
    return f"{', '.join(most)} and {last}" if most else last
