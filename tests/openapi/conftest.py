"""Messages of proto files that tests write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pool import DescriptorPool

from penstock.codegen.comments import read_comments
from penstock.codegen.protoc import read_protos


class Compiled:
    """The messages of one proto file of package "test", and its comments."""

    def __init__(self, root: Path, text: str) -> None:
        (root / "penstock").mkdir()
        (root / "penstock/test.proto").write_text(f'syntax = "proto3";\npackage test;\n{text}')
        files = read_protos(root).proto_file
        self.comments = read_comments(files)
        self.pool = DescriptorPool()
        for file in files:
            self.pool.AddSerializedFile(file.SerializeToString())

    def message(self, name: str) -> Descriptor:
        return self.pool.FindMessageTypeByName(f"test.{name}")


@pytest.fixture
def compiled(tmp_path: Path) -> Callable[[str], Compiled]:
    return lambda text: Compiled(tmp_path, text)
