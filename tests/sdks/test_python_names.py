"""Python clients of awkward messages: whatever they are called, they compile, import and go through unchanged."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.types import TypePool
from tests.sdks import awkward, python_names
from tests.sdks.filled import fill
from tests.sdks.pips import HERE, Environment, unpack

ROUND_TRIP = HERE / "python_round_trip.py"
ARTIFACTS = (*python_names.EVERY, awkward.reserved_types, awkward.same_names)


@pytest.fixture(scope="module")
def equipped(environment: Environment) -> Environment:
    environment.install("grpcio", "betterproto2", "betterproto==2.0.0b7")
    return environment


@pytest.mark.parametrize("flavour", ["betterproto2", "betterproto"])
@pytest.mark.parametrize("make", ARTIFACTS, ids=lambda make: make.__name__)
def test_messages_go_through_unchanged(
    make: Callable[[], Artifact], flavour: str, equipped: Environment, tmp_path: Path
) -> None:
    artifact = make()
    message = TypePool(artifact.descriptors).message(artifact.input_type)
    given = fill(message())
    given.MergeFromString(b"\xf8\xff\xff\xff\x0f\x07")  # Field 2^29 - 1, which nobody knows here.
    folder = unpack(artifact, tmp_path, flavour)

    asked = [[f"penstock_{artifact.flow}", "Input", b64encode(given.SerializeToString()).decode()]]
    (came,) = json.loads(equipped.run(str(ROUND_TRIP), given=json.dumps(asked), paths=(folder,)))

    assert message.FromString(b64decode(came)) == given
