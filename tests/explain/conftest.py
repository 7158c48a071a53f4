"""A server with the flows of two other tests: each waits in its own way."""

from __future__ import annotations

from collections.abc import Iterator

import grpc
import pytest

from tests.flows.conftest import PACKAGES as KIT
from tests.harness import Server, running
from tests.pauses.people import PACKAGES as DESK


@pytest.fixture(scope="package")
def watched() -> Iterator[Server]:
    """Tests share it and must not stop it."""
    with running(KIT, DESK) as server:
        yield server


@pytest.fixture(scope="package")
def watched_channel(watched: Server) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(watched.info["grpc_address"]) as channel:
        yield channel
