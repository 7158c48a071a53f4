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
def redo() -> Iterator[Server]:
    """A server with the package `redo`; tests share it and must not stop it."""
    with running(PACKAGES) as server:
        yield server


@pytest.fixture(params=["http", "grpc"])
def face(request: pytest.FixtureRequest, redo: Server) -> Iterator[Face]:
    if request.param == "http":
        yield HttpFace(redo)
        return
    with grpc.insecure_channel(redo.info["grpc_address"]) as channel:
        yield GrpcFace(redo, channel)


@pytest.fixture
def wall(tmp_path: Path) -> Path:
    """A file that takes the wall away as soon as it is there."""
    return tmp_path / "door"


def streamed(server: Server, wall: Path) -> str:
    """An execution of the pipeline, once it has ended."""
    body = {"flow": "streamed", "input": {"key": str(wall)}}
    frames = list(server.stream("POST", "/invocations/v1/flows/invoke/stream", body))
    return str(server.wait(frames[-1].json["execution_id"])["execution_id"])
