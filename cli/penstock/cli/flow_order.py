"""The order in which flow files are compiled: a flow after those that it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from penstock.engine.compiler.flow_file import read_flow
from penstock.engine.compiler.uses import flows_of
from penstock.wire.gen.flow_pb2 import Flow


@dataclass(frozen=True, slots=True)
class FlowFile:
    """A flow and where it was read."""

    path: Path
    flow: Flow


def read_file(path: Path) -> FlowFile:
    """Raises FlowDoesNotCompile and OSError."""
    return FlowFile(path, read_flow(path.read_bytes()))


def flow_names(flow: Flow) -> set[str]:
    """Names of the flows that it runs, without their aliases."""
    return {name.partition("@")[0] for name in flows_of(flow)}


def callees_first(files: Sequence[FlowFile]) -> list[FlowFile]:
    """Each after the files of the flows that it runs, and else as given. Those that run each other keep their order."""
    by_flow = {file.flow.flow: file for file in reversed(files)}
    ordered: dict[Path, FlowFile] = {}
    visited: set[Path] = set()

    def visit(file: FlowFile) -> None:
        if file.path in visited:
            return
        visited.add(file.path)
        for name in sorted(flow_names(file.flow) & by_flow.keys()):
            visit(by_flow[name])
        ordered[file.path] = file

    for file in files:
        visit(file)
    return list(ordered.values())
