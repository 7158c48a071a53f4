"""Reads YAML, or the JSON within it, into plain values that remember their lines.

Stricter than YAML at large: a key stands once, and anchors, tags and several documents are refused. Scalars
are those of YAML 1.2, in which `on`, `yes` and `no` are text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from penstock.engine.domain.problem import Problem

Path = tuple[str | int, ...]
"""Keys and indices from the root to a value."""

DEPTH_MAX = 32
"""A flow file needs five levels; the reader recurses once a level."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_CONSTANTS = {"": None, "~": None, "null": None, "true": True, "false": False}
_INTEGER = re.compile(r"[-+]?[0-9]{1,15}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?")
_SURROGATE_PAIR = re.compile(r"(?<!\\)\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Document:
    """What was read. `lines` has the line, from 1, of each key and item; `problems` what was refused."""

    value: object
    lines: dict[Path, int]
    problems: tuple[Problem, ...]


def read(source: bytes) -> Document:
    """Never raises: a source that is not YAML gives a document of None with the problem."""
    reader = _Reader()
    try:
        text = _SURROGATE_PAIR.sub(_one_character, source.decode("utf-8-sig"))
        value = reader.document(yaml.parse(text, Loader=_LOADER))
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        return Document(None, {}, (Problem(f"line {line}", "not UTF-8 text"),))
    except yaml.MarkedYAMLError as error:
        return Document(None, {}, (_syntax_problem(error),))
    except yaml.YAMLError as error:
        return Document(None, {}, (Problem("line 1", f"not YAML: {getattr(error, 'reason', error)}"),))
    except _Unreadable as refusal:
        return Document(None, {}, (refusal.problem,))
    return Document(value, reader.lines, tuple(reader.problems))


class _Unreadable(Exception):
    """Reading cannot go on."""

    def __init__(self, line: int, message: str) -> None:
        self.problem = Problem(f"line {line}", message)


class _Reader:
    def __init__(self) -> None:
        self.lines: dict[Path, int] = {(): 1}
        self.problems: list[Problem] = []

    def document(self, events: Iterator[yaml.Event]) -> object:
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                break
        else:
            raise _Unreadable(1, "the file is empty")
        value = self._value(next(events), events, ())
        next(events)  # the end of the document
        if isinstance(after := next(events), yaml.DocumentStartEvent):
            raise _Unreadable(_line(after), "a second document; a file holds one flow")
        return value

    def _value(self, event: yaml.Event, events: Iterator[yaml.Event], path: Path) -> object:
        if isinstance(event, yaml.AliasEvent):
            raise _Unreadable(_line(event), f"the alias *{event.anchor} is not followed; write the value out")
        assert isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)  # nothing else starts a value
        if event.tag not in (None, "!"):
            raise _Unreadable(_line(event), f"the tag {event.tag.replace(_TAG, '!!')} is not read; leave it out")
        if len(path) > DEPTH_MAX:
            raise _Unreadable(_line(event), f"nested deeper than {DEPTH_MAX} levels")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, path)
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event.value) if event.implicit[0] else event.value
        return self._sequence(events, path)

    def _mapping(self, events: Iterator[yaml.Event], path: Path) -> dict[str, object]:
        members: dict[str, object] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise _Unreadable(_line(event), "a key must be text")
            key, line = event.value, _line(event)
            member: Path = (*path, key)
            if key in members:
                message = f"the key {key} is here again; it is on line {self.lines[member]}"
                self.problems.append(Problem(f"line {line}", message))
                self._value(next(events), events, (*member, -len(self.problems)))  # a path of its own
                continue
            self.lines[member] = line
            members[key] = self._value(next(events), events, member)
        return members

    def _sequence(self, events: Iterator[yaml.Event], path: Path) -> list[object]:
        items: list[object] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            item = (*path, len(items))
            self.lines[item] = _line(event)
            items.append(self._value(event, events, item))
        return items


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _scalar(text: str) -> object:
    """The value of text without quotes."""
    lowered = text.lower()
    if lowered in _CONSTANTS and text in (lowered, lowered.capitalize(), lowered.upper()):
        return _CONSTANTS[lowered]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _one_character(pair: re.Match[str]) -> str:
    """JSON may escape a character beyond the BMP as two halves, which YAML does not know."""
    return "".join(chr(int(half, 16)) for half in pair.groups()).encode("utf-16", "surrogatepass").decode("utf-16")


def _syntax_problem(error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    where = f"line {mark.line + 1}" if mark else "line 1"
    return Problem(where, f"not YAML: {error.problem or error.context}")
