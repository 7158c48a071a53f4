"""The schemas with every kind of field, compiled, and one hypothesis profile for all property tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from penstock.wire.types import TypePool

_HERE = Path(__file__).parent

# The same examples in each run, on any machine: a failure here is a change of ours.
settings.register_profile(
    "wire",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("wire")


def _compiled(out: Path) -> bytes:
    protos = ["every_kind.proto", "every_edition.proto"]
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{_HERE}", "--include_imports"]
    subprocess.run([*command, f"--descriptor_set_out={out}", *protos], check=True, timeout=60)
    return out.read_bytes()


@pytest.fixture(scope="session")
def every(tmp_path_factory: pytest.TempPathFactory) -> TypePool:
    """The types of every_kind.proto and every_edition.proto."""
    return TypePool(_compiled(tmp_path_factory.mktemp("every") / "every.binpb"))
