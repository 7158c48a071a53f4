"""A time in the text of an error is written as in a field of an answer."""

from __future__ import annotations

import pytest
from google.protobuf.descriptor_pool import Default

from penstock.wire.gen.execution_pb2 import Execution
from penstock.wire.json import JsonCodec
from penstock.wire.rfc3339 import rfc3339


@pytest.mark.parametrize(
    ("time_us", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_795_318_355_000_000, "2026-11-22T03:32:35Z"),
        (1_795_318_355_348_000, "2026-11-22T03:32:35.348Z"),
        (1_795_318_355_348_010, "2026-11-22T03:32:35.348010Z"),
    ],
)
def test_a_time_is_written_as_in_an_answer(time_us: int, text: str) -> None:
    execution = Execution()
    execution.create_time.FromMicroseconds(time_us)
    assert rfc3339(time_us) == JsonCodec(Default()).encoder(Execution.DESCRIPTOR)(execution)["create_time"] == text
