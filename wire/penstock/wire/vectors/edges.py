"""Values at the edges of each kind of field, each with a name for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message_factory import GetMessageClass

from penstock.wire.json.struct import fill_struct

Edge = tuple[str, Any]

_F = FieldDescriptor
_UNKNOWN_NUMBERS: Final = (77, -(2**31), 2**31 - 1)
# Beyond 2^53 a double, and with it a JSON number, no longer holds every integer.
_EXACT: Final = 2**53


def _named(*values: Any) -> tuple[Edge, ...]:
    return tuple((str(value), value) for value in values)


TYPE_NAMES: Final[Mapping[int, str]] = {
    _F.CPPTYPE_INT32: "int32",
    _F.CPPTYPE_INT64: "int64",
    _F.CPPTYPE_UINT32: "uint32",
    _F.CPPTYPE_UINT64: "uint64",
    _F.CPPTYPE_FLOAT: "float",
    _F.CPPTYPE_DOUBLE: "double",
    _F.CPPTYPE_BOOL: "bool",
    _F.CPPTYPE_STRING: "string",
}
_FLOATS = _named(float("nan"), float("inf"), float("-inf"), -0.0, 0.1)
_NUMBERS: Mapping[int, tuple[Edge, ...]] = {
    _F.CPPTYPE_INT32: _named(-(2**31), -1, 1, 2**31 - 1),
    _F.CPPTYPE_INT64: _named(-(2**63), -_EXACT - 1, -_EXACT, -1, 1, _EXACT, _EXACT + 1, 2**63 - 1),
    _F.CPPTYPE_UINT32: _named(1, 2**32 - 1),
    _F.CPPTYPE_UINT64: _named(1, _EXACT, _EXACT + 1, 2**64 - 1),
    # The least that is not 0, the least with all its digits, and the greatest.
    _F.CPPTYPE_FLOAT: _FLOATS + _named(2.0**-149, 2.0**-126, (2 - 2.0**-23) * 2.0**127),
    _F.CPPTYPE_DOUBLE: _FLOATS + _named(1e21, 5e-324, 2.0**-1022, 1.7976931348623157e308),
    _F.CPPTYPE_BOOL: (("true", True),),
}
_STRINGS: tuple[Edge, ...] = (
    ("escaped", '"\\/\b\f\n\r\t\x00\x1f\x7f\u2028\u2029</script>'),
    ("like an event", "data: x\n\nid: 7\r\n: ping"),
    ("of many scripts", "é e\u0301 漢 עב 😀 👩‍👩‍👧 \ufeff\uffff\U0010ffff"),
    ("long", "0123456789 \\\n😀" * 64),
)
_BYTES: tuple[Edge, ...] = (
    ("zero", b"\x00"),
    ("not UTF-8", b"\xff\xfe\x80\xc0\xaf\xed\xa0\x80"),
    ("of both alphabets", b"\xfb\xff\xbf\xfb\xff"),
    ("of all sorts", bytes(range(256))),
)
_SECONDS_MAX = 315_576_000_000  # 10,000 years, protobuf's limit of a duration
_TIMES: Mapping[str, tuple[tuple[int, int], ...]] = {
    "google.protobuf.Timestamp": (
        (-62_135_596_800, 0),  # 0001-01-01T00:00:00Z
        (-1, 500_000_000),
        (0, 1),
        (0, 1_000),
        (4_102_444_800, 120_000_000),
        (253_402_300_799, 999_999_999),  # 9999-12-31T23:59:59.999999999Z
    ),
    "google.protobuf.Duration": (
        (-_SECONDS_MAX, -999_999_999),
        (-1, -500_000_000),
        (0, -1_000_000),
        (0, -1),
        (0, 1),
        (0, 1_000),
        (86_400, 0),
        (_SECONDS_MAX, 999_999_999),
    ),
}
_JSON: Mapping[str, Any] = {
    "": None,
    "a.b": [[], {}, [None, True, False], "é😀", -0.0, 0.5, 1e300, _EXACT, {"deep": {"er": [{}]}}],
    "__proto__": {"toJSON": "constructor"},
}


def scalar_edges(field: FieldDescriptor) -> tuple[Edge, ...]:
    """Values other than the default, of one element of a field that holds no messages."""
    if field.enum_type is not None:
        return tuple(_enum_edges(field.enum_type))
    if field.cpp_type == _F.CPPTYPE_STRING:
        return _BYTES if field.type == _F.TYPE_BYTES else _STRINGS
    return _NUMBERS[field.cpp_type]


def type_name(field: FieldDescriptor) -> str:
    """Fields of one name have the same edges."""
    if field.enum_type is not None:
        return str(field.enum_type.full_name)
    return "bytes" if field.type == _F.TYPE_BYTES else TYPE_NAMES[field.cpp_type]


def default_of(field: FieldDescriptor) -> Any:
    """The default of one element; that of a repeated field is of no use."""
    if field.enum_type is not None:
        return field.enum_type.values[0].number
    if field.cpp_type == _F.CPPTYPE_STRING:
        return b"" if field.type == _F.TYPE_BYTES else ""
    return False if field.cpp_type == _F.CPPTYPE_BOOL else 0


def message_edges(kind: Descriptor) -> Iterator[Edge]:
    """Messages of a type: one with nothing set, then those at its edges."""
    new: Any = GetMessageClass(kind)
    yield "empty", new()
    if kind.full_name in _TIMES:
        for seconds, nanos in _TIMES[kind.full_name]:
            yield f"{seconds} s {nanos} ns", new(seconds=seconds, nanos=nanos)
    elif kind.full_name == "google.protobuf.Struct":
        struct = new()
        fill_struct(struct, dict(_JSON), 1)
        yield "of all sorts", struct
        struct = new()
        struct.fields["number"].number_value = float("nan")
        yield "with a number that JSON has not", struct
    elif kind.full_name == "google.protobuf.FieldMask":
        yield "of paths", new(paths=["a", "foo_bar.baz"])
    elif plain := [field for field in kind.fields if not field.is_repeated and field.message_type is None]:
        edges = [scalar_edges(field) for field in plain]
        for name, at in (("least", 0), ("greatest", -1)):
            yield name, new(**{field.name: edge[at][1] for field, edge in zip(plain, edges, strict=True) if edge})


def _enum_edges(enum: EnumDescriptor) -> Iterator[Edge]:
    for value in enum.values[1:]:
        yield value.name, value.number
    if not enum.is_closed:
        known = enum.values_by_number
        yield from _named(*(number for number in _UNKNOWN_NUMBERS if number not in known))
