"""Keeps the numbers of fields from one version of a package to the next.

What was stored or sent with an earlier version stays readable: a field of the same name and type keeps its
number, and a number is never used for anything else.
"""

from __future__ import annotations

from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto

# Proto keeps these for itself.
_FORBIDDEN = range(19_000, 20_000)


def number_fields(message: DescriptorProto, earlier: DescriptorProto | None) -> None:
    """Numbers the fields of `message`, which are in the order of the class and have no numbers yet.

    `earlier` is the message of that name in the last published version. Numbers that it had and that are not
    kept are reserved.
    """
    kept = {field.name: field for field in earlier.field} if earlier is not None else {}
    used = {field.number for field in kept.values()}
    if earlier is not None:
        for span in earlier.reserved_range:
            used.update(range(span.start, span.end))
    following = max(used, default=0) + 1
    for field in message.field:
        same = kept.get(field.name)
        if same is not None and earlier is not None and _kind(field, message) == _kind(same, earlier):
            field.number = same.number
            continue
        if following in _FORBIDDEN:
            following = _FORBIDDEN.stop
        field.number = following
        following += 1
    _reserve(message, used - {field.number for field in message.field})


def _kind(field: FieldDescriptorProto, message: DescriptorProto) -> tuple[object, ...]:
    """What has to stay for the number to stay. Presence may change: it does not show on the wire."""
    for nested in message.nested_type:
        if nested.options.map_entry and field.type_name.endswith(f".{message.name}.{nested.name}"):
            value = nested.field[1]
            return ("map", value.type, value.type_name)
    return (field.label == FieldDescriptorProto.LABEL_REPEATED, field.type, field.type_name)


def _reserve(message: DescriptorProto, numbers: set[int]) -> None:
    for number in sorted(numbers):
        last = message.reserved_range[-1] if message.reserved_range else None
        if last is not None and last.end == number:
            last.end = number + 1
        else:
            message.reserved_range.add(start=number, end=number + 1)
