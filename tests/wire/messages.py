"""Hypothesis strategies for messages of any type, by their descriptor, and the settings of their tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message_factory import GetMessageClass
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from penstock.wire.json.fields import map_fields
from penstock.wire.types import TypePool

# The same examples in each run, on any machine: a failure is a change of ours.
STEADY = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
F = FieldDescriptor
Draw = Callable[[st.SearchStrategy[Any]], Any]

_DEPTH_MAX = 3
_NAN = float("nan")


def _integers(low: int, high: int) -> st.SearchStrategy[int]:
    edges = [n for n in (0, 1, -1, low, high, 2**53, 2**53 + 1, -(2**53), -(2**53) - 1) if low <= n <= high]
    return st.sampled_from(edges) | st.integers(low, high)


def _floats(width: Any) -> st.SearchStrategy[float]:
    # Not the largest float, which json_format prints but does not read. One NaN only: JSON has no others.
    numbers = st.floats(width=width).filter(lambda number: abs(number) != 3.4028234663852886e38)
    return numbers.map(lambda number: _NAN if number != number else number)


TEXTS = st.text(max_size=6)
_SCALARS: dict[int, st.SearchStrategy[Any]] = {
    F.CPPTYPE_INT32: _integers(-(2**31), 2**31 - 1),
    F.CPPTYPE_INT64: _integers(-(2**63), 2**63 - 1),
    F.CPPTYPE_UINT32: _integers(0, 2**32 - 1),
    F.CPPTYPE_UINT64: _integers(0, 2**64 - 1),
    F.CPPTYPE_FLOAT: _floats(32),
    F.CPPTYPE_DOUBLE: _floats(64),
    F.CPPTYPE_BOOL: st.booleans(),
}
_NUMBERS = st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False).filter(bool)
JSON = st.recursive(
    st.none() | st.booleans() | _NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
_PATHS = st.from_regex(r"[a-z](_?[a-z]){0,3}(\.[a-z](_?[a-z]){0,3})?", fullmatch=True)
# What Any holds. Nothing with maps: json_format packs those in an order that changes from run to run.
_PACKED = ["", "every.kind.Item", "every.kind.Scalars"] + [
    f"google.protobuf.{name}" for name in ("Timestamp", "Int64Value", "FieldMask", "Any", "Empty")
]


class Messages:
    """Draws messages of the types of one pool."""

    def __init__(self, types: TypePool) -> None:
        self._types = types

    def of(self, full_name: str) -> st.SearchStrategy[Any]:
        """Messages of a type, with any subset of its fields set."""
        descriptor = self._types.descriptor(full_name)
        return st.composite(lambda draw: self._filled(draw, descriptor, 1))()

    def _filled(self, draw: Draw, descriptor: Descriptor, depth: int) -> Any:
        message = GetMessageClass(descriptor)()
        well_known = getattr(self, f"_{descriptor.name}", None) if _is_googles(descriptor) else None
        if well_known is not None:
            well_known(draw, message, depth)
            return message
        for field in descriptor.fields:
            if draw(st.booleans()):
                self._set(draw, message, field, depth)
        return message

    def _set(self, draw: Draw, message: Any, field: FieldDescriptor, depth: int) -> None:
        entry = map_fields(field)
        if entry is not None:
            self._set_map(draw, getattr(message, field.name), *entry, depth)
        elif field.message_type is not None and depth >= _DEPTH_MAX:
            return
        elif field.is_repeated:
            count = draw(st.integers(0, 3))
            getattr(message, field.name).extend([self._value(draw, field, depth) for _ in range(count)])
        elif field.message_type is not None:
            getattr(message, field.name).CopyFrom(self._value(draw, field, depth))
        else:
            setattr(message, field.name, self._value(draw, field, depth))

    def _set_map(
        self, draw: Draw, entries: Any, key_field: FieldDescriptor, value_field: FieldDescriptor, depth: int
    ) -> None:
        if value_field.message_type is not None and depth >= _DEPTH_MAX:
            return
        for _ in range(draw(st.integers(0, 3))):
            key, value = self._value(draw, key_field, depth), self._value(draw, value_field, depth)
            if value_field.message_type is None:
                entries[key] = value
            else:
                entries[key].CopyFrom(value)

    def _value(self, draw: Draw, field: FieldDescriptor, depth: int) -> Any:
        if field.message_type is not None:
            return self._filled(draw, field.message_type, depth + 1)
        if field.enum_type is not None:
            numbers = [value.number for value in field.enum_type.values]
            is_null = field.enum_type.full_name == "google.protobuf.NullValue"
            unknown = [] if is_null or field.enum_type.is_closed else [77]
            return draw(st.sampled_from(numbers + unknown))
        if field.cpp_type == F.CPPTYPE_STRING:
            return draw(st.binary(max_size=5) if field.type == F.TYPE_BYTES else TEXTS)
        return draw(_SCALARS[field.cpp_type])

    def _Timestamp(self, draw: Draw, message: Any, depth: int) -> None:
        message.seconds = draw(_integers(-62_135_596_800, 253_402_300_799))
        message.nanos = draw(st.sampled_from([0, 1, 5_000_000, 123_456_000, 999_999_999]))

    def _Duration(self, draw: Draw, message: Any, depth: int) -> None:
        sign = draw(st.sampled_from([1, -1]))
        message.seconds = sign * draw(_integers(0, 315_576_000_000))
        message.nanos = sign * draw(st.sampled_from([0, 1, 5_000_000, 123_456_000, 999_999_999]))

    def _FieldMask(self, draw: Draw, message: Any, depth: int) -> None:
        message.paths.extend(draw(st.lists(_PATHS, max_size=3)))

    def _Struct(self, draw: Draw, message: Any, depth: int) -> None:
        message.update(draw(st.dictionaries(TEXTS, JSON, max_size=3)))

    def _ListValue(self, draw: Draw, message: Any, depth: int) -> None:
        message.extend(draw(st.lists(JSON, max_size=3)))

    def _Value(self, draw: Draw, message: Any, depth: int) -> None:
        holder = self._types.message("google.protobuf.ListValue")()
        holder.extend([draw(JSON)])
        message.CopyFrom(holder.values[0])

    def _Any(self, draw: Draw, message: Any, depth: int) -> None:
        name = draw(st.sampled_from(_PACKED))
        if name and depth < _DEPTH_MAX + 1:
            message.Pack(self._filled(draw, self._types.descriptor(name), depth + 1), deterministic=True)


def _is_googles(descriptor: Descriptor) -> bool:
    return bool(descriptor.file.package == "google.protobuf")
