"""A stage for all tests; long runs are asked for with --soak (tests/conftest.py)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.durable.stage import Stage


@pytest.fixture(scope="package")
def the_stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.close()


@pytest.fixture
def stage(the_stage: Stage) -> Stage:
    """A running server that the test may kill; the next test finds it running again."""
    the_stage.make_ready()
    return the_stage


@pytest.fixture
def patience(request: pytest.FixtureRequest) -> int:
    """How many times as long a test with chance in it runs."""
    return 20 if request.config.getoption("--soak") else 1
