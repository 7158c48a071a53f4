"""A runtime in memory, as in tests/runtime, and a server whose flows are pipelines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import Server, running
from tests.runtime.conftest import memory, runtime

__all__ = ["memory", "runtime"]

PACKAGES = Path(__file__).parent / "packages"


@pytest.fixture(scope="package")
def streams() -> Iterator[Server]:
    """A server with the package `streams`; nobody may kill it."""
    with running(PACKAGES) as server:
        yield server
