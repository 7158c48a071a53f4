"""Rules about a field that is there before and after, found by its number."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor

from penstock.wire.gate.contract import Field, Pair, features
from penstock.wire.gate.kinds import CARDINALITY_JSON, CARDINALITY_WIRE, KINDS_JSON, KINDS_WIRE, cardinality

Rule = Callable[[Pair[Field]], str | None]
"""Says what was and what is; None when the rule is kept."""

_64_BIT = {
    FieldDescriptor.TYPE_INT64,
    FieldDescriptor.TYPE_SINT64,
    FieldDescriptor.TYPE_UINT64,
    FieldDescriptor.TYPE_FIXED64,
    FieldDescriptor.TYPE_SFIXED64,
}


def same_name(pair: Pair[Field]) -> str | None:
    before, after = pair.before.descriptor.name, pair.after.descriptor.name
    return None if before == after else f"{_where(pair)} was called {before} and is called {after}"


def same_json_name(pair: Pair[Field]) -> str | None:
    before, after = pair.before.descriptor.json_name, pair.after.descriptor.json_name
    return None if before == after else f'{_where(pair)} was "{before}" in JSON and is "{after}"'


def same_type(pair: Pair[Field]) -> str | None:
    before, after = pair.before.descriptor, pair.after.descriptor
    is_same = before.type == after.type and pair.before.type_name == pair.after.type_name
    return None if is_same else _type_change(pair)


def wire_compatible_type(pair: Pair[Field]) -> str | None:
    kinds = pair.before.descriptor.type, pair.after.descriptor.type
    if kinds == (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES):
        return None  # every string is bytes, the other way round it is not
    return _compatible_type(pair, KINDS_WIRE)


def wire_json_compatible_type(pair: Pair[Field]) -> str | None:
    return _compatible_type(pair, KINDS_JSON)


def same_cardinality(pair: Pair[Field]) -> str | None:
    return _compatible_cardinality(pair, {})


def wire_compatible_cardinality(pair: Pair[Field]) -> str | None:
    return _compatible_cardinality(pair, CARDINALITY_WIRE)


def wire_json_compatible_cardinality(pair: Pair[Field]) -> str | None:
    return _compatible_cardinality(pair, CARDINALITY_JSON)


def same_oneof(pair: Pair[Field]) -> str | None:
    before, after = pair.before.oneof, pair.after.oneof
    return None if before == after else f"{_where(pair)} was in {_oneof(before)} and is in {_oneof(after)}"


def same_default(pair: Pair[Field]) -> str | None:
    before, after = _default(pair.before), _default(pair.after)
    if before is None or after is None or _is_same_default(before, after, pair):
        return None
    return f"{_where(pair)} was {before!r} by default and is {after!r}"


def same_jstype(pair: Pair[Field]) -> str | None:
    if not {pair.before.descriptor.type, pair.after.descriptor.type} <= _64_BIT:
        return None
    before, after = (side.descriptor.GetOptions().jstype for side in (pair.before, pair.after))
    name = pair.before.descriptor.GetOptions().JSType.Name
    return None if before == after else f"{_where(pair)} had jstype {name(before)} and has {name(after)}"


def same_utf8_validation(pair: Pair[Field]) -> str | None:
    if {pair.before.descriptor.type, pair.after.descriptor.type} != {FieldDescriptor.TYPE_STRING}:
        return None
    before, after = (features(side.descriptor).utf8_validation for side in (pair.before, pair.after))
    name = features(pair.before.descriptor).Utf8Validation.Name
    return None if before == after else f"{_where(pair)} had UTF-8 validation {name(before)} and has {name(after)}"


RULES: Mapping[str, Rule] = {
    "FIELD_SAME_NAME": same_name,
    "FIELD_SAME_JSON_NAME": same_json_name,
    "FIELD_WIRE_COMPATIBLE_TYPE": wire_compatible_type,
    "FIELD_WIRE_JSON_COMPATIBLE_TYPE": wire_json_compatible_type,
    "FIELD_SAME_TYPE": same_type,
    "FIELD_WIRE_COMPATIBLE_CARDINALITY": wire_compatible_cardinality,
    "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY": wire_json_compatible_cardinality,
    "FIELD_SAME_CARDINALITY": same_cardinality,
    "FIELD_SAME_ONEOF": same_oneof,
    "FIELD_SAME_DEFAULT": same_default,
    "FIELD_SAME_JSTYPE": same_jstype,
    "FIELD_SAME_UTF8_VALIDATION": same_utf8_validation,
}


def _where(pair: Pair[Field]) -> str:
    field = pair.before.descriptor
    return f"field {field.full_name} (number {field.number})"


def _oneof(name: str | None) -> str:
    return f"oneof {name}" if name else "no oneof"


def _type_change(pair: Pair[Field]) -> str:
    return f"{_where(pair)} was {pair.before.type_name} and is {pair.after.type_name}"


def _compatible_type(pair: Pair[Field], kinds: Mapping[int, int]) -> str | None:
    before, after = pair.before.descriptor, pair.after.descriptor
    if kinds[before.type] != kinds[after.type]:
        return _type_change(pair)
    if before.enum_type is not None and after.enum_type is not None:
        return None if _takes(after.enum_type, before.enum_type) else _type_change(pair)
    if before.message_type is not None and pair.before.type_name != pair.after.type_name:
        return _type_change(pair)
    return None


def _takes(after: EnumDescriptor, before: EnumDescriptor) -> bool:
    """Whether a field may have the enum `after` in place of `before`: it, or one of that name with all its values."""
    if before.full_name == after.full_name:
        return True
    known = {value.name: value.number for value in after.values}
    return before.name == after.name and all(known.get(value.name) == value.number for value in before.values)


def _compatible_cardinality(pair: Pair[Field], groups: Mapping[str, int]) -> str | None:
    """Cardinalities of one group can stand for each other; one that is in none stands for itself alone."""
    if pair.before.message.is_map_entry and pair.after.message.is_map_entry:
        return None
    before, after = cardinality(pair.before), cardinality(pair.after)
    if before == after or (before in groups and groups[before] == groups.get(after)):
        return None
    return f"{_where(pair)} was {before} and is {after}"


def _default(field: Field) -> object | None:
    """None for what can have no default."""
    if field.descriptor.is_repeated or field.descriptor.message_type is not None:
        return None
    default: object = field.descriptor.default_value
    return default


def _is_same_default(before: object, after: object, pair: Pair[Field]) -> bool:
    """Strings and bytes are compared with each other, and so are all numbers: another rule judges the type."""
    if not before and not after:
        return True
    if isinstance(before, str | bytes) or isinstance(after, str | bytes):
        return _bytes(before) == _bytes(after)
    assert isinstance(before, float | int) and isinstance(after, float | int)
    if math.isnan(before) or math.isnan(after):
        return math.isnan(before) and math.isnan(after)
    kinds = {pair.before.descriptor.type, pair.after.descriptor.type}
    if kinds == {FieldDescriptor.TYPE_FLOAT, FieldDescriptor.TYPE_DOUBLE}:
        return _single(before) == _single(after)
    return before == after


def _bytes(value: object) -> object:
    return value.encode() if isinstance(value, str) else value


def _single(value: float) -> float:
    """The nearest float of 32 bits: a double's default may say more digits than a float can hold."""
    number: float = struct.unpack("f", struct.pack("f", value))[0]
    return number
