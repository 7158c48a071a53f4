"""Servers for tests that need other packages than the examples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.harness import Server, running

PACKAGES = Path(__file__).parent / "packages"
ODD = Path(__file__).parent / "odd"


@pytest.fixture(scope="package")
def lab() -> Iterator[Server]:
    """A server with nodes that misbehave or do as the test says; tests share it and must not stop it."""
    with running(PACKAGES) as server:
        yield server


@pytest.fixture(scope="package")
def odd() -> Iterator[Server]:
    """A server with a package whose messages use all that proto can say; tests share it and must not stop it."""
    with running(ODD) as server:
        yield server


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Starts a server with the packages in the given folders, for one test."""
    with ExitStack() as stack:
        yield lambda *paths: stack.enter_context(running(*paths))
