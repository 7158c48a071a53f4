"""Takes the values of searchable fields out of messages."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from penstock.engine.domain.event import Event, EventType
from penstock.engine.domain.filter_value import SEARCHED_LENGTH_MAX
from penstock.engine.storage.records import SearchValue
from penstock.wire.gen.artifact_pb2 import SearchableField
from penstock.wire.json.printing import names_by_number, shortest

if TYPE_CHECKING:
    from penstock.engine.runtime.programs.program import Program

_OUTPUTS = (EventType.NODE_SUCCEEDED, EventType.NODE_RECOVERED)
_FORM = Callable[[Any], "str | None"]


class _Field(NamedTuple):
    path: str
    names: tuple[str, ...]
    has_presence: bool
    is_number: bool
    form: _FORM


class Searcher:
    """Reads those of one message."""

    def __init__(self, message_class: type[Any], fields: Iterable[SearchableField]) -> None:
        """`fields` have paths that begin with "input" or "output", whichever the message is."""
        self._parse = message_class.FromString
        self._fields = [_field(message_class.DESCRIPTOR, field) for field in fields]

    def values(self, account: str, data: bytes) -> Sequence[SearchValue]:
        """The values that are set. A field that is always set, as most of proto3 are, has its default too."""
        message = self._parse(data)
        found: list[SearchValue] = []
        for field in self._fields:
            text = _read(message, field)
            if text is not None:
                number = text if field.is_number else None
                found.append(SearchValue(account, field.path, None if field.is_number else text, number))
        return found


def searcher(message_class: type[Any], root: str, fields: Iterable[SearchableField]) -> Searcher | None:
    """None when no path begins with `root`: then there is nothing to do for an execution."""
    chosen = [field for field in fields if field.path.startswith(f"{root}.")]
    return Searcher(message_class, chosen) if chosen else None


def output_values(program: Program, account: str, events: Sequence[Event]) -> Sequence[SearchValue]:
    """The values of the output that a step ends an execution with; none when it did not complete."""
    if program.searched_output is None or events[-1].type is not EventType.EXECUTION_COMPLETED:
        return ()
    for event in reversed(events):
        if event.node == program.graph.terminal and event.type in _OUTPUTS:
            return program.searched_output.values(account, event.payload or b"")
    return ()


def _field(descriptor: Descriptor, field: SearchableField) -> _Field:
    names = tuple(field.path.split(".")[1:])
    message: Any = descriptor
    found: Any = None
    for name in names:
        found = message.fields_by_name[name]
        message = found.message_type
    is_number = field.kind in (SearchableField.NUMBER, SearchableField.TIME)
    return _Field(field.path, names, found.has_presence, is_number, _form(found, field.kind))


def _read(message: Any, field: _Field) -> str | None:
    *above, last = field.names
    for name in above:
        if not message.HasField(name):
            return None
        message = getattr(message, name)
    if field.has_presence and not message.HasField(last):
        return None
    return field.form(getattr(message, last))


def _form(field: FieldDescriptor, kind: SearchableField.Kind) -> _FORM:
    if field.enum_type is not None:
        names = names_by_number(field.enum_type)
        return lambda number: names.get(number, str(number))
    if kind == SearchableField.NUMBER and field.cpp_type == FieldDescriptor.CPPTYPE_FLOAT:
        return _float
    return _FORMS[kind]


def _text(value: str) -> str | None:
    if "\0" in value:
        # Postgres has no such text, and no filter can ask for it.
        return None
    return value if len(value) <= SEARCHED_LENGTH_MAX else value[: SEARCHED_LENGTH_MAX - 1] + "…"


def _number(value: float) -> str | None:
    return repr(value) if math.isfinite(value) else None


def _float(value: float) -> str | None:
    """As people write it: 0.1 and not 0.10000000149."""
    return str(shortest(value)) if math.isfinite(value) else None


def _bool(value: bool) -> str:
    return "true" if value else "false"


def _time(value: Any) -> str:
    """Seconds since 1970. Nanoseconds count from the second below, also before it."""
    nanoseconds = value.seconds * 1_000_000_000 + value.nanos
    sign, rest = ("-", -nanoseconds) if nanoseconds < 0 else ("", nanoseconds)
    return f"{sign}{rest // 1_000_000_000}.{rest % 1_000_000_000:09d}"


_FORMS: dict[SearchableField.Kind, _FORM] = {
    SearchableField.TEXT: _text,
    SearchableField.NUMBER: _number,
    SearchableField.BOOL: _bool,
    SearchableField.TIME: _time,
}
