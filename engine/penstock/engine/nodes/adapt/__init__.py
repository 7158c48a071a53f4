"""Converters between dataclasses and the messages derived from them, made once a package.

adapter = Adapter(schema, types, "hello")
adapter.reader(GreetRequest)(message)     # -> GreetRequest
adapter.writer(Greeting)(message, value)  # fills the empty message
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from google.protobuf.message import Message

from penstock.engine.nodes.adapt import conversions
from penstock.engine.nodes.adapt.conversions import Members, Refused
from penstock.engine.nodes.adapt.reading import KNOWN_READERS, reader_source
from penstock.engine.nodes.adapt.writing import KNOWN_WRITERS, writer_source
from penstock.engine.nodes.mismatch import WrongType, find_mismatch, too_deep
from penstock.engine.nodes.shapes import Record, Schema
from penstock.wire.types import TypePool

REFUSALS = (Refused, TypeError, ValueError, OverflowError, AttributeError, RecursionError)
"""What a writer raises for a value that does not fit: Refused itself, or what upb raises."""


class Adapter:
    """The functions are generated from the schema and compiled together, because they call one another."""

    def __init__(self, schema: Schema, types: TypePool, package: str) -> None:
        self._records = schema.records
        names = (*KNOWN_READERS.values(), *KNOWN_WRITERS.values(), "need", "need_float", "need_float32")
        space: dict[str, object] = {name: getattr(conversions, name) for name in names}
        space |= {"Refused": Refused, "WrongType": WrongType}
        space |= {"strs": frozenset({str}), "bools": frozenset({bool}), "floats": frozenset({float, int})}
        for enum in schema.enums:
            space |= {f"enum_{enum.__name__}": enum, f"members_{enum.__name__}": Members(enum)}
        source = []
        for cls, fields in schema.records.items():
            name = cls.__name__
            message: Any = types.message(f"{package}.{name}")
            # Taken from the class: on the message itself a field of this name would hide them.
            space |= {f"class_{name}": cls, f"has_{name}": message.HasField}
            space |= {f"which_{name}": message.WhichOneof, f"be_there_{name}": message.SetInParent}
            source += [reader_source(cls, fields, space), writer_source(cls, fields)]
        # The name says where the code is from: reports of what a node raised begin below the engine's own files.
        exec(compile("\n".join(source), f"<{__file__} for {package}>", "exec"), space)
        self._functions = space

    def reader(self, cls: type) -> Callable[[Message], object]:
        """Raises WrongType for a message that the dataclass has no value for, and what its constructor raises."""
        return cast(Callable[[Message], object], self._functions[f"read_{cls.__name__}"])

    def writer(self, cls: type) -> Callable[[Message, object], None]:
        """Raises one of REFUSALS, for which `why` has the words."""
        return cast(Callable[[Message, object], None], self._functions[f"write_{cls.__name__}"])

    def why(self, cls: type, value: object) -> WrongType:
        """Why the writer of `cls` refused `value`: the first thing that does not fit, with its path."""
        return find_mismatch(self._records, Record(cls), value) or too_deep()
