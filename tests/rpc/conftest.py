"""A real engine for pytest-grpc's fixtures: its own address, channel and stub fixtures over a real socket.

Only `grpc_server` is overridden: the stock one hosts synchronous servicers alone.
"""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

import grpc
import pytest

from penstock.cli.flow_order import callees_first, read_file
from penstock.engine.app.engine import EngineProcess
from penstock.engine.app.settings import Settings
from penstock.engine.nodes import archive
from penstock.wire.gen import flow_service_pb2, flow_service_pb2_grpc, package_service_pb2, package_service_pb2_grpc
from tests.clusters import furnish
from tests.harness import EXAMPLES, open_folder
from tests.rpc.versioned import Flows

_T = TypeVar("_T")
_ACCOUNT = "contract"


class LoopThread:
    """An event loop of its own, for code that lives beside synchronous tests."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(60)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()


@pytest.fixture(scope="module")
def grpc_server(grpc_addr: str) -> Iterator[EngineProcess]:
    folder = open_folder()
    loop = LoopThread()
    host, _, port = grpc_addr.rpartition(":")
    furnish(folder / "data")
    engine = EngineProcess(Settings(folder / "data", None, host, int(port), drain_s=1))
    loop.run(engine.start())
    engine.test_key = loop.run(engine.face.keys.create(_ACCOUNT, "tests"))  # type: ignore[attr-defined]
    yield engine
    loop.run(engine.drain())
    loop.run(engine.stop())
    loop.close()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def metadata(grpc_server: Any) -> tuple[tuple[str, str], ...]:
    """What a caller with a key sends."""
    return (("authorization", f"Bearer {grpc_server.test_key}"),)


@pytest.fixture(scope="module")
def examples(grpc_channel: grpc.Channel, metadata: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """The examples, published and compiled over gRPC: flow -> graph_id."""
    packages = package_service_pb2_grpc.PackageServiceStub(grpc_channel)
    flows = flow_service_pb2_grpc.FlowServiceStub(grpc_channel)
    compiled = {}
    for folder in sorted(EXAMPLES.iterdir()):
        request = package_service_pb2.PublishPackageRequest(archive=archive.pack(folder))
        packages.PublishPackage(request, metadata=metadata)
    for file in callees_first([read_file(path) for path in sorted(EXAMPLES.glob("*/flows/*.yaml"))]):
        flow = file.flow
        artifact = flows.CompileFlow(
            flow_service_pb2.CompileFlowRequest(flow=flow.flow, definition=flow), metadata=metadata
        )
        compiled[flow.flow] = artifact.graph_id
    return compiled


Refused = Callable[..., grpc.RpcError]


@pytest.fixture
def refused(metadata: tuple[tuple[str, str], ...]) -> Refused:
    """Calls a method that must fail and gives its error."""

    def call(method: Any, request: Any, with_metadata: Any = metadata) -> grpc.RpcError:
        with pytest.raises(grpc.RpcError) as raised:
            answer = method(request, metadata=with_metadata)
            if not hasattr(answer, "DESCRIPTOR"):
                list(answer)
        return raised.value

    return call


@pytest.fixture
def tea(grpc_channel: grpc.Channel, metadata: tuple[tuple[str, str], ...], examples: dict[str, str]) -> Iterator[Flows]:
    """A flow of one's own, without a version yet."""
    flows = Flows(grpc_channel, metadata)
    yield flows
    flows.flows.DeleteFlow(flow_service_pb2.DeleteFlowRequest(flow=flows.flow), metadata=metadata)
