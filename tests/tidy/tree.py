"""The files of the project: what is there and not ignored by git, found without git."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = ("wire", "openapi", "codegen", "engine", "gateway", "sdk", "cli")


@cache
def project_files() -> tuple[Path, ...]:
    """Paths relative to the root, sorted."""
    ignored = [line.strip() for line in (ROOT / ".gitignore").read_text().splitlines()]
    # A pattern with a slash inside is a path from the root, any other one a name at any depth.
    patterns = [line.rstrip("/") for line in ignored if line and not line.startswith("#")]
    return tuple(sorted(_walk(patterns)))


def part_modules() -> list[Path]:
    """Every Python module of the parts, generated ones too."""
    return [path for path in project_files() if path.parts[0] in PARTS and path.suffix == ".py"]


def is_generated(path: Path) -> bool:
    """Whether it is written by penstock.codegen."""
    return "gen" in path.parts


def _walk(patterns: list[str]) -> Iterator[Path]:
    for directory, folders, files in os.walk(ROOT):
        here = Path(directory).relative_to(ROOT)
        folders[:] = [name for name in folders if name != ".git" and not _is_ignored(here / name, patterns)]
        yield from (here / name for name in files if not _is_ignored(here / name, patterns))


def _is_ignored(path: Path, patterns: list[str]) -> bool:
    return any(path == Path(pattern) if "/" in pattern else path.match(pattern) for pattern in patterns)
