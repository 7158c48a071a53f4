"""Rules about a message that is there before and after, found by its full name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from google.protobuf.descriptor import FieldDescriptor

from penstock.wire.gate import reserved
from penstock.wire.gate.contract import Message, Pair, loses_json
from penstock.wire.gate.reserved import Span

Rule = Callable[[Pair[Message]], Iterator[tuple[str, str]]]
"""(path, what was and what is) of each thing that the rule finds."""


def field_no_delete(pair: Pair[Message]) -> Iterator[tuple[str, str]]:
    for field in _deleted(pair):
        yield _deletion(pair, field, "")


def field_no_delete_unless_number_reserved(pair: Pair[Message]) -> Iterator[tuple[str, str]]:
    spans = _reserved(pair.after)
    for field in _deleted(pair):
        if not reserved.holds(spans, field.number):
            yield _deletion(pair, field, ", its number not reserved")


def field_no_delete_unless_name_reserved(pair: Pair[Message]) -> Iterator[tuple[str, str]]:
    names = set(pair.after.proto.reserved_name)
    for field in _deleted(pair):
        if field.name not in names:
            yield _deletion(pair, field, ", its name not reserved")


def same_required_fields(pair: Pair[Message]) -> Iterator[tuple[str, str]]:
    before, after = _required(pair.before), _required(pair.after)
    for number in sorted(before.keys() - after.keys()):
        field = before[number]
        yield pair.before.path_of(field.name), f"field {field.full_name} (number {number}) was required and is not"
    for number in sorted(after.keys() - before.keys()):
        field = after[number]
        yield pair.after.path_of(field.name), f"field {field.full_name} (number {number}) was not required and is"


def reserved_no_delete(pair: Pair[Message]) -> Iterator[tuple[str, str]]:
    name = pair.before.descriptor.full_name
    for span in reserved.missing(_reserved(pair.before), _reserved(pair.after)):
        yield pair.before.path, f"number {reserved.text(span)} of {name} was reserved and is not"
    for word in sorted({*pair.before.proto.reserved_name} - {*pair.after.proto.reserved_name}):
        yield pair.before.path, f'name "{word}" of {name} was reserved and is not'


def extension_range_no_delete(pair: Pair[Message]) -> Iterator[tuple[str, str]]:
    before, after = (_spans(side.proto.extension_range) for side in (pair.before, pair.after))
    for span in reserved.missing(before, after):
        name = pair.before.descriptor.full_name
        yield pair.before.path, f"number {reserved.text(span)} of {name} was for extensions and is not"


def oneof_no_delete(pair: Pair[Message]) -> Iterator[tuple[str, str]]:
    # Of the oneofs before only those that somebody wrote; of those after any will do.
    for name in sorted(pair.before.real_oneofs - {oneof.name for oneof in pair.after.descriptor.oneofs}):
        yield pair.before.path_of(name), f"oneof {pair.before.descriptor.full_name}.{name} is gone"


def same_json_format(pair: Pair[Message]) -> Iterator[tuple[str, str]]:
    if loses_json(pair.before.descriptor, pair.after.descriptor):
        yield pair.before.path, f"message {pair.before.descriptor.full_name} had a JSON form and has none for certain"


def no_standard_descriptor_accessor(pair: Pair[Message]) -> Iterator[tuple[str, str]]:
    before, after = (side.proto.options.no_standard_descriptor_accessor for side in (pair.before, pair.after))
    if after and not before:
        name = pair.before.descriptor.full_name
        yield pair.before.path, f"message {name} had the standard descriptor accessor and has it no longer"


RULES: Mapping[str, Rule] = {
    "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED": field_no_delete_unless_number_reserved,
    "FIELD_NO_DELETE_UNLESS_NAME_RESERVED": field_no_delete_unless_name_reserved,
    "FIELD_NO_DELETE": field_no_delete,
    "ONEOF_NO_DELETE": oneof_no_delete,
    "MESSAGE_SAME_REQUIRED_FIELDS": same_required_fields,
    "MESSAGE_SAME_JSON_FORMAT": same_json_format,
    "MESSAGE_NO_REMOVE_STANDARD_DESCRIPTOR_ACCESSOR": no_standard_descriptor_accessor,
    "RESERVED_MESSAGE_NO_DELETE": reserved_no_delete,
    "EXTENSION_MESSAGE_NO_DELETE": extension_range_no_delete,
}


def _deleted(pair: Pair[Message]) -> Iterator[FieldDescriptor]:
    for field in pair.before.descriptor.fields:
        if field.number not in pair.after.descriptor.fields_by_number:
            yield field


def _deletion(pair: Pair[Message], field: FieldDescriptor, lack: str) -> tuple[str, str]:
    return pair.before.path_of(field.name), f"field {field.full_name} (number {field.number}) is gone{lack}"


def _required(message: Message) -> dict[int, FieldDescriptor]:
    return {field.number: field for field in message.descriptor.fields if field.is_required}


def _reserved(message: Message) -> list[Span]:
    return _spans(message.proto.reserved_range)


def _spans(ranges: Iterable[object]) -> list[Span]:
    # The end of a message's range is the number after the last one.
    return [(span.start, span.end - 1) for span in ranges]  # type: ignore[attr-defined]
