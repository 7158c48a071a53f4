"""A server of the tests' own account, in this process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from penstock.engine.domain.audit import Audited
from tests.harness import open_folder
from tests.keys.ward import Ward


@pytest.fixture(scope="module")
def ward() -> Iterator[Ward]:
    folder = open_folder()
    ward = Ward(folder / "data", audited=Audited.ALL)
    ward.publish()
    yield ward
    ward.stop()
    shutil.rmtree(folder)
