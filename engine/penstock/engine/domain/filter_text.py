"""Reads the words of a filter, and says where it is not one.

Positions are counted from 1 in characters.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from penstock.engine.domain.errors import InvalidArgument

_SPACE = re.compile(r"\s*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_/-]*")
_OPERATOR = re.compile(r"!=|<=|>=|[=<>:]")
_WORD = re.compile(r"""[^\s()"',=<>!\\]+""")
_FOUND = re.compile(r"\w+|\S")
_FOUND_LENGTH_MAX = 40


class FilterError(InvalidArgument):
    """The text is no filter over these fields. `found` is "end of text" or what stands at `position`, in quotes."""

    reason = "INVALID_FILTER"

    def __init__(self, position: int, expected: str, found: str) -> None:
        super().__init__(f"position {position}: expected {expected}, got {found}", field="filter")
        self.position = position
        self.expected = expected
        self.found = found


@dataclass(frozen=True, slots=True)
class Word:
    """A value as written: its text between stars, so that "a*" has the parts "a" and ""."""

    position: int
    parts: tuple[str, ...]

    @property
    def text(self) -> str:
        return "*".join(self.parts)

    def refused(self, expected: str) -> FilterError:
        return FilterError(self.position, expected, quoted(self.text))


class Scanner:
    """Walks through the text. What it gives begins after any space."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    @property
    def position(self) -> int:
        self._skip_space()
        return self._at + 1

    def at_end(self) -> bool:
        self._skip_space()
        return self._at == len(self._text)

    def take(self, symbol: str) -> bool:
        """Whether the symbol stood here; it is then behind us."""
        self._skip_space()
        if not self._text.startswith(symbol, self._at):
            return False
        self._at += len(symbol)
        return True

    def take_keyword(self, keyword: str) -> bool:
        """As `take`, for a whole word."""
        self._skip_space()
        found = _NAME.match(self._text, self._at)
        if found is None or found[0] != keyword:
            return False
        self._at = found.end()
        return True

    def take_name(self) -> str | None:
        return self._take(_NAME)

    def take_operator(self) -> str | None:
        return self._take(_OPERATOR)

    def take_key(self) -> str | None:
        """The key of a label, which is quoted when it has other characters than letters, digits, _, - and /."""
        if self._at_quote():
            return self._take_quoted().text
        return self._take(_KEY)

    def take_value(self) -> Word | None:
        if self._at_quote():
            return self._take_quoted()
        position = self.position
        found = self._take(_WORD)
        return None if found is None else Word(position, tuple(found.split("*")))

    def refused(self, expected: str) -> FilterError:
        """That something else stands here than was expected."""
        position = self.position
        found = _FOUND.match(self._text, self._at)
        return FilterError(position, expected, "end of text" if found is None else quoted(found[0]))

    def _skip_space(self) -> None:
        space = _SPACE.match(self._text, self._at)
        if space is not None:
            self._at = space.end()

    def _take(self, pattern: re.Pattern[str]) -> str | None:
        self._skip_space()
        found = pattern.match(self._text, self._at)
        if found is None:
            return None
        self._at = found.end()
        return found[0]

    def _at_quote(self) -> bool:
        self._skip_space()
        return self._text.startswith(('"', "'"), self._at)

    def _take_quoted(self) -> Word:
        position = self.position
        quote = self._text[self._at]
        parts = [""]
        at = self._at + 1
        while at < len(self._text):
            character = self._text[at]
            if character == quote:
                self._at = at + 1
                return Word(position, tuple(parts))
            if character == "*":
                parts.append("")
            else:
                if character == "\\":
                    at += 1
                parts[-1] += self._text[at : at + 1]
            at += 1
        raise FilterError(len(self._text) + 1, f"a closing {quote}", "end of text")


def quoted(text: str) -> str:
    if len(text) > _FOUND_LENGTH_MAX:
        text = text[: _FOUND_LENGTH_MAX - 1] + "…"
    return json.dumps(text, ensure_ascii=False)
