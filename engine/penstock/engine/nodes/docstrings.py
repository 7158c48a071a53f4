"""Reads what authors write on dataclasses and enums: their docstrings, and the strings below their fields."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from itertools import pairwise

Written = Mapping[str, ast.ClassDef]
"""The classes of a module as they were written, by their qualified names."""


def read_docstrings(classes: Iterable[type]) -> dict[str, dict[str, str]]:
    """Name of each class -> name of each field or member that has a text -> its text, "" for the class itself.

    Python keeps no strings below fields, so they are read from the source; where that is gone there are none. Each
    module is read once.
    """
    modules: dict[str, Written] = {}
    texts = {}
    for cls in classes:
        if cls.__module__ not in modules:
            modules[cls.__module__] = _written(cls.__module__)
        texts[cls.__name__] = {name: text for name, text in _texts(cls, modules[cls.__module__]) if text}
    return texts


def _written(module: str) -> Written:
    found: dict[str, ast.ClassDef] = {}

    def visit(node: ast.AST, within: str) -> None:
        for inner in ast.iter_child_nodes(node):
            match inner:
                case ast.ClassDef(name=name):
                    found.setdefault(within + name, inner)
                    visit(inner, f"{within}{name}.")
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    visit(inner, f"{within}{name}.<locals>.")
                case ast.stmt() | ast.ExceptHandler() | ast.match_case():
                    visit(inner, within)

    try:
        visit(ast.parse(inspect.getsource(sys.modules[module])), "")
    except (KeyError, OSError, SyntaxError, TypeError):
        return {}
    return found


def _texts(cls: type, written: Written) -> Iterator[tuple[str, str]]:
    own = vars(cls).get("__doc__") or ""
    if not (is_dataclass(cls) and own.startswith(f"{cls.__name__}(")):  # what dataclass makes up itself
        yield "", inspect.cleandoc(own)
    body = written[cls.__qualname__].body if cls.__qualname__ in written else []
    for field, following in pairwise(body):
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            targets = field.targets if isinstance(field, ast.Assign) else [getattr(field, "target", None)]
            target = targets[0] if len(targets) == 1 else None
            if isinstance(target, ast.Name) and isinstance(following.value.value, str):
                yield target.id, inspect.cleandoc(following.value.value)
