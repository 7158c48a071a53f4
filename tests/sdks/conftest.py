"""What the tests of the clients share: one server, and one installation in each language."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from penstock.wire.gen.artifact_pb2 import Artifact
from tests.harness import Server, running
from tests.sdks.npm import Project
from tests.sdks.pips import HERE, Environment, write_archive

FLOWS = ("ask", "echo", "fail", "fill", "hear", "pour", "stall", "tick", "write")


@pytest.fixture(scope="package")
def vectors_server() -> Iterator[Server]:
    """A server with the packages vectors and people; tests share it and must not stop it."""
    with running(HERE / "packages") as server:
        yield server


@pytest.fixture(scope="package")
def artifacts(vectors_server: Server) -> dict[str, Artifact]:
    """Flow -> its artifact in the FULL view."""
    return {flow: fetch(vectors_server, flow) for flow in FLOWS}


def fetch(server: Server, flow: str) -> Artifact:
    path = f"/flows/v1/artifacts/{flow}?view=FULL"
    answer = server.request("GET", path, headers={"Accept": "application/x-protobuf"})
    assert answer.status == 200, answer.body
    return Artifact.FromString(answer.body)


@pytest.fixture(scope="package")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Made once: what is installed stays for the tests after it."""
    return Environment(tmp_path_factory.mktemp("environment"))


@pytest.fixture(scope="package")
def python_clients(
    environment: Environment, artifacts: dict[str, Artifact], tmp_path_factory: pytest.TempPathFactory
) -> Environment:
    """The environment with the client of each flow."""
    folder = tmp_path_factory.mktemp("archives")
    environment.install_archives(*(write_archive(artifact, folder) for artifact in artifacts.values()))
    return environment


@pytest.fixture(scope="package")
def typescript_clients(artifacts: dict[str, Artifact], tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with the client of each flow."""
    made = Project(tmp_path_factory.mktemp("project"))
    made.install(*artifacts.values())
    return made
