"""One server with the package `shop`, shared by all of these tests, and its gRPC face."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from tests.harness import Server, running
from tests.policies.rules import Case

PACKAGES = Path(__file__).parent / "packages"


@pytest.fixture(scope="package")
def shop() -> Iterator[Server]:
    """Tests share it and must not stop it. Their policies are about executions with a label of their own."""
    with running(PACKAGES) as server:
        yield server


@pytest.fixture(scope="package")
def shop_channel(shop: Server) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(shop.info["grpc_address"]) as channel:
        yield channel


@pytest.fixture
def case(shop: Server) -> Iterator[Case]:
    case = Case(shop)
    yield case
    case.close()
