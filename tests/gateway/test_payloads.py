"""The messages of artifacts are translated where the options of the protos say so."""

from __future__ import annotations

import pytest

from penstock.gateway.payloads import ArtifactCodecs
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.artifact_service_pb2 import GetArtifactRequest
from penstock.wire.gen.invocation_service_pb2 import InvokeFlowRequest
from penstock.wire.service import Caller
from tests.gateway.fake_engine import FakeEngine, hello_artifact

ADA = Caller("ada", "key1")


@pytest.fixture
def engine() -> FakeEngine:
    def get_artifact(request: GetArtifactRequest, caller: Caller) -> Artifact:
        return hello_artifact(request.graph_id)

    return FakeEngine(answers={"get_artifact": get_artifact})


async def test_the_artifacts_used_last_are_kept(engine: FakeEngine) -> None:
    codecs = ArtifactCodecs(engine.service("ArtifactService"), artifacts_max=2)
    for graph_id in ("a", "b", "a", "c", "a", "b"):
        await codecs.of(InvokeFlowRequest(graph_id=graph_id), ADA)
    assert [request.graph_id for request in engine.requests("get_artifact")] == ["a", "b", "c", "b"]


async def test_flow_is_pinned_by_the_request_id_so_that_a_split_is_sticky(engine: FakeEngine) -> None:
    codecs = ArtifactCodecs(engine.service("ArtifactService"), artifacts_max=2)
    await codecs.of(InvokeFlowRequest(flow="hello", request_id="order-1"), ADA)
    assert engine.requests("get_artifact")[0].request_id == "order-1"


async def test_flow_without_a_request_id_is_pinned_by_chance(engine: FakeEngine) -> None:
    codecs = ArtifactCodecs(engine.service("ArtifactService"), artifacts_max=2)
    for _ in range(3):
        await codecs.of(InvokeFlowRequest(flow="hello"), ADA)
    asked = engine.requests("get_artifact")
    pins = {request.request_id for request in asked if request.view == GetArtifactRequest.BASIC}
    # Two of 64 random bits that are equal are no bad luck.
    assert len(pins - {""}) == 3
