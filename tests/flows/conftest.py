"""One server for all of these tests, and its two faces."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from tests.flows.faces import Face, GrpcFace, HttpFace
from tests.harness import Server, running

PACKAGES = Path(__file__).parent / "packages"


@pytest.fixture(scope="package")
def kit() -> Iterator[Server]:
    """A server with the package `kit`; tests share it and must not stop it."""
    with running(PACKAGES) as server:
        yield server


@pytest.fixture(scope="package")
def channel(kit: Server) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(kit.info["grpc_address"]) as channel:
        yield channel


@pytest.fixture(params=["http", "grpc"])
def face(request: pytest.FixtureRequest, kit: Server, channel: grpc.Channel) -> Face:
    return HttpFace(kit) if request.param == "http" else GrpcFace(kit, channel)
