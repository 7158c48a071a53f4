"""The schemas with every kind of field, compiled."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from penstock.wire.types import TypePool

_HERE = Path(__file__).parent


def _compiled(out: Path) -> bytes:
    protos = ["every_kind.proto", "every_edition.proto"]
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{_HERE}", "--include_imports"]
    subprocess.run([*command, f"--descriptor_set_out={out}", *protos], check=True, timeout=60)
    return out.read_bytes()


@pytest.fixture(scope="session")
def every(tmp_path_factory: pytest.TempPathFactory) -> TypePool:
    """The types of every_kind.proto and every_edition.proto."""
    return TypePool(_compiled(tmp_path_factory.mktemp("every") / "every.binpb"))
