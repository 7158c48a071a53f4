"""Compiles packages and flows in this process: everything that a server would refuse, without one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from penstock.cli.folders import flow_files
from penstock.cli.trouble import Trouble, trouble
from penstock.engine.compiler.compile import compile_flow
from penstock.engine.compiler.flow_file import read_flow
from penstock.engine.domain.errors import PenstockError
from penstock.engine.nodes.archive import digest, pack
from penstock.engine.nodes.loader import load_package
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.package_pb2 import Package


async def check(folders: Sequence[Path]) -> tuple[list[Artifact], list[Trouble]]:
    """What the packages' flows compile to, and everything that is wrong. Their code is imported."""
    packages: dict[str, Package] = {}
    artifacts: list[Artifact] = []
    troubles: list[Trouble] = []
    for folder in folders:
        try:
            loaded = await load_package(folder, digest(pack(folder)), None)
            packages[loaded.name] = loaded.to_proto()
        except PenstockError as error:
            troubles.append(trouble(folder, error))
    for file in (file for folder in folders for file in flow_files(folder)):
        try:
            artifacts.append(compile_flow(read_flow(file.read_bytes()), packages))
        except PenstockError as error:
            troubles.append(trouble(file, error))
    return artifacts, troubles
