"""A server whose nodes fail, wait and tell as their input says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import Server, running

PACKAGES = Path(__file__).parent / "packages"


@pytest.fixture(scope="package")
def trips() -> Iterator[Server]:
    """Tests share it and must not stop it."""
    with running(PACKAGES) as server:
        yield server
