"""Reads an exported document as it comes: member by member, its lists item by item."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import AsyncIterator
from typing import Any, NoReturn

from penstock.engine.domain.errors import InvalidArgument

VALUE_CHARS_MAX = 64 * 1024 * 1024
"""One event with what flowed, or one member before the lists: two of the largest messages, each character escaped."""
_SPACE = re.compile(r"[ \t\n\r]*")
_SIMPLE_END = '}]"'


class DocumentReader:
    """Holds one value at a time, and the piece that it is in. Raises InvalidArgument for what is no JSON."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces
        self._text = ""
        self._at = 0
        self._before = 0
        """Characters that were dropped."""
        self._is_all = False
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._json = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_members)
        self._is_first = True

    async def begin(self) -> None:
        await self._take("{", "an exported document, a JSON object")

    async def member(self) -> str | None:
        """The name of the next member; None behind the last one, when nothing may follow any more."""
        is_first, self._is_first = self._is_first, False
        if (is_first and await self._peek() == "}") or (not is_first and await self._take(",}", "a comma or }") == "}"):
            self._at += is_first
            if await self._peek():
                self._refuse("the end of the document")
            return None
        name, _ = await self.value()
        if not isinstance(name, str):
            self._refuse("the name of a member")
        await self._take(":", "a colon")
        return name

    async def value(self) -> tuple[Any, str]:
        """The next value, and its text."""
        await self._peek()
        needed = 0
        while True:
            try:
                value, end = self._json.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._is_all:
                    self._at = error.pos
                    self._refuse("JSON")
            except (ValueError, RecursionError):
                self._refuse("a JSON value that can be read")
            except _Twice as error:
                raise InvalidArgument(f"the document has the member {error.name[:80]!r} twice in one object") from None
            else:
                # A number may go on behind what is there.
                if end < len(self._text) or self._is_all or self._text[end - 1] in _SIMPLE_END:
                    text = self._text[self._at : end]
                    self._at = end
                    return value, text
            needed = max(2 * (len(self._text) - self._at), needed)
            if needed > 2 * VALUE_CHARS_MAX:
                raise InvalidArgument(
                    f"the document has a value of more than {VALUE_CHARS_MAX:,} characters {self._place()}"
                )
            await self._more(needed)

    async def items(self) -> AsyncIterator[tuple[Any, str]]:
        """The items of the next value, a list."""
        await self._take("[", "a list")
        if await self._peek() == "]":
            self._at += 1
            return
        while True:
            yield await self.value()
            if await self._take(",]", "a comma or ]") == "]":
                return

    async def _take(self, expected: str, what: str) -> str:
        found = await self._peek()
        if not found or found not in expected:
            self._refuse(what)
        self._at += 1
        return found

    async def _peek(self) -> str:
        """The next character that is no space; "" at the end."""
        while True:
            match = _SPACE.match(self._text, self._at)
            assert match is not None
            self._at = match.end()
            if self._at < len(self._text):
                return self._text[self._at]
            if self._is_all:
                return ""
            await self._more(1)

    async def _more(self, count: int) -> None:
        """Reads until `count` characters are ahead, or everything is there."""
        parts, ahead = [self._text[self._at :]], len(self._text) - self._at
        self._before += self._at
        try:
            while ahead < count and not self._is_all:
                piece = await anext(self._pieces, None)
                self._is_all = piece is None
                parts.append(self._utf8.decode(piece or b"", final=piece is None))
                ahead += len(parts[-1])
        except UnicodeDecodeError:
            raise InvalidArgument("the document is not in UTF-8") from None
        self._text, self._at = "".join(parts), 0

    def _refuse(self, what: str) -> NoReturn:
        got = json.dumps(self._text[self._at : self._at + 20]) if self._at < len(self._text) else "its end"
        raise InvalidArgument(f"the document: expected {what} {self._place()}, got {got}")

    def _place(self) -> str:
        return f"at character {self._before + self._at + 1:,}"


class _Twice(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Which of two members of one name counts is nobody's to say."""
    members = dict(pairs)
    if len(members) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _Twice(name)
            seen.add(name)
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidArgument(f"the document: expected a JSON value, got {name}")
