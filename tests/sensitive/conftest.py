"""One engine with flows that have sensitive fields, and keys that may do everything but see those."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from penstock.wire.scopes import ADMIN, PAYLOADS_SENSITIVE, VERBS
from tests.harness import open_folder
from tests.keys.ward import Ward

VAULT = Path(__file__).parent / "packages" / "vault"


@pytest.fixture(scope="package")
def vault() -> Iterator[Ward]:
    folder = open_folder()
    made = Ward(folder / "data")
    made.publish(package=VAULT)
    yield made
    made.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="package")
def blind(vault: Ward) -> str:
    return vault.key(*(verb for verb in VERBS if verb not in (ADMIN, PAYLOADS_SENSITIVE)))
