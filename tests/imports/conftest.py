"""One server and two accounts: where executions run, and where they are imported."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Iterator

import grpc
import pytest

from tests.export.conftest import depot as depot
from tests.harness import Server


@pytest.fixture(scope="package")
def study(depot: Server) -> Server:
    """The server as an account sees it that has no flow."""
    words = ("keys", "create", "study", "--account", "study", "--data-dir", str(depot.data_dir))
    made = subprocess.run([sys.executable, "-m", "penstock.cli", *words], capture_output=True, text=True, timeout=60)
    assert made.returncode == 0, made.stderr
    other = copy.copy(depot)
    other.info = {**depot.info, "api_key": made.stdout.strip()}
    return other


@pytest.fixture(scope="package")
def channel(study: Server) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(study.info["grpc_address"]) as channel:
        yield channel
