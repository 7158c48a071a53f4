"""A runtime in memory, as in tests/runtime, and a server whose flows are pipelines."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import Server, open_folder
from tests.runtime.conftest import memory, runtime

__all__ = ["memory", "runtime"]

PACKAGES = Path(__file__).parent / "packages"


@pytest.fixture(scope="session")
def streams() -> Iterator[Server]:
    """A server with the package `streams`; nobody may kill it."""
    folder = open_folder()
    running = Server(folder / "data", PACKAGES).start()
    yield running
    running.end()
    shutil.rmtree(folder)
