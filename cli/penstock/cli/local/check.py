"""Compiles packages and flows in this process: everything that a server would refuse, without one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from penstock.cli.flow_order import FlowFile, callees_first, read_file
from penstock.cli.folders import flow_files
from penstock.cli.trouble import Trouble, trouble
from penstock.engine.compiler.compile import compile_flow
from penstock.engine.compiler.uses import flows_of
from penstock.engine.domain.errors import PenstockError
from penstock.engine.nodes.archive import digest, pack
from penstock.engine.nodes.loader import load_package
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.package_pb2 import Package


async def check(folders: Sequence[Path]) -> tuple[list[Artifact], list[Trouble]]:
    """What the packages' flows compile to, and everything that is wrong. Their code is imported."""
    packages: dict[str, Package] = {}
    artifacts: dict[Path, Artifact] = {}
    troubles: list[Trouble] = []
    for folder in folders:
        try:
            loaded = await load_package(folder, digest(pack(folder)), None)
            packages[loaded.name] = loaded.to_proto()
        except PenstockError as error:
            troubles.append(trouble(folder, error))
    files = [file for folder in folders for file in flow_files(folder)]
    flows: list[FlowFile] = []
    for path in files:
        try:
            flows.append(read_file(path))
        except PenstockError as error:
            troubles.append(trouble(path, error))
    compiled: dict[str, Artifact] = {}
    for file in callees_first(flows):
        # There are no aliases without a server: a sub-flow is what the folders say.
        subflows = {
            name: artifact for name in flows_of(file.flow) if (artifact := compiled.get(name.partition("@")[0]))
        }
        try:
            compiled[file.flow.flow] = artifacts[file.path] = compile_flow(file.flow, packages, subflows)
        except PenstockError as error:
            troubles.append(trouble(file.path, error))
    in_order = [artifacts[path] for path in files if path in artifacts]
    return in_order, sorted(troubles, key=lambda found: [*folders, *files].index(found.path))
