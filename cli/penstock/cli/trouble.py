"""What keeps packages and flows from being compiled, for the person who has to mend it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from penstock.cli.errors import Refused
from penstock.cli.table import one_line
from penstock.engine.domain.errors import FlowDoesNotCompile, PackageProblems, PenstockError


@dataclass(frozen=True, slots=True)
class Trouble:
    """Everything that is wrong with one package folder or one flow file."""

    path: Path
    problems: tuple[str, ...]


def trouble(path: Path, error: PenstockError | Refused) -> Trouble:
    """What `error` says about `path`, one problem a line where it knows them apart."""
    match error:
        case PackageProblems() | FlowDoesNotCompile():
            problems = tuple(map(str, error.problems))
        case Refused():
            problems = error.violations
        case _:
            problems = ()
    return Trouble(path, problems or (str(error),))


def report(troubles: Iterable[Trouble]) -> None:
    """Writes one line a problem to stderr, each with the file it is in."""
    for found in troubles:
        for problem in found.problems:
            print(f"{found.path}: {one_line(problem)}", file=sys.stderr)
