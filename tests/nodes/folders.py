"""Writes small package folders and loads them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from penstock.engine.domain.errors import PackageProblems
from penstock.engine.nodes.archive import digest, pack
from penstock.engine.nodes.loader import load_package
from penstock.engine.nodes.package import LoadedNode, LoadedPackage
from penstock.wire.types import TypePool

IMPORTS = """\
import enum
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any

from penstock.sdk import node, pipeline

"""


def write_package(folder: Path, files: dict[str, str]) -> Path:
    for name, text in ({"penstock.yaml": "name: shop\n"} | files).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


async def load(folder: Path, files: dict[str, str], earlier: bytes | None = None) -> LoadedPackage:
    """Loads a package of these files; penstock.yaml is there unless given. The folder gets its content's digest."""
    root = write_package(folder, files)
    return await load_package(root, digest(pack(root)), earlier)


async def load_nodes(folder: Path, nodes: str, earlier: bytes | None = None) -> LoadedPackage:
    """Loads a package whose nodes.py begins with the usual imports."""
    return await load(folder, {"nodes.py": IMPORTS + nodes}, earlier)


async def load_echo(folder: Path, classes: str) -> LoadedNode:
    """Loads a package with one node, which takes and gives the class Box."""
    package = await load_nodes(folder, f"{classes}\n@node\ndef echo(request: Box) -> Box:\n    return request\n")
    return package.nodes["echo"]


async def problems_of(folder: Path, files: dict[str, str]) -> list[str]:
    """What keeps a package of these files from loading, a line each."""
    with pytest.raises(PackageProblems) as caught:
        await load(folder, files)
    return [str(problem) for problem in caught.value.problems]


async def problems_of_nodes(folder: Path, nodes: str) -> list[str]:
    return await problems_of(folder, {"nodes.py": IMPORTS + nodes})


def json_of(package: LoadedPackage, message: str) -> tuple[Callable[[Any], bytes], Callable[[bytes], Any]]:
    """From the JSON form of a message to its bytes, and back."""
    types = TypePool(package.descriptors)
    descriptor = types.descriptor(message)
    decode, encode = types.json.decoder(descriptor), types.json.encoder(descriptor)
    parse = types.message(message).FromString
    return lambda value: decode(value).SerializeToString(), lambda data: encode(parse(data))
