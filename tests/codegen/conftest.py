"""Projects to generate from: ours, and copies of its protos with one thing changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from penstock.codegen.model import Api, build_api
from penstock.codegen.project import PROTOS
from penstock.codegen.protoc import read_protos

Doctor = Callable[[str, str, str], Api]


@pytest.fixture(scope="session")
def api() -> Api:
    return build_api(read_protos(PROTOS))


@pytest.fixture
def doctored(tmp_path: Path) -> Doctor:
    """Gives the API in which, in the named proto file, one piece of text is replaced by another."""
    shutil.copytree(PROTOS / "penstock", tmp_path / "penstock")

    def build(file: str, old: str, new: str) -> Api:
        path = tmp_path / "penstock/v1" / file
        text = path.read_text()
        assert text.count(old) == 1
        path.write_text(text.replace(old, new))
        return build_api(read_protos(tmp_path))

    return build
