"""Reads the filter of a list: a subset of AIP-160.

    status = "RUNNING" AND (labels.team = "blue" OR flow = "order*") AND NOT complete_time:*

Comparisons are `=`, `!=`, `<`, `<=`, `>`, `>=` and `:`; they are joined by AND, OR, NOT (or `-`) and
parentheses. As AIP-160 says, **OR binds more tightly than AND**: `a AND b OR c` is `a AND (b OR c)`.

A value is a word, or stands in `"` or `'`, where a backslash takes the next character as it is. In
text, `*` stands for any characters. `field:*` asks whether the field is set and `labels:key` whether
there is such a label; any other `:` means `=`.

Fields may have dots. Those that begin with `input.` or `output.` are what flows declare as searchable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from penstock.engine.domain.filter_text import FilterError, Scanner, quoted
from penstock.engine.domain.filter_tree import (
    And,
    Comparison,
    Expression,
    FieldKind,
    FieldType,
    Not,
    Operator,
    Or,
    Present,
    Searched,
    Wildcard,
)
from penstock.engine.domain.filter_value import expectation, read_value

__all__ = ["FILTER_DEPTH_MAX", "FILTER_LENGTH_MAX", "FilterError", "parse"]

FILTER_LENGTH_MAX = 2_048
"""Characters. A filter travels in a URL."""

FILTER_DEPTH_MAX = 16
"""Parentheses within parentheses. Reading them recurses, here and in the database."""

_KEYWORDS = ("AND", "OR", "NOT")
_SIGNS_WITHOUT_ORDER = ("=", "!=", ":")
_SEARCHABLE_ROOTS = ("input.", "output.")
_SEARCHABLE_ROOT = re.compile(r"\b(?:input|output)\b")
_SEARCHABLE_SHOWN_MAX = 50
"""Names in one error."""
_NONE_SEARCHABLE = "another field: no flow here declares searchable fields"


def names_searchable(text: str) -> bool:
    """Whether a filter may name a searchable field, so that it has to be read with those that there are."""
    return _SEARCHABLE_ROOT.search(text) is not None


def parse(
    text: str, fields: Mapping[str, FieldType], searchable: Mapping[str, FieldType] | None = None
) -> Expression | None:
    """The tree of the filter; None when the text is blank, which means all.

    `fields` are those that may be named; the first one serves as the example in errors. `searchable` are those that
    flows declare, by path; None where a list has no such fields. Raises FilterError.
    """
    if len(text) > FILTER_LENGTH_MAX:
        raise FilterError(
            FILTER_LENGTH_MAX + 1, f"at most {FILTER_LENGTH_MAX} characters", f"a filter of {len(text)} characters"
        )
    scanner = Scanner(text)
    if scanner.at_end():
        return None
    expression = _Parser(scanner, fields, searchable).conjunction(0)
    if not scanner.at_end():
        raise scanner.refused("AND, OR or the end of the filter")
    return expression


class _Parser:
    """Recursive descent over the grammar of AIP-160; `depth` counts the parentheses that are open."""

    def __init__(
        self, scanner: Scanner, fields: Mapping[str, FieldType], searchable: Mapping[str, FieldType] | None
    ) -> None:
        self._scanner = scanner
        self._fields = fields
        self._searchable = searchable

    def conjunction(self, depth: int) -> Expression:
        operands = self._joined("AND", self._disjunction, depth)
        return operands[0] if len(operands) == 1 else And(operands)

    def _disjunction(self, depth: int) -> Expression:
        operands = self._joined("OR", self._term, depth)
        return operands[0] if len(operands) == 1 else Or(operands)

    def _joined(self, keyword: str, operand: Callable[[int], Expression], depth: int) -> tuple[Expression, ...]:
        operands = [operand(depth)]
        while self._scanner.take_keyword(keyword):
            operands.append(operand(depth))
        return tuple(operands)

    def _term(self, depth: int) -> Expression:
        if self._scanner.take_keyword("NOT") or self._scanner.take("-"):
            return Not(self._simple(depth))
        return self._simple(depth)

    def _simple(self, depth: int) -> Expression:
        position = self._scanner.position
        if not self._scanner.take("("):
            return self._restriction()
        if depth == FILTER_DEPTH_MAX:
            raise FilterError(position, f"at most {FILTER_DEPTH_MAX} parentheses within each other", '"("')
        expression = self.conjunction(depth + 1)
        if not self._scanner.take(")"):
            raise self._scanner.refused("AND, OR or a closing )")
        return expression

    def _restriction(self) -> Expression:
        position = self._scanner.position
        name = self._scanner.take_name()
        if name is None:
            raise self._scanner.refused(_such_as(next(iter(self._fields.values()))))
        if name in _KEYWORDS:
            raise FilterError(position, _such_as(next(iter(self._fields.values()))), quoted(name))
        name, field = self._field(name, position)
        if field.kind is not FieldKind.LABELS:
            return self._comparison(name, field, None)
        if self._scanner.take("."):
            return self._comparison(name, field, self._key(field))
        if self._scanner.take(":"):
            return Present(name) if self._scanner.take("*") else Present(name, self._key(field))
        raise self._scanner.refused(_such_as(field))

    def _field(self, name: str, position: int) -> tuple[str, FieldType]:
        """The field whose name begins with `name`: a dot goes on with it unless it is one already."""
        while name not in self._fields and self._scanner.take("."):
            rest = self._scanner.take_name()
            if rest is None:
                raise self._scanner.refused(f"the rest of a name after {name}.")
            name += f".{rest}"
        field = self._fields.get(name)
        if field is not None:
            return name, field
        if self._searchable is None or not name.startswith(_SEARCHABLE_ROOTS):
            raise FilterError(position, "one of " + ", ".join(self._names()), quoted(name))
        if name not in self._searchable:
            known = "one of the searchable fields " + ", ".join(sorted(self._searchable)[:_SEARCHABLE_SHOWN_MAX])
            raise FilterError(position, known if self._searchable else _NONE_SEARCHABLE, quoted(name))
        return name, self._searchable[name]

    def _comparison(self, name: str, field: FieldType, key: str | None) -> Expression:
        position = self._scanner.position
        sign = self._scanner.take_operator()
        if sign is None:
            raise self._scanner.refused(_such_as(field))
        if not field.has_order and sign not in _SIGNS_WITHOUT_ORDER:
            raise FilterError(position, f"{', '.join(_SIGNS_WITHOUT_ORDER)} after {name}", quoted(sign))
        word = self._scanner.take_value()
        if word is None:
            raise self._scanner.refused(expectation(field))
        if sign == ":" and word.parts == ("", "") and field.kind is not FieldKind.NAME:
            return Present(name, key)
        operator = Operator.EQUAL if sign == ":" else Operator(sign)
        value = read_value(word, field)
        has_stars = isinstance(value, Wildcard) or (isinstance(value, Searched) and isinstance(value.text, Wildcard))
        if has_stars and operator not in (Operator.EQUAL, Operator.NOT_EQUAL):
            raise word.refused(f"text without * after {sign}")
        return Comparison(name, operator, value, key)

    def _key(self, field: FieldType) -> str:
        key = self._scanner.take_key()
        if key is None:
            raise self._scanner.refused(f"a key as in {field.example}")
        return key

    def _names(self) -> Iterator[str]:
        for name, field in self._fields.items():
            yield f"{name}.<key>" if field.kind is FieldKind.LABELS else name
        if self._searchable is not None:
            yield from (f"{root}<path>" for root in _SEARCHABLE_ROOTS)


def _such_as(field: FieldType) -> str:
    return f"a comparison such as {field.example}"
