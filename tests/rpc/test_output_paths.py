"""An output that JSON has no form for is told of with its path."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from penstock.engine.rpc.messages import payload_struct
from penstock.engine.runtime.programs.program import Program
from penstock.wire.gen.execution_pb2 import Execution
from penstock.wire.json import JsonError
from penstock.wire.scopes import EVERYTHING
from penstock.wire.types import TypePool, descriptor_set


def test_the_path_begins_at_the_output() -> None:
    program = cast(Program, SimpleNamespace(types=TypePool(descriptor_set(Execution.DESCRIPTOR.file)), sensitive=None))
    late = Execution()
    late.create_time.seconds = 10**15
    with pytest.raises(JsonError, match=r"^output\.create_time: expected a valid google\.protobuf\.Timestamp"):
        payload_struct(program, "penstock.v1.Execution", late.SerializeToString(), EVERYTHING)
