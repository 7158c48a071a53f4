"""Finds packages and their flow files on disk."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from penstock.cli.errors import UsageError

MANIFEST = "penstock.yaml"


def find_packages(paths: Iterable[Path]) -> list[Path]:
    """The package folders that `paths` name: each one is a package, or holds some. Each folder once, in order.

    Raises UsageError for a path that is neither.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not path.is_dir():
            raise UsageError(f"{path}: expected a folder, got {'a file' if path.exists() else 'nothing'}")
        packages = [path] if (path / MANIFEST).is_file() else sorted(m.parent for m in path.glob(f"*/{MANIFEST}"))
        if not packages:
            raise UsageError(f"{path}: expected {MANIFEST} in it or in a folder below it, found none")
        found.update(dict.fromkeys(packages))
    return list(found)


def flow_files(package: Path) -> list[Path]:
    """The flow files of a package folder, by name."""
    return sorted((package / "flows").glob("*.yaml"))
