"""Filters that a user saved: a file in the folder for settings of programs (XDG Base Directory)."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from penstock.cli.errors import UsageError


@dataclass(frozen=True, slots=True)
class Query:
    """A filter, and the order of its list; "" for the usual one."""

    filter: str
    order_by: str = ""


def path() -> Path:
    """Where they are. An XDG_CONFIG_HOME that is not absolute counts as none, as its specification says."""
    home = os.environ.get("XDG_CONFIG_HOME", "")
    folder = Path(home) if os.path.isabs(home) else Path.home() / ".config"
    return folder / "penstock" / "queries.json"


def load() -> dict[str, Query]:
    """All of them by name. Raises UsageError when the file cannot be read."""
    file = path()
    try:
        return {name: Query(**members) for name, members in json.loads(file.read_text(encoding="utf-8")).items()}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from None
    except (ValueError, TypeError, AttributeError):
        raise UsageError(f"{file}: expected saved queries, got something else; correct or remove it") from None


def store(queries: Mapping[str, Query]) -> None:
    """Puts all of them in the place of what was there, at once or not at all. Raises UsageError."""
    file = path()
    text = json.dumps({name: asdict(query) for name, query in sorted(queries.items())}, indent=2, ensure_ascii=False)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        number, made = tempfile.mkstemp(dir=file.parent, prefix=".queries")
        with os.fdopen(number, "w", encoding="utf-8") as stream:
            stream.write(text + "\n")
        os.replace(made, file)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from None


def find(name: str) -> Query:
    """Raises UsageError that names those that there are."""
    queries = load()
    if name not in queries:
        known = f"there is {', '.join(sorted(queries))}" if queries else "none is saved"
        raise UsageError(f"there is no saved query {name}; {known}")
    return queries[name]


def narrowed(given: str, query: Query | None) -> str:
    """What a filter on the command line and a saved one both let through.

    OR binds more tightly than AND, so neither needs parentheses; what was typed comes first, where errors count from.
    """
    return " AND ".join(filter(None, (given.strip(), query.filter if query else "")))
