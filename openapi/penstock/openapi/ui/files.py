"""Reads the hand-written files that the pages are made of."""

from __future__ import annotations

from importlib.resources import files

STYLES = ("base.css", "navigation.css", "operation.css", "try_it.css")
"""What both pages look like."""

SCRIPTS = (
    "dom.js",
    "theme.js",
    "json.js",
    "event_stream.js",
    "references.js",
    "schema.js",
    "sample.js",
    "fields.js",
    "key.js",
    "words.js",
    "status.js",
    "frames.js",
    "shell.js",
    "recipes.js",
)
"""What both pages can do."""


def text(name: str) -> str:
    """The file `name`, by its path below this package."""
    return files(__package__).joinpath(name).read_text("utf-8")


def joined(folder: str, *names: str) -> str:
    """The files as one, in this order. Scripts share one module scope, so none of them imports another."""
    return "\n".join(text(f"{folder}/{name}") for name in names)
