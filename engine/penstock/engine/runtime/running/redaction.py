"""Takes the values of secrets and of sensitive fields out of text that is kept or shown."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any
from urllib.parse import quote, quote_plus

from google.protobuf.message import DecodeError

from penstock.engine.domain.limits import SECRET_LENGTH_MIN
from penstock.wire.sensitive import REDACTED

_LINE_LENGTH_MIN = 16
"""Lines of a longer value are hidden one by one, such as those of a key; shorter ones would be found in any text."""
_INSIDE_LENGTH_MIN = 8
"""The same for what the middle of a longer base64 text shows of a value."""
_BEGINNING_LENGTH = 16
_SENSITIVE_MAX = 200
"""Values of sensitive fields that are looked for, each in a dozen forms; with more of them whole texts are hidden."""

Read = Callable[[], Iterable[Any]]
"""Gives values of sensitive fields. May raise DecodeError."""


class Redactor:
    """Replaces each value of a secret, in the forms that text has it in, by [secret NAME], and each value of a
    sensitive field by [redacted].

    Nothing is computed before the first text comes: most attempts say nothing.
    """

    def __init__(self, values: Mapping[str, str], sensitive: Sequence[Read] = ()) -> None:
        """`values` by the names of the secrets, as an attempt was given them."""
        self._values = values
        self._sensitive = sensitive
        self._prepared: tuple[re.Pattern[str], Mapping[str, str]] | None = None

    def __call__(self, text: str) -> str:
        # Several threads of a node may prepare it at once: each does so for itself, with the same result.
        beginnings, names = self._prepared = self._prepared or self._prepare()
        if "" in names:
            return names[""]
        parts, done, position = [], 0, 0
        while (found := beginnings.search(text, position)) is not None:
            start = found.start()
            form = next((form for form in names if text.startswith(form, start)), None)
            if form is None:
                position = start + 1
                continue
            parts += [text[done:start], names[form]]
            done = position = start + len(form)
        return "".join((*parts, text[done:])) if parts else text

    def _prepare(self) -> tuple[re.Pattern[str], Mapping[str, str]]:
        """A pattern of what forms begin with, for a pattern of whole keys takes long to make; and form -> what takes
        its place, "" -> what takes the place of every text."""
        names: dict[str, str] = {}
        for name, value in sorted(self._values.items()):
            for form in _forms(value):
                names.setdefault(form, f"[secret {name}]")
        sensitive = self._sensitive_values()
        if sensitive is None:
            names[""] = REDACTED
        for form in (form for value in sensitive or () for form in _forms_of(value)):
            names.setdefault(form, REDACTED)
        # The longest first: what begins at one place is replaced as a whole.
        names = dict(sorted(names.items(), key=lambda item: -len(item[0])))
        beginnings = {form[:_BEGINNING_LENGTH] for form in names}
        return re.compile("|".join(map(re.escape, sorted(beginnings))) or r"(?!)"), names

    def _sensitive_values(self) -> list[Any] | None:
        """None when there are too many to look for, or nobody can tell."""
        try:
            found = list(islice((value for read in self._sensitive for value in read()), _SENSITIVE_MAX + 1))
        except DecodeError:
            return None
        return found if len(found) <= _SENSITIVE_MAX else None


def redactor(values: Mapping[str, str], sensitive: Sequence[Read] = ()) -> Callable[[str], str] | None:
    """What hides these values; None when there are none, so that nodes without secrets pay nothing."""
    return Redactor(values, sensitive) if values or sensitive else None


def say_nothing(text: str) -> str:
    """For code that gets sensitive values nobody knows of beforehand, such as a stage of a pipeline."""
    return REDACTED


def _forms_of(value: Any) -> Iterator[str]:
    """The same of a value of a field."""
    if isinstance(value, str):
        yield from _forms(value)
    elif isinstance(value, bytes):
        if len(value) >= SECRET_LENGTH_MIN:
            yield from (repr(value)[2:-1], value.decode(errors="replace"))
            yield from _encoded(value)
    elif not isinstance(value, bool):
        yield from (text for text in (str(value), f"{value:,}") if len(text) >= SECRET_LENGTH_MIN)


def _forms(value: str) -> Iterator[str]:
    """Every text that gives the value away."""
    if len(value) < SECRET_LENGTH_MIN:
        return
    stripped = value.strip()
    for text in {value, stripped} if len(stripped) >= SECRET_LENGTH_MIN else {value}:
        yield text
        yield from _escaped(text)
        yield from _encoded(text.encode(errors="replace"))
    yield from (line for line in value.splitlines() if len(line) >= _LINE_LENGTH_MIN)


def _escaped(text: str) -> Iterator[str]:
    for ensure_ascii in (True, False):
        yield json.dumps(text, ensure_ascii=ensure_ascii)[1:-1]
    # As tracebacks and messages show it.
    yield repr(text)[1:-1]
    yield repr(text.encode(errors="replace"))[2:-1]
    for safe in ("", "/"):
        quoted = quote(text, safe=safe, errors="replace")
        yield from (quoted, _lower_hex(quoted))
    plus = quote_plus(text, errors="replace")
    yield from (plus, _lower_hex(plus))


def _lower_hex(quoted: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), quoted)


def _encoded(data: bytes) -> Iterator[str]:
    yield from (data.hex(), data.hex().upper())
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        whole = encode(data).decode()
        yield from (whole, whole.rstrip("="))
        # Within a longer text, such as user:password, it stands at one of three places; the characters at its ends hold
        # bits of what is beside it.
        for shift in range(3):
            characters = encode(bytes(shift) + data).decode().rstrip("=")
            first, last = -(-shift * 8 // 6), (shift + len(data)) * 8 // 6
            inside = characters[first:last]
            if len(inside) >= _INSIDE_LENGTH_MIN:
                yield inside
