"""Takes the values of secrets out of text that is kept or shown."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote, quote_plus

from penstock.engine.domain.limits import SECRET_LENGTH_MIN

_LINE_LENGTH_MIN = 16
"""Lines of a longer value are hidden one by one, such as those of a key; shorter ones would be found in any text."""
_INSIDE_LENGTH_MIN = 8
"""The same for what the middle of a longer base64 text shows of a value."""
_BEGINNING_LENGTH = 16


class Redactor:
    """Replaces each value of a secret, in the forms that text has it in, by [secret NAME].

    Nothing is computed before the first text comes: most attempts say nothing.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        """`values` by the names of the secrets, as an attempt was given them."""
        self._values = values
        self._prepared: tuple[re.Pattern[str], Mapping[str, str]] | None = None

    def __call__(self, text: str) -> str:
        # Several threads of a node may prepare it at once: each does so for itself, with the same result.
        beginnings, names = self._prepared = self._prepared or self._prepare()
        parts, done, position = [], 0, 0
        while (found := beginnings.search(text, position)) is not None:
            start = found.start()
            form = next((form for form in names if text.startswith(form, start)), None)
            if form is None:
                position = start + 1
                continue
            parts += [text[done:start], f"[secret {names[form]}]"]
            done = position = start + len(form)
        return "".join((*parts, text[done:])) if parts else text

    def _prepare(self) -> tuple[re.Pattern[str], Mapping[str, str]]:
        """A pattern of what forms begin with, for a pattern of whole keys takes long to make; and form -> name."""
        names: dict[str, str] = {}
        for name, value in sorted(self._values.items()):
            for form in _forms(value):
                names.setdefault(form, name)
        # The longest first: what begins at one place is replaced as a whole.
        names = dict(sorted(names.items(), key=lambda item: -len(item[0])))
        beginnings = {form[:_BEGINNING_LENGTH] for form in names}
        return re.compile("|".join(map(re.escape, sorted(beginnings))) or r"(?!)"), names


def redactor(values: Mapping[str, str]) -> Callable[[str], str] | None:
    """What hides these values; None when there are none, so that nodes without secrets pay nothing."""
    return Redactor(values) if values else None


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
