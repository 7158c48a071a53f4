"""Messages of a type, each with one field or one kind of field at one of its edges, in protobuf."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message_factory import GetMessageClass

from penstock.wire.json.fields import map_fields
from penstock.wire.vectors.edges import default_of, message_edges, scalar_edges, type_name

Named = tuple[str, bytes]

_LEVELS = 3
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_WIRE_TYPES = {
    **dict.fromkeys((FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FIXED64, FieldDescriptor.TYPE_SFIXED64), 1),
    **dict.fromkeys((FieldDescriptor.TYPE_FLOAT, FieldDescriptor.TYPE_FIXED32, FieldDescriptor.TYPE_SFIXED32), 5),
}


def fills(kind: Descriptor) -> Iterator[Named]:
    """Name -> bytes; the same in each run."""
    new = GetMessageClass(kind)
    for name, message in _messages(kind):
        _complete(message)
        yield name, message.SerializeToString(deterministic=True)
    whole = _complete(new())
    yield from _unknown(kind, whole.SerializeToString())
    yield from _other_spellings(kind)


def _messages(kind: Descriptor) -> Iterator[tuple[str, Any]]:
    new = GetMessageClass(kind)
    yield "nothing is set", new()
    yield from _plain(kind)
    for field in kind.fields:
        if field.is_repeated:
            yield f"{field.name}: every edge", _with_items(new(), field)
        elif field.message_type is not None and field.message_type is not kind:
            for name, value in message_edges(field.message_type):
                message = new()
                getattr(message, field.name).MergeFrom(value)
                getattr(message, field.name).SetInParent()
                yield f"{field.name}: {name}", message
        elif field.message_type is not None:
            yield f"{field.name}: {_LEVELS} levels", _nested(kind, field)
        elif field.has_presence:
            yield f"{field.name}: default", new(**{field.name: default_of(field)})
            for name, value in scalar_edges(field)[-1:]:
                yield f"{field.name}: {name}", new(**{field.name: value})


def _plain(kind: Descriptor) -> Iterator[tuple[str, Any]]:
    """All fields of one type that have neither presence nor several values, at one edge each."""
    groups: dict[str, list[FieldDescriptor]] = {}
    for field in kind.fields:
        if not (field.is_repeated or field.has_presence):
            groups.setdefault(type_name(field), []).append(field)
    for type_, fields in groups.items():
        for name, value in scalar_edges(fields[0]):
            yield f"{type_} {name}", GetMessageClass(kind)(**{field.name: value for field in fields})


def _with_items(message: Any, field: FieldDescriptor) -> Any:
    items = getattr(message, field.name)
    entry = map_fields(field)
    if entry is not None:
        key, value = entry
        _fill_entries(items, [default_of(key), *(edge for _, edge in scalar_edges(key))], value)
    elif field.message_type is not None:
        for _, edge in message_edges(field.message_type):
            items.add().MergeFrom(edge)
    else:
        items.extend([default_of(field), *(edge for _, edge in scalar_edges(field))])
    return message


def _fill_entries(entries: Any, keys: list[Any], value: FieldDescriptor) -> None:
    if value.message_type is not None:
        for key, (_, edge) in zip(keys, cycle(message_edges(value.message_type)), strict=False):
            entries[key].MergeFrom(edge)
    else:
        values = [default_of(value), *(edge for _, edge in scalar_edges(value))]
        entries.update(zip(keys, cycle(values), strict=False))


def _nested(kind: Descriptor, field: FieldDescriptor) -> Any:
    """A recursive message; each level has its own values."""
    message = GetMessageClass(kind)()
    inner = message
    for (_, values), _ in zip(cycle(_plain(kind)), range(_LEVELS), strict=False):
        inner = getattr(inner, field.name)
        inner.MergeFrom(values)
        inner.SetInParent()
    return message


def _complete(message: Any) -> Any:
    """Sets what is required, here and further in."""
    for field in message.DESCRIPTOR.fields:
        if not field.is_required or message.HasField(field.name):
            continue
        if field.message_type is not None:
            getattr(message, field.name).SetInParent()
        else:
            setattr(message, field.name, default_of(field))
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if not field.is_repeated:
            _complete(value)
        elif (entry := map_fields(field)) is None:
            for item in value:
                _complete(item)
        elif entry[1].message_type is not None:
            for key in value:
                _complete(value[key])
    return message


def _unknown(kind: Descriptor, whole: bytes) -> Iterator[Named]:
    """What a newer version of the type may have: fields of each wire type that this one does not know."""
    extra = _unknown_fields(kind)
    yield "unknown fields", whole + extra
    for field in kind.fields:
        inner = field.message_type
        if inner is None or field.is_repeated or field.type == FieldDescriptor.TYPE_GROUP:
            continue
        if inner.full_name.startswith("google.protobuf."):
            continue
        value = _complete(GetMessageClass(inner)()).SerializeToString() + _unknown_fields(inner)
        yield f"unknown fields in {field.name}", whole + _tag(field.number, _LENGTH) + _varint(len(value)) + value
        return


def _unknown_fields(kind: Descriptor) -> bytes:
    number = max((field.number for field in kind.fields), default=0) + 1
    return b"".join(
        (
            _tag(number, _VARINT) + _varint(2**64 - 1),
            _tag(number + 1, _FIXED64) + b"\x00\x01\x02\x03\x04\x05\x06\x07",
            _tag(number + 2, _LENGTH) + b"\x03\x00\xff\x7f",
            _tag(number + 3, _FIXED32) + b"\x00\x01\x02\x03",
        )
    )


def _other_spellings(kind: Descriptor) -> Iterator[Named]:
    """Bytes that no library writes of itself and that every one must read."""
    if any(field.is_required for field in kind.fields):
        return
    new = GetMessageClass(kind)
    number = next(filter(_is_plain_int32, kind.fields), None)
    if number is not None:
        yield "a default that is written out", _tag(number.number, _VARINT) + b"\x00"
        least, *_, greatest = (new(**{number.name: edge}).SerializeToString() for _, edge in scalar_edges(number))
        yield "a field that comes twice", least + greatest
    packed = next((field for field in kind.fields if field.is_packed), None)
    if packed is not None:
        yield f"{packed.name}: not packed", b"".join(_unpacked(new, packed))


def _unpacked(new: Any, packed: FieldDescriptor) -> Iterator[bytes]:
    head = len(_tag(packed.number, _LENGTH)) + 1  # an element is shorter than 128 bytes: its length is one
    for _, edge in scalar_edges(packed):
        one = new(**{packed.name: [edge]}).SerializeToString()
        yield _tag(packed.number, _WIRE_TYPES.get(packed.type, _VARINT)) + one[head:]


def _is_plain_int32(field: FieldDescriptor) -> bool:
    return field.type == FieldDescriptor.TYPE_INT32 and not (field.is_repeated or field.has_presence)


def _tag(number: int, wire_type: int) -> bytes:
    return _varint(number << 3 | wire_type)


def _varint(value: int) -> bytes:
    done = bytearray()
    while value > 0x7F:
        done.append(value & 0x7F | 0x80)
        value >>= 7
    done.append(value)
    return bytes(done)
