"""Fixtures that every test may use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.harness import EXAMPLES, Server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server with the examples; tests share it and must not kill it."""
    running = Server(tmp_path_factory.mktemp("shared") / "data", EXAMPLES).start()
    yield running
    running.stop()
