"""Servers with the package `desk`: one for all tests that do not kill theirs, and databases for those that do."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import Server, open_folder, running
from tests.pairs import database_of
from tests.pauses.people import PACKAGES


@pytest.fixture(scope="package")
def desk() -> Iterator[Server]:
    with running(PACKAGES) as server:
        yield server


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder for the data of servers."""
    folder = open_folder()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def database(place: Path) -> Iterator[str]:
    """The URL of a database for several servers."""
    with database_of(place / "data") as url:
        yield url
