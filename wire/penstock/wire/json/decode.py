"""The generated decoders: JSON value to message, strictly, with the path of what does not fit.

The source sets fields one by one from what stands in the object. Values of the plain type are handed to
protobuf as they are; it checks text and ranges itself, and only when it refuses one the exact conversion
of `scalars` is asked what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.empty_pb2 import Empty

from penstock.wire.json import scalars
from penstock.wire.json.errors import (
    MESSAGE_DEPTH_MAX,
    JsonError,
    Reason,
    expected,
    member,
    too_deep,
    unknown_field,
)
from penstock.wire.json.fields import is_null, map_fields, takes_null
from penstock.wire.json.functions import Function, Functions, indented, read_of, write_of
from penstock.wire.sensitive import REDACTED, is_sensitive

_F = FieldDescriptor
_READERS: Mapping[int, str] = {
    _F.CPPTYPE_INT32: "int32",
    _F.CPPTYPE_INT64: "int64",
    _F.CPPTYPE_UINT32: "uint32",
    _F.CPPTYPE_UINT64: "uint64",
    _F.CPPTYPE_FLOAT: "float32",
    _F.CPPTYPE_DOUBLE: "double",
    _F.CPPTYPE_BOOL: "boolean",
}
_INTEGERS = (_F.CPPTYPE_INT32, _F.CPPTYPE_INT64, _F.CPPTYPE_UINT32, _F.CPPTYPE_UINT64)
# Whether protobuf may be given the value {0} as it is: it would take true for 1, and 1e300 for a float.
_IS_PLAIN: Mapping[int, str] = {
    **dict.fromkeys(_INTEGERS, "type({0}) is int"),
    _F.CPPTYPE_FLOAT: "type({0}) is float and -FLOAT_MAX <= {0} <= FLOAT_MAX",
    _F.CPPTYPE_DOUBLE: "type({0}) is float and isfinite({0})",
    _F.CPPTYPE_BOOL: "type({0}) is bool",
}
# The same for all elements of a list.
_ARE_PLAIN: Mapping[int, str] = {
    **dict.fromkeys(_INTEGERS, "set(map(type, {0})) <= INTEGERS"),
    _F.CPPTYPE_DOUBLE: "set(map(type, {0})) <= FLOATS and all(map(isfinite, {0}))",
    _F.CPPTYPE_BOOL: "set(map(type, {0})) <= BOOLS",
}
_FIELDS_IN_CHAIN_MAX = 8  # up to here comparing with one name after the other is the quickest


def _alone(members: Mapping[str, object], name: str) -> None:
    """Refuses a field in its other spelling when it stands under `name` too."""
    if name in members:
        raise JsonError(Reason.DUPLICATE_KEY, f'duplicate key, the field stands under "{name}" too')


def _conflict(names: str, first: str, second: str) -> JsonError:
    return JsonError(Reason.ONEOF_CONFLICT, f"expected only one of {names}, got {first} and {second}")


def _refusal(readers: Mapping[str, scalars.Read], at: str, value: object, error: Exception) -> Exception:
    """What is wrong with a value that protobuf refused."""
    try:
        readers[at](value)
    except JsonError as found:
        return found.under(member(at))
    return error


def _concealed(read: scalars.Read, value: object) -> JsonError:
    """The same for a sensitive value, which the error does not show."""
    try:
        read(value)
    except JsonError as found:
        return found.concealed()
    return JsonError(Reason.INVALID_VALUE, "expected another value")


_NAMES: Mapping[str, object] = {
    "touch": Empty.SetInParent,  # of the base class of all messages: a field of that name cannot hide it
    "isfinite": isfinite,
    "FLOAT_MAX": scalars.FLOAT_MAX,
    "INTEGERS": frozenset((int,)),
    "FLOATS": frozenset((float,)),
    "BOOLS": frozenset((bool,)),
    "JsonError": JsonError,
    "expected": expected,
    "member": member,
    "too_deep": too_deep,
    "unknown_field": unknown_field,
    "alone": _alone,
    "conflict": _conflict,
    "refusal": _refusal,
    "concealed": _concealed,
    "base64_bytes": scalars.base64_bytes,
    "null_value": scalars.null_value,
} | {name: getattr(scalars, name) for name in _READERS.values()}


class Decoders(Functions):
    """Functions (message, value, depth) that read a JSON value into an empty message of their type.

    `depth` is the level of the message in its document, 1 for the root. They raise JsonError.
    """

    def __init__(self, given: Mapping[str, Function]) -> None:
        super().__init__("fill", _NAMES, given)
        self._enums: dict[EnumDescriptor, tuple[str, str]] = {}

    def _source(self, descriptor: Descriptor, name: str) -> list[str]:
        fields = list(descriptor.fields)
        # A field's own name is always its own, even where another field's other spelling is the same.
        by_key = {field.json_name: field for field in fields} | {field.name: field for field in fields}
        keys = {field.number: [key for key, of in by_key.items() if of is field] for field in fields}
        blocks = [(keys[field.number], self._member(field, keys[field.number])) for field in fields]
        unknown = f"raise unknown_field({self._bind('names', tuple(field.name for field in fields))})"
        readers = {key: read for key, field in by_key.items() if (read := self._exact(field)) is not None}
        dispatch = self._chain(blocks, unknown) if len(blocks) <= _FIELDS_IN_CHAIN_MAX else self._tree(blocks, unknown)
        oneofs = [f"one_{oneof.index} = None" for oneof in descriptor.oneofs if len(oneof.fields) > 1]
        return [
            f"def {name}(m, o, depth):",
            *indented(
                [
                    "if type(o) is not dict:",
                    "    raise expected('object', o)",
                    f"if depth > {MESSAGE_DEPTH_MAX}:",
                    "    raise too_deep()",
                    *oneofs,
                    "try:",
                    "    for at, v in o.items():",
                    *indented(indented(dispatch)),
                    "except JsonError as e:",
                    "    raise e.under(member(at)) from None",
                    "except (TypeError, ValueError) as e:",
                    f"    raise refusal({self._bind('readers', readers)}, at, v, e) from None",
                ]
            ),
        ]

    @staticmethod
    def _chain(blocks: list[tuple[list[str], list[str]]], unknown: str) -> list[str]:
        lines: list[str] = []
        for keys, block in blocks:
            test = " or ".join(f"at == {key!r}" for key in keys)
            lines += [f"{'elif' if lines else 'if'} {test}:", *indented(block)]
        return [*lines, "else:", f"    {unknown}"] if lines else [unknown]

    def _tree(self, blocks: list[tuple[list[str], list[str]]], unknown: str) -> list[str]:
        index = {key: index for index, (keys, _) in enumerate(blocks) for key in keys}

        def branch(low: int, high: int) -> list[str]:
            if high - low == 1:
                return blocks[low][1]
            middle = (low + high) // 2
            return [f"if i < {middle}:", *indented(branch(low, middle)), "else:", *indented(branch(middle, high))]

        find = self._bind("index", index.get)
        return [f"i = {find}(at)", "if i is None:", f"    {unknown}", *branch(0, len(blocks))]

    def _member(self, field: FieldDescriptor, keys: list[str]) -> list[str]:
        """The lines that read the value `v`, which stood under `at`, into `field`."""
        lines = self._sensitive(field) if is_sensitive(field) else self._value(field)
        oneof = field.containing_oneof
        if oneof is not None and len(oneof.fields) > 1:
            one = f"one_{oneof.index}"
            names = ", ".join(sibling.name for sibling in oneof.fields)
            lines = [f"if {one} is not None:", f"    raise conflict({names!r}, {one}, at)", f"{one} = at", *lines]
        if not takes_null(field):
            lines = ["if v is not None:", *indented(lines)]
        if len(keys) > 1:
            lines = [f"if at != {field.name!r}:", f"    alone(o, {field.name!r})", *lines]
        return lines

    def _sensitive(self, field: FieldDescriptor) -> list[str]:
        """The same; nothing that is raised shows what came, nor where in it."""
        lines = self._value(field)
        if field.type == _F.TYPE_STRING and not field.is_repeated:
            # Whoever sends back what was shown would lose what was not.
            lines = [f"if v == {REDACTED!r}:", "    raise expected('a value, not what stands in its place', v)", *lines]
        lines = ["try:", *indented(lines), "except JsonError as e:", "    raise e.concealed() from None"]
        read = self._exact(field)
        if read is not None:
            # Of a message its own function says what protobuf refuses.
            lines += [
                "except (TypeError, ValueError):",
                f"    raise concealed({self._bind('read', read)}, v) from None",
            ]
        return lines

    def _value(self, field: FieldDescriptor) -> list[str]:
        entry = map_fields(field)
        if entry is not None:
            return self._map(field, *entry)
        if field.is_repeated:
            return ["if type(v) is not list:", "    raise expected('array', v)", *self._list(field)]
        if field.message_type is None:
            return [write_of(field, self._converted(field, "v"))]
        fill = self._function_name(field.message_type)
        return [f"s = {read_of(field)}", "touch(s)", f"{fill}(s, v, depth + 1)"]

    def _list(self, field: FieldDescriptor) -> list[str]:
        if field.message_type is None:
            are_plain = _ARE_PLAIN.get(field.cpp_type, "").format("v")
            is_text = field.type == _F.TYPE_STRING
            exact = "v" if is_text else f"{self._bind('each', self._exact(field))}(v)"
            return [f"{read_of(field)}.extend({f'v if {are_plain} else {exact}' if are_plain else exact})"]
        return [
            f"add = {read_of(field)}.add",
            "try:",
            "    for i, x in enumerate(v):",
            f"        {self._function_name(field.message_type)}(add(), x, depth + 1)",
            "except JsonError as e:",
            "    raise e.under(f'[{i}]') from None",
        ]

    def _map(self, field: FieldDescriptor, key_field: FieldDescriptor, value_field: FieldDescriptor) -> list[str]:
        is_text = key_field.cpp_type == _F.CPPTYPE_STRING
        key = "k" if is_text else f"{self._bind('key', scalars.key_reader(key_field))}(k)"
        if value_field.message_type is None:
            entry = f"s[{key}] = {self._converted(value_field, 'x')}"
        else:
            entry = f"{self._function_name(value_field.message_type)}(s[{key}], x, depth + 2)"
        return [
            "if type(v) is not dict:",
            "    raise expected('object', v)",
            f"s = {read_of(field)}",
            "try:",
            "    for k, x in v.items():",
            f"        {entry}",
            "except JsonError as e:",
            "    raise e.under(member(k)) from None",
        ]

    def _converted(self, field: FieldDescriptor, value: str) -> str:
        """The expression that turns a JSON value into one that protobuf takes for the scalar `field`."""
        if field.type == _F.TYPE_BYTES:
            return f"base64_bytes({value})"
        if field.type == _F.TYPE_STRING:
            return value
        if field.enum_type is None:
            return f"{value} if {_IS_PLAIN[field.cpp_type].format(value)} else {_READERS[field.cpp_type]}({value})"
        if is_null(field):
            return f"null_value({value})"
        numbers, read = self._enum(field.enum_type)
        return f"{numbers}[{value}] if {value} in {numbers} else {read}({value})"

    def _enum(self, enum: EnumDescriptor) -> tuple[str, str]:
        names = self._enums.get(enum)
        if names is None:
            numbers = self._bind("numbers", scalars.numbers_by_name(enum))
            names = self._enums[enum] = (numbers, self._bind("enum", scalars.enumeration(enum)))
        return names

    def _exact(self, field: FieldDescriptor) -> scalars.Read | None:
        """The exact conversion of a whole field; None for messages, whose functions are exact themselves."""
        entry = map_fields(field)
        if entry is not None:
            key_field, value_field = entry
            read_value = self._exact_scalar(value_field) if value_field.message_type is None else _unseen
            return scalars.entries(scalars.key_reader(key_field), read_value)
        if field.message_type is not None:
            return None
        read = self._exact_scalar(field)
        return scalars.each(read) if field.is_repeated else read

    def _exact_scalar(self, field: FieldDescriptor) -> scalars.Read:
        if field.cpp_type == _F.CPPTYPE_STRING:
            return scalars.base64_bytes if field.type == _F.TYPE_BYTES else scalars.string
        if field.enum_type is None:
            name = _READERS[field.cpp_type]
        else:
            name = "null_value" if is_null(field) else self._enum(field.enum_type)[1]
        read: scalars.Read = self._namespace[name]
        return read


def _unseen(value: Any) -> Any:
    return value
