"""A server whose flows do all that a log can tell of, and one client of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from tests.e2e.conftest import PACKAGES as LAB
from tests.flows.conftest import PACKAGES as KIT
from tests.harness import EXAMPLES, Server, running


@pytest.fixture(scope="package")
def depot() -> Iterator[Server]:
    """Tests share it and must not stop it."""
    with running(EXAMPLES, KIT, LAB / "steps", Path(__file__).parent / "packages") as server:
        yield server


@pytest.fixture(scope="package")
def channel(depot: Server) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(depot.info["grpc_address"]) as channel:
        yield channel
