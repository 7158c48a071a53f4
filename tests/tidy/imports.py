"""Reads what modules import, with ast: nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.tidy.tree import ROOT


def module_name(path: Path) -> str:
    """The dotted name of a module of a part: the path below the part's root."""
    return ".".join(path.relative_to(path.parts[0]).with_suffix("").parts).removesuffix(".__init__")


@cache
def syntax(path: Path) -> ast.Module:
    """The syntax tree of a project file."""
    return ast.parse((ROOT / path).read_bytes(), str(path))


def imported_modules(path: Path) -> set[str]:
    """Dotted names of everything that the module imports, anywhere in it; of `from x import y` both x and x.y."""
    return set(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    package = module_name(path).split(".")
    if path.name != "__init__.py":
        package.pop()
    for found in ast.walk(syntax(path)):
        if isinstance(found, ast.Import):
            yield from (alias.name for alias in found.names)
        elif isinstance(found, ast.ImportFrom):
            base = package[: len(package) - found.level + 1] if found.level else []
            source = ".".join([*base, *([found.module] if found.module else [])])
            yield source
            yield from (f"{source}.{alias.name}" for alias in found.names)
