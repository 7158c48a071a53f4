"""The path of a google.api.http rule: which parts of it are fields of the request."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_VARIABLE = re.compile(r"\{([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*)\}")
_LITERAL = re.compile(r"[A-Za-z0-9_.:/-]*")
# A value ends before a verb (":wait"), so ids may not contain a colon.
_SEGMENT = "[^/:]+"


class PathTemplateError(ValueError):
    """A path that this generator cannot turn into a route."""


@dataclass(frozen=True, slots=True)
class PathVariable:
    """`name` is an identifier, unique in its path; `field` is the dotted path of the request field it fills."""

    name: str
    field: str


@dataclass(frozen=True, slots=True)
class PathTemplate:
    """Literals and variables in turn: one literal more than variables, some of them empty."""

    literals: tuple[str, ...]
    variables: tuple[PathVariable, ...]

    @property
    def openapi(self) -> str:
        """As OpenAPI writes it: /v1/things/{id}:wait."""
        return self._join("{" + variable.name + "}" for variable in self.variables)

    @property
    def aiohttp(self) -> str:
        """As aiohttp's router wants it: /v1/things/{id:[^/:]+}:wait."""
        return self._join("{" + variable.name + ":" + _SEGMENT + "}" for variable in self.variables)

    @property
    def shape(self) -> str:
        """Equal for two templates that take the same paths."""
        return self._join("{}" for _ in self.variables)

    def _join(self, variables: Iterable[str]) -> str:
        pairs = zip(variables, self.literals[1:], strict=True)
        return self.literals[0] + "".join(variable + literal for variable, literal in pairs)


def parse_path_template(text: str) -> PathTemplate:
    """Takes /literal/{field}, {field.inner} and a trailing :verb.

    Raises PathTemplateError for the forms of google.api.http that we do not use: {field=pattern}, *, **.
    """
    pieces = _VARIABLE.split(text)
    literals, fields = pieces[::2], pieces[1::2]
    for literal in literals:
        if not _LITERAL.fullmatch(literal):
            raise PathTemplateError(f'path "{text}": expected literals and {{field}}, found "{literal}"')
    if not text.startswith("/"):
        raise PathTemplateError(f'path "{text}": expected a "/" at its start')
    names = [field.rpartition(".")[2] for field in fields]
    if len(set(names)) != len(names):
        raise PathTemplateError(f'path "{text}": expected each field once')
    return PathTemplate(tuple(literals), tuple(map(PathVariable, names, fields)))
