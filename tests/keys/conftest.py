"""One engine for all tests of keys."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.harness import open_folder
from tests.keys.ward import Ward


@pytest.fixture(scope="package")
def ward() -> Iterator[Ward]:
    folder = open_folder()
    made = Ward(folder / "data")
    made.publish()
    yield made
    made.stop()
    shutil.rmtree(folder)
