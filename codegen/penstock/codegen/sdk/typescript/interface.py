"""What the TypeScript client of an artifact says of its messages: which, how they are called, which way they go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum

from google.protobuf.descriptor import Descriptor, EnumDescriptor

from penstock.codegen.sdk.typescript.names import Names
from penstock.codegen.sdk.typescript.wellknown import WELL_KNOWN
from penstock.wire.json.fields import is_null, map_fields
from penstock.wire.types import TypePool


class Way(Enum):
    """Callers may leave out what is at its default; the server gives it."""

    GIVEN = "given"
    TAKEN = "taken"


class Interface:
    """The messages and enums within the input and the output of an artifact, with their names in TypeScript.

    A message that goes both ways has two interfaces; that of the input ends in Input.
    """

    def __init__(self, types: TypePool, input_type: str, output_type: str, given: Sequence[str] = ()) -> None:
        """`given` are full names of further messages that callers give: values of pauses, and what signals say."""
        self.input = types.descriptor(input_type)
        self.output = types.descriptor(output_type)
        self.given, given_enums = _within(self.input, *map(types.descriptor, given))
        self.taken, taken_enums = _within(self.output)
        self.enums = sorted(given_enums | taken_enums, key=_full_name)
        messages = {*self.given, *self.taken}
        roots = {"Output": self.output} if self.input in self.taken else {"Input": self.input, "Output": self.output}
        names = Names([*messages, *self.enums], roots)
        self._taken = {message: names.of(message) for message in self.taken}
        self._given = {
            message: names.new(f"{names.of(message)}Input") if message in self._taken else names.of(message)
            for message in self.given
        }
        self._enums = {enum: names.of(enum) for enum in self.enums}

    def name(self, of: Descriptor, way: Way) -> str:
        """The interface of a message."""
        return (self._given if way is Way.GIVEN else self._taken)[of]

    def enum(self, enum: EnumDescriptor) -> str:
        """The type of an enum."""
        return self._enums[enum]


def _within(*roots: Descriptor) -> tuple[list[Descriptor], set[EnumDescriptor]]:
    """The messages within `roots`, these included, by their full names, and the enums. Without well-known ones."""
    enums: set[EnumDescriptor] = set()
    seen = {root for root in roots if root.full_name not in WELL_KNOWN}
    unseen = list(seen)
    while unseen:
        for message, enum in _types(unseen.pop()):
            if enum is not None:
                enums.add(enum)
            elif message is not None and message not in seen and message.full_name not in WELL_KNOWN:
                seen.add(message)
                unseen.append(message)
    return sorted(seen, key=_full_name), enums


def _types(message: Descriptor) -> Iterator[tuple[Descriptor | None, EnumDescriptor | None]]:
    for field in message.fields:
        entry = map_fields(field)
        value = field if entry is None else entry[1]
        yield value.message_type, None if is_null(value) else value.enum_type


def _full_name(of: Descriptor | EnumDescriptor) -> str:
    name: str = of.full_name
    return name
