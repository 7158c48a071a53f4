"""Reads what authors write on dataclasses and enums: their docstrings, and the strings below their fields."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import is_dataclass
from itertools import pairwise


def read_docstrings(cls: type) -> dict[str, str]:
    """Name of each field or member that has a text -> its text, "" for the class itself.

    Python keeps no strings below fields, so they are read from the source; where that is gone there are none.
    """
    return {name: text for name, text in _texts(cls) if text}


def _texts(cls: type) -> Iterator[tuple[str, str]]:
    written = vars(cls).get("__doc__") or ""
    if not (is_dataclass(cls) and written.startswith(f"{cls.__name__}(")):  # what dataclass makes up itself
        yield "", inspect.cleandoc(written)
    try:
        body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    except (OSError, SyntaxError, TypeError):
        return
    for field, following in pairwise(getattr(body, "body", [])):
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            targets = field.targets if isinstance(field, ast.Assign) else [getattr(field, "target", None)]
            target = targets[0] if len(targets) == 1 else None
            if isinstance(target, ast.Name) and isinstance(following.value.value, str):
                yield target.id, inspect.cleandoc(following.value.value)
