"""What a JSON Schema needs beside a descriptor: comments, names and the fields that JSON shows differently."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Schema = dict[str, Any]
"""A JSON Schema of the 2020-12 draft, which is also that of OpenAPI 3.1."""


@dataclass(frozen=True, slots=True)
class PayloadMember:
    """The member that JSON shows in place of a bytes field, or of a field that is called like it."""

    name: str
    schema: Schema


@dataclass(frozen=True, slots=True)
class Form:
    """How messages are described.

    `prefix` is what references to definitions start with; `package` is left out of the names of definitions.
    `comments` maps the full name of a message, field, enum or enum value (below its enum) to Markdown.
    `payloads` maps full names of bytes fields. `hidden` are full names of fields that JSON does not show.
    `bounds` maps the full name of a field to the schema that it has instead of that of its type.
    `open_messages` are full names of messages that may get more members later: their schemas allow others.
    `taken` are names of definitions that stand for something else already.
    """

    prefix: str = "#/$defs/"
    package: str = ""
    comments: Mapping[str, str] = field(default_factory=dict)
    payloads: Mapping[str, PayloadMember] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    bounds: Mapping[str, Schema] = field(default_factory=dict)
    open_messages: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()

    def definition(self, full_name: str) -> str:
        """Name of the definition of a message or an enum."""
        name = full_name.removeprefix(f"{self.package}.") if self.package else full_name
        return f"{name}-message" if name in self.taken else name  # no name of a message has a "-"
