"""Compares what a document shows with what really comes.

Ids, times and lengths of time differ from run to run. An id that a document shows stands for the one that comes
in its place, everywhere in the document; a time stands for any time. "…" stands for any text within a line, and
for any lines on a line of its own. How many blanks stand together says nothing.
"""

from __future__ import annotations

import re

_ID = r"\b(?:[0-9a-f]{64}|[0-9a-f]{32}|0[0-9A-HJKMNP-TV-Z]{25})\b"
_FORM_OF_ID = {64: r"[0-9a-f]{64}", 32: r"[0-9a-f]{32}", 26: r"0[0-9A-HJKMNP-TV-Z]{25}"}

# What a document shows -> what may come in its place. The first that fits is taken.
_VOLATILE = {
    # Of the server's clock, which shows microseconds. A time without them is data.
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z",
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
    r'(?<="completed_at":) ?"?\d{10}"?': r' ?"?\d{10}"?',
    r'(?<="duration":) ?"[0-9.]+s"': r' ?"[0-9.]+s"',
    r"\b(?:\d+ ms|\d+\.\d s)\b": r"(?:\d+ ms|\d+\.\d s|\d+ min \d+ s)",
    r"127\.0\.0\.1:(?:8080|8081|50051)": r"127\.0\.0\.1:\d+",
    r"…": r".*?",
    r" +": r" +",
}
_TOKEN = re.compile(f"(?P<id>{_ID})|" + "|".join(f"({shown})" for shown in _VOLATILE))
_ANY_LINES = r"(?:.*\n)*?"


class Shown:
    """One document in the course of one run."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}

    def command(self, text: str) -> str:
        """The command with the ids of this run."""
        return re.sub(_ID, lambda found: self._ids.get(found[0], found[0]), text)

    def matches(self, shown: str, came: str) -> bool:
        """Whether `came` is what the document shows; if so, the ids in it are known from now on."""
        new: list[str] = []
        found = re.fullmatch(self._pattern(shown, new), _plain(came))
        if found is None:
            return False
        self._ids |= {id: found[f"id{number}"] for number, id in enumerate(new)}
        return True

    def _pattern(self, shown: str, new: list[str]) -> str:
        lines = (_ANY_LINES if line == "…" else self._line(line, new) + r"\n" for line in _plain(shown).splitlines())
        return "".join(lines)

    def _line(self, line: str, new: list[str]) -> str:
        pattern, end = "", 0
        for token in _TOKEN.finditer(line):
            pattern += re.escape(line[end : token.start()]) + self._token(token, new)
            end = token.end()
        return pattern + re.escape(line[end:])

    def _token(self, token: re.Match[str], new: list[str]) -> str:
        id = token["id"]
        if id is None:
            return list(_VOLATILE.values())[(token.lastindex or 0) - 2]
        if id in self._ids:
            return re.escape(self._ids[id])
        if id in new:
            return f"(?P=id{new.index(id)})"
        new.append(id)
        return f"(?P<id{len(new) - 1}>{_FORM_OF_ID[len(id)]})"


def _plain(text: str) -> str:
    """Without blanks at the ends of lines and empty lines around, every line with its end."""
    lines = "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")
    return f"{lines}\n" if lines else ""
