"""Finds what a flow on disk is made of: its file, those of the flows that it runs, and the packages of all of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from penstock.cli.errors import UsageError
from penstock.cli.flow_order import FlowFile, callees_first, flow_names, read_file
from penstock.cli.folders import MANIFEST, find_packages, flow_files
from penstock.engine.compiler.uses import packages_of
from penstock.engine.domain.errors import PackageProblems, PenstockError
from penstock.engine.nodes.manifest import read_manifest


@dataclass(frozen=True, slots=True)
class Sources:
    """`flows` are callees first: the last one is the flow itself. What is not on disk is left out."""

    packages: tuple[Path, ...]
    flows: tuple[FlowFile, ...]


class Unreadable(Exception):
    """The file of the flow is not a flow file. `error` says all that is wrong."""

    def __init__(self, path: Path, error: PenstockError) -> None:
        super().__init__(str(error))
        self.path = path
        self.error = error


def find_sources(path: Path, flow: str) -> Sources:
    """What flow `flow` needs of the package that `path` is, or is in, or of the packages that it holds, and then of
    the packages beside them.

    Raises UsageError when there is no such flow, and Unreadable when its file is no flow file.
    """
    home = _home(path)
    known, troubles = _read([path] if path.suffix == ".yaml" and path.name != MANIFEST else [], home)
    if flow not in known:
        for file, error in troubles.items():
            if file.stem == flow or file == path:
                raise Unreadable(file, error)
        raise UsageError(f"{path}: expected the name of one of its flows: {', '.join(sorted(known))}, got {flow}")
    beside = _beside(home)
    known = _read([], beside)[0] | known
    needed = _with_those_they_run(known[flow], known)
    wanted = {name for file in needed for name in packages_of(file.flow)}
    by_name = {_name(folder): folder for folder in (*beside, *home)}
    packages = [by_name[name] for name in sorted(wanted & by_name.keys())]
    return Sources(tuple(packages), tuple(callees_first(needed)))


def _home(path: Path) -> list[Path]:
    if not path.exists():
        raise UsageError(f"{path}: expected a package folder or a file of a package, got nothing")
    if (path / MANIFEST).is_file():
        return [path]
    for folder in _absolute(path).parents:
        if (folder / MANIFEST).is_file():
            return [_short(folder)]
    if path.is_dir():
        return find_packages([path])
    raise UsageError(f"{path}: expected a package folder or a file of a package, found no {MANIFEST} above it")


def _beside(home: Sequence[Path]) -> list[Path]:
    """The other packages in the folders that the packages are in."""
    own = {_absolute(folder) for folder in home}
    around = {folder.parent: None for folder in map(_absolute, home)}
    found = [manifest.parent for parent in around for manifest in sorted(parent.glob(f"*/{MANIFEST}"))]
    return [_short(folder) for folder in found if folder not in own]


def _absolute(path: Path) -> Path:
    """Without `..` in it, but with the links that it was named by."""
    return Path(os.path.abspath(path))


def _short(folder: Path) -> Path:
    """The folder as one would write it here."""
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def _read(files: Iterable[Path], packages: Iterable[Path]) -> tuple[dict[str, FlowFile], dict[Path, PenstockError]]:
    """The flows by name, and what is wrong with files that are none. Of two of one name the first one counts."""
    flows: dict[str, FlowFile] = {}
    troubles: dict[Path, PenstockError] = {}
    for path in (*files, *(file for folder in packages for file in flow_files(folder))):
        try:
            file = read_file(path)
        except PenstockError as error:
            troubles[path] = error
        else:
            flows.setdefault(file.flow.flow, file)
    return flows, troubles


def _with_those_they_run(first: FlowFile, known: dict[str, FlowFile]) -> list[FlowFile]:
    found = {first.flow.flow: first}
    pending = [first]
    while pending:
        for name in sorted(flow_names(pending.pop().flow) & known.keys() - found.keys()):
            found[name] = known[name]
            pending.append(known[name])
    return list(found.values())


def _name(folder: Path) -> str:
    try:
        return read_manifest(folder).name
    except PackageProblems:
        return folder.name  # most often it is its name, and then it is told what is wrong with it
