"""Turns the report of the CEL compiler into sentences for the person who wrote the expression.

The library reports a wrong expression as the text of a RuntimeError and has no structured form of it,
so the text is read here, and only here. What is not recognised is passed on in the library's words.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from penstock.wire.types import TypePool, UnknownType


@dataclass(frozen=True, slots=True)
class ExpressionProblem:
    """One thing wrong with an expression.

    `line` and `column` count from 1; both are 0 when it is about the whole expression. `expected` and
    `found` are types in the words of CEL, "" where the trouble is not a type. `field` is the field of the
    target message that the expression fills, "" for a condition.
    """

    message: str
    line: int = 0
    column: int = 0
    expected: str = ""
    found: str = ""
    field: str = ""

    @property
    def position(self) -> str:
        """Where it is, for people: "character 7", "line 2, character 3", or "" for the whole."""
        if not self.line:
            return ""
        return f"character {self.column}" if self.line == 1 else f"line {self.line}, character {self.column}"

    def __str__(self) -> str:
        return f"{self.message} (at {self.position})" if self.line else self.message


class ExpressionError(ValueError):
    """An expression, or the fields of a map, that cannot be compiled. It holds every problem found."""

    def __init__(self, problems: Sequence[ExpressionProblem]) -> None:
        super().__init__("; ".join(f"{p.field}: {p}" if p.field else str(p) for p in problems))
        self.problems = tuple(problems)


class EvaluationError(ValueError):
    """An expression that has no value for these messages: an index out of range, a division by zero."""


def problems_of(report: str, types: TypePool, variables: Mapping[str, str]) -> tuple[ExpressionProblem, ...]:
    """Every problem that the report names. Of syntax errors only the first: the rest follow from it."""
    problems = tuple(_problems(report, types, variables))
    if not problems:
        return (ExpressionProblem(_whole(report)),)
    if problems[0].message.startswith(_NOT_CEL):
        return problems[:1]
    return problems


def evaluation_message(text: str) -> str:
    """What went wrong in an evaluation, without the status words around it."""
    return _STATUS_WORD.sub("", _without_trailer(text))


def concealed_message(text: str) -> str:
    """The same, without the values that it may name: the library puts those at the end."""
    return evaluation_message(text).partition(":")[0].rstrip()


def type_name(name: str) -> str:
    """A CEL type as its own error messages write it: "LIST<a.M>" is "list(a.M)"."""
    return _BUILT_IN.sub(lambda word: word[0].lower(), name).replace("<", "(").replace(">", ")")


_NOT_CEL = "not a CEL expression"
_STATUS_WORD = re.compile(r"^[A-Z_]+: ")
_BUILT_IN = re.compile(r"(?<![.\w])[A-Z]+\b(?!\.)")
_ENTRY = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
_SYNTAX = re.compile(r"Syntax error: (?:(?:mismatched|extraneous) input|no viable alternative at input) '(.*?)'(?: |$)")
_TOKEN = re.compile(r"Syntax error: token recognition error at: '(.*)'$")
_FIELD = re.compile(r"undefined field '(.*)' not found in struct '(.*)'$")
_NAME = re.compile(r"undeclared reference to '(.*)' \(in container '.*'\)$")
_OVERLOAD = re.compile(r"found no matching overload for '(.*)' applied to '(\(.*\))'$")
_FIELD_TYPE = re.compile(r"expected type of field '.*' is '(.*)' but provided type is '(.*)'$")
_DEPTH = re.compile(r"(?:Expression recursion limit exceeded\. limit:|Exceeded max recursion depth of) (\d+)")
_SIZE = re.compile(r"expression size exceeds codepoint limit\. input size: (\d+), limit: (\d+)")

_SHOWN_MAX = 10
"""Variables in one sentence."""

_OPERATORS = {"_?_:_": "? :", "_[_]": "[ ]", "@in": "in"}


def _problems(report: str, types: TypePool, variables: Mapping[str, str]) -> Iterator[ExpressionProblem]:
    for line in _without_trailer(report).splitlines():
        entry = _ENTRY.search(line)
        if entry is None:
            continue
        text = entry[3].strip()
        if _DEPTH.search(text):  # reported once a level, at no position
            yield ExpressionProblem(_whole(text))
            return
        at = (int(entry[1]), int(entry[2]))
        mismatch = _FIELD_TYPE.match(text)
        if mismatch:
            yield ExpressionProblem("wrong type", *at, expected=mismatch[1], found=mismatch[2])
        else:
            yield ExpressionProblem(_sentence(text, types, variables), *at)


def _sentence(text: str, types: TypePool, variables: Mapping[str, str]) -> str:
    if match := _SYNTAX.match(text):
        found = "it ends too early" if match[1] == "<EOF>" else f"unexpected {match[1]}"
        return f"{_NOT_CEL}: {found}"
    if match := _TOKEN.match(text):
        return f"{_NOT_CEL}: unexpected {match[1].strip()}"
    if match := _FIELD.match(text):
        return no_such_field(match[1], match[2], types)
    if match := _NAME.match(text):
        return f"{match[1]} is not known; the variables are {_some_of(sorted(variables))}"
    if match := _OVERLOAD.match(text):
        operator = _OPERATORS.get(match[1]) or match[1].strip("_")
        return f"{operator} does not take {match[2]}"
    return text


def _some_of(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN_MAX
    return ", ".join(names[:_SHOWN_MAX]) + (f" and {more} more" if more > 0 else "")


def no_such_field(field: str, message: str, types: TypePool) -> str:
    """Says that a message has no such field, and which one may have been meant."""
    try:
        known = [f.name for f in types.descriptor(message).fields]
    except UnknownType:  # a type of CEL itself
        return f"{message} has no field {field}"
    close = difflib.get_close_matches(field, known, 1)
    if close:
        return f"{message} has no field {field}; did you mean {close[0]}?"
    return f"{message} has no field {field}; it has {', '.join(known) or 'no fields'}"


def _whole(report: str) -> str:
    if match := _DEPTH.search(report):
        return f"nested deeper than {match[1]} levels"
    if match := _SIZE.search(report):
        return f"{match[1]} characters long, at most {match[2]} are read"
    return evaluation_message(report)


def _without_trailer(report: str) -> str:
    """Without the status that the library repeats at the end: "… [INVALID_ARGUMENT]"."""
    return re.sub(r" \[[A-Z_]+\]\s*$", "", report)
