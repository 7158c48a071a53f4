"""The generated encoders: message to JSON value, fields in the order of their declaration.

Fields without presence are always printed, the others when they are set.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.empty_pb2 import Empty

from penstock.wire.json import printing
from penstock.wire.json.errors import MESSAGE_DEPTH_MAX, JsonError, too_deep
from penstock.wire.json.fields import is_json_number, is_null, map_fields
from penstock.wire.json.functions import Function, Functions, indented, read_of

_F = FieldDescriptor
_WIDE = frozenset((_F.CPPTYPE_INT64, _F.CPPTYPE_UINT64))

_NAMES: Mapping[str, object] = {
    "has": Empty.HasField,  # of the base class of all messages: a field of that name cannot hide it
    "isfinite": isfinite,
    "JsonError": JsonError,
    "too_deep": too_deep,
    "base64_text": printing.base64_text,
    "boolean_key": printing.boolean_key,
    "message_entries": printing.message_entries,
    "message_list": printing.message_list,
    "scalar_entries": printing.scalar_entries,
    "shortest": printing.shortest,
    "special": printing.special,
    "text_entries": printing.text_entries,
}


class Encoders(Functions):
    """Functions (message, depth=1) that give the JSON value of a message of their type.

    They raise JsonError for what JSON cannot show: times out of range, an Any of unknown type.
    """

    def __init__(self, given: Mapping[str, Function]) -> None:
        super().__init__("encode", _NAMES, given)
        self._enums: dict[EnumDescriptor, str] = {}

    def _source(self, descriptor: Descriptor, name: str) -> list[str]:
        fields = list(descriptor.fields)
        plain = 0  # how many fields from the first on need nothing but an expression
        while plain < len(fields) and not fields[plain].has_presence and not _holds_messages(fields[plain]):
            plain += 1
        rest = [line for field in fields[plain:] for line in self._member(field)]
        if any(map(_holds_messages, fields)):
            rest = ["try:", *indented(rest), "except JsonError as e:", "    raise e.under(at) from None"]
        return [
            f"def {name}(m, depth=1):",
            *indented(
                [
                    f"if depth > {MESSAGE_DEPTH_MAX}:",
                    "    raise too_deep()",
                    "o = {",
                    *[f"    {field.name!r}: {self._value(field)}," for field in fields[:plain]],
                    "}",
                    *rest,
                    "return o",
                ]
            ),
        ]

    def _member(self, field: FieldDescriptor) -> list[str]:
        lines = [f"at = {field.name!r}"] if _holds_messages(field) else []
        lines.append(f"o[{field.name!r}] = {self._value(field)}")
        return [f"if has(m, {field.name!r}):", *indented(lines)] if field.has_presence else lines

    def _value(self, field: FieldDescriptor) -> str:
        """The expression of the JSON value of a field of `m`."""
        access = read_of(field)
        entry = map_fields(field)
        if entry is not None:
            return self._map(*entry, access)
        if field.message_type is not None:
            encode = self._function_name(field.message_type)
            if field.is_repeated:
                return f"message_list({access}[:], {encode}, depth + 1)"
            return f"{encode}({access}, depth + 1)"
        if not field.is_repeated:
            return self._printed(field, access)
        element = self._printed(field, "x")
        # A slice is one call; iterating calls back for each element.
        return f"{access}[:]" if element == "x" else f"[{element} for x in {access}[:]]"

    def _map(self, key_field: FieldDescriptor, value_field: FieldDescriptor, access: str) -> str:
        key_text = "boolean_key" if key_field.cpp_type == _F.CPPTYPE_BOOL else "str"
        if value_field.message_type is not None:
            encode = self._function_name(value_field.message_type)
            return f"message_entries({access}, {key_text}, {encode}, depth + 2)"
        value = self._printed(value_field, "x")
        if value == "x" and key_field.cpp_type == _F.CPPTYPE_STRING:
            return f"text_entries({access})"
        return f"scalar_entries({access}, {key_text}, lambda x: {value})"

    def _printed(self, field: FieldDescriptor, access: str) -> str:
        """The expression of the JSON value of the scalar that the expression `access` gives."""
        first, again = (access, access) if access == "x" else (f"(v := {access})", "v")
        if field.enum_type is not None:
            if is_null(field):
                return "None"
            return f"{self._enum(field.enum_type)}({first}, {again})"
        if field.cpp_type in _WIDE:
            if not is_json_number(field):
                return f"str({access})"
            largest = printing.EXACT_INTEGER_MAX
            return f"{again} if {-largest} <= {first} <= {largest} else str({again})"
        if field.cpp_type == _F.CPPTYPE_DOUBLE:
            return f"{again} if isfinite({first}) else special({again})"
        if field.cpp_type == _F.CPPTYPE_FLOAT:
            return f"shortest({access})"
        return f"base64_text({access})" if field.type == _F.TYPE_BYTES else access

    def _enum(self, enum: EnumDescriptor) -> str:
        name = self._enums.get(enum)
        if name is None:
            # Numbers that an open enum does not know are printed as numbers.
            name = self._enums[enum] = self._bind("names", printing.names_by_number(enum).get)
        return name


def _holds_messages(field: FieldDescriptor) -> bool:
    entry = map_fields(field)
    return (field if entry is None else entry[1]).message_type is not None
