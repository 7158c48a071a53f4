"""Rules about an enum that is there before and after, found by its full name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from penstock.wire.gate import reserved
from penstock.wire.gate.contract import Enum, Pair, loses_json
from penstock.wire.gate.reserved import Span

Rule = Callable[[Pair[Enum]], Iterator[str]]
"""What was and what is, for each thing that the rule finds."""


def value_no_delete(pair: Pair[Enum]) -> Iterator[str]:
    for number, names in _deleted(pair):
        yield f"{_value(pair, number, names)} is gone"


def value_no_delete_unless_number_reserved(pair: Pair[Enum]) -> Iterator[str]:
    spans = _reserved(pair.after)
    for number, names in _deleted(pair):
        if not reserved.holds(spans, number):
            yield f"{_value(pair, number, names)} is gone, its number not reserved"


def value_no_delete_unless_name_reserved(pair: Pair[Enum]) -> Iterator[str]:
    for number, names in _deleted(pair):
        if not names <= set(pair.after.proto.reserved_name):
            yield f"{_value(pair, number, names)} is gone, its name not reserved"


def value_same_name(pair: Pair[Enum]) -> Iterator[str]:
    for number, names in pair.before.names.items():
        after = pair.after.names.get(number)
        if after is not None and not names <= after:
            yield f"{_value(pair, number, names)} is called {_either(after)}"


def same_type(pair: Pair[Enum]) -> Iterator[str]:
    words = {True: "closed", False: "open"}
    before, after = (side.descriptor.is_closed for side in (pair.before, pair.after))
    if before != after:
        yield f"enum {pair.before.descriptor.full_name} was {words[before]} and is {words[after]}"


def same_json_format(pair: Pair[Enum]) -> Iterator[str]:
    if loses_json(pair.before.descriptor, pair.after.descriptor):
        yield f"enum {pair.before.descriptor.full_name} had a JSON form and has none for certain"


def reserved_no_delete(pair: Pair[Enum]) -> Iterator[str]:
    name = pair.before.descriptor.full_name
    for span in reserved.missing(_reserved(pair.before), _reserved(pair.after)):
        yield f"number {reserved.text(span)} of {name} was reserved and is not"
    for word in sorted({*pair.before.proto.reserved_name} - {*pair.after.proto.reserved_name}):
        yield f'name "{word}" of {name} was reserved and is not'


RULES: Mapping[str, Rule] = {
    "ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED": value_no_delete_unless_number_reserved,
    "ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED": value_no_delete_unless_name_reserved,
    "ENUM_VALUE_NO_DELETE": value_no_delete,
    "ENUM_VALUE_SAME_NAME": value_same_name,
    "ENUM_SAME_TYPE": same_type,
    "ENUM_SAME_JSON_FORMAT": same_json_format,
    "RESERVED_ENUM_NO_DELETE": reserved_no_delete,
}


def _deleted(pair: Pair[Enum]) -> Iterator[tuple[int, frozenset[str]]]:
    for number, names in pair.before.names.items():
        if number not in pair.after.names:
            yield number, names


def _reserved(enum: Enum) -> list[Span]:
    # The end of an enum's range is the last number itself, unlike that of a message.
    return [(span.start, span.end) for span in enum.proto.reserved_range]


def _value(pair: Pair[Enum], number: int, names: Iterable[str]) -> str:
    return f"value {number} of {pair.before.descriptor.full_name}, {_either(names)},"


def _either(names: Iterable[str]) -> str:
    return " or ".join(sorted(names))
