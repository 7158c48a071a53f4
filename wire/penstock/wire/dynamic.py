"""Messages of any type, as CEL sees them where it does not know their type; fields of them emptied by path."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

_STRUCT, _VALUE, _LIST = "google.protobuf.Struct", "google.protobuf.Value", "google.protobuf.ListValue"


def plain(message: Message) -> Any:
    """A message as a dict by the names of its fields, so that `has` is false where a type lacks a field.

    Enums are the names of their values, times and lengths of time are those of CEL. A field that is not set and
    tells so is left out; any other has its default.
    """
    special = _SPECIAL.get(message.DESCRIPTOR.full_name)
    if special is not None:
        return special(message)
    found: dict[str, Any] = {}
    field: Any
    for field in message.DESCRIPTOR.fields:
        if field.has_presence and not message.HasField(field.name):
            continue
        value = getattr(message, field.name)
        if _is_map(field):
            one = _reader(field.message_type.fields_by_name["value"])
            found[field.name] = {key: one(value[key]) for key in value}
        elif field.is_repeated:
            found[field.name] = list(map(_reader(field), value))
        else:
            found[field.name] = _reader(field)(value)
    return found


def _reader(field: Any) -> Callable[[Any], Any]:
    if field.message_type is not None:
        return plain
    if field.enum_type is not None:
        names = {value.number: value.name for value in reversed(field.enum_type.values)}
        return lambda number: names.get(number, number)
    return _same


def _same(value: Any) -> Any:
    return value


def _is_map(field: Any) -> bool:
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)


def _struct(message: Any) -> Any:
    return {name: _value(value) for name, value in message.fields.items()}


def _value(message: Any) -> Any:
    kind = message.WhichOneof("kind")
    if kind is None or kind == "null_value":
        return None
    value = getattr(message, kind)
    if kind == "struct_value":
        return _struct(value)
    return _list(value) if kind == "list_value" else value


def _list(message: Any) -> Any:
    return [_value(each) for each in message.values]


def _wrapped(message: Any) -> Any:
    return message.value


_WRAPPERS = ("Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes")
_SPECIAL: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        # Of the pool that every environment of CEL knows.
        "google.protobuf.Timestamp": lambda message: Timestamp(seconds=message.seconds, nanos=message.nanos),
        "google.protobuf.Duration": lambda message: Duration(seconds=message.seconds, nanos=message.nanos),
        "google.protobuf.FieldMask": lambda message: ",".join(message.paths),
        _STRUCT: _struct,
        _VALUE: _value,
        _LIST: _list,
        **{f"google.protobuf.{name}Value": _wrapped for name in _WRAPPERS},
    }
)


def empty(message: Any, path: Sequence[str]) -> bool:
    """Empties the field at a path, in every element of the lists on the way. Whether the type has such a field.

    A map and a google.protobuf.Struct have whatever key they hold.
    """
    name, rest = path[0], path[1:]
    special = message.DESCRIPTOR.full_name
    if special in (_STRUCT, _VALUE, _LIST):
        return _empty_json(message, special, path)
    field = message.DESCRIPTOR.fields_by_name.get(name)
    if field is None:
        return False
    if not rest:
        message.ClearField(name)
        return True
    if field.message_type is None:
        return False
    if _is_map(field):
        return _empty_entry(getattr(message, name), field.message_type.fields_by_name["value"], rest)
    if not field.is_repeated and not message.HasField(name):
        # Reading it tells the type and sets nothing.
        return empty(type(getattr(message, name))(), rest)
    each = getattr(message, name) if field.is_repeated else [getattr(message, name)]
    if not each:
        return _has(field, rest)
    return sum(empty(one, rest) for one in each) > 0


def _has(field: Any, path: Sequence[str]) -> bool:
    """Whether what a field holds has a field at a path, judged by types alone."""
    for name in path:
        inner = field.message_type
        if inner is None:
            return False
        if inner.full_name in (_STRUCT, _VALUE, _LIST):
            return False
        if _is_map(field):
            field = inner.fields_by_name["value"]
            continue
        if name not in inner.fields_by_name:
            return False
        field = inner.fields_by_name[name]
    return True


def _empty_entry(entries: Any, value: Any, path: Sequence[str]) -> bool:
    """The same within a map, whose keys may be numbers and booleans."""
    key = next((key for key in entries if _text(key) == path[0]), None)
    if key is None:
        return False
    if len(path) == 1:
        del entries[key]
        return True
    return value.message_type is not None and empty(entries[key], path[1:])


def _text(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)


def _empty_json(message: Any, kind: str, path: Sequence[str]) -> bool:
    if kind == _LIST:
        return sum(empty(each, path) for each in message.values) > 0
    if kind == _VALUE:
        held = message.WhichOneof("kind")
        return held in ("struct_value", "list_value") and empty(getattr(message, held), path)
    if path[0] not in message.fields:
        return False
    if len(path) == 1:
        del message.fields[path[0]]
        return True
    return empty(message.fields[path[0]], path[1:])
