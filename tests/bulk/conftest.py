"""One server for all of these tests, and its three faces."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import ParseDict

from penstock.cli.main import main
from penstock.wire.gen import bulk_operation_service_pb2 as pb
from penstock.wire.gen.bulk_operation_service_pb2_grpc import BulkOperationServiceStub
from penstock.wire.gen.execution_service_pb2_grpc import ExecutionServiceStub
from penstock.wire.gen.retry_now_pb2 import RetryNowRequest
from penstock.wire.json import dumps, parse
from tests.e2e.conftest import running
from tests.flows.faces import _CODEC, Refused, _refusal
from tests.harness import Server

PACKAGES = Path(__file__).parent / "packages"
OPERATIONS = "/bulk/v1/operations"


@pytest.fixture(scope="package")
def yard() -> Iterator[Server]:
    """A server with the package `yard`; tests share it and must not stop it."""
    with running(PACKAGES) as server:
        yield server


@pytest.fixture(scope="package")
def channel(yard: Server) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(yard.info["grpc_address"]) as channel:
        yield channel


@pytest.fixture
def door(tmp_path: Path) -> Path:
    """A file that opens what waits for it as soon as it is there."""
    return tmp_path / "door"


class HttpBulk:
    """Answers are JSON as HTTP shows it."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def create(self, **request: Any) -> Any:
        return self._ask("POST", OPERATIONS, request)

    def get(self, operation_id: str) -> Any:
        return self._ask("GET", f"{OPERATIONS}/{operation_id}")

    def list(self, **request: Any) -> Any:
        return self._ask("GET", f"{OPERATIONS}?" + "&".join(f"{name}={value}" for name, value in request.items()))

    def cancel(self, operation_id: str) -> Any:
        return self._ask("POST", f"{OPERATIONS}/{operation_id}:cancel", {})

    def watch(self, operation_id: str, after: int = 0) -> list[Any]:
        headers = {"Last-Event-ID": str(after)} if after else {}
        if self._server.request("GET", f"{OPERATIONS}/{operation_id}").status >= 300:
            return [self._ask("GET", f"{OPERATIONS}/{operation_id}/stream")]
        return [
            event.json for event in self._server.stream("GET", f"{OPERATIONS}/{operation_id}/stream", None, headers)
        ]

    def retry(self, execution_id: str, **request: Any) -> Any:
        return self._ask("POST", f"/invocations/v1/executions/{execution_id}:retry-now", request)

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._server.request(method, path, body)
        found = answer.json
        if answer.status >= 300:
            raise Refused(found["code"], found["reason"], found["error"], answer.status)
        return found


class GrpcBulk(HttpBulk):
    def __init__(self, server: Server, channel: grpc.Channel) -> None:
        super().__init__(server)
        self._metadata = (("authorization", f"Bearer {server.key}"),)
        self._stub = BulkOperationServiceStub(channel)
        self._executions = ExecutionServiceStub(channel)

    def create(self, **request: Any) -> Any:
        return self._call(self._stub.CreateBulkOperation, ParseDict(request, pb.CreateBulkOperationRequest()))

    def get(self, operation_id: str) -> Any:
        return self._call(self._stub.GetBulkOperation, pb.GetBulkOperationRequest(operation_id=operation_id))

    def list(self, **request: Any) -> Any:
        return self._call(self._stub.ListBulkOperations, ParseDict(request, pb.ListBulkOperationsRequest()))

    def cancel(self, operation_id: str) -> Any:
        return self._call(self._stub.CancelBulkOperation, pb.CancelBulkOperationRequest(operation_id=operation_id))

    def watch(self, operation_id: str, after: int = 0) -> list[Any]:
        request = pb.WatchBulkOperationRequest(operation_id=operation_id, after_revision=after)
        try:
            return [_json(each.operation) for each in self._stub.WatchBulkOperation(request, metadata=self._metadata)]
        except grpc.RpcError as error:
            raise _refusal(error) from None

    def retry(self, execution_id: str, **request: Any) -> Any:
        asked = ParseDict(request, RetryNowRequest(execution_id=execution_id))
        return self._call(self._executions.RetryNow, asked)

    def _call(self, method: Any, request: Any) -> Any:
        try:
            return _json(method(request, metadata=self._metadata))
        except grpc.RpcError as error:
            raise _refusal(error) from None


def _json(message: Any) -> Any:
    return parse(dumps(_CODEC.encoder(message.DESCRIPTOR)(message)))


@pytest.fixture
def http(yard: Server) -> HttpBulk:
    return HttpBulk(yard)


@pytest.fixture(params=["http", "grpc"])
def bulk(request: pytest.FixtureRequest, yard: Server, channel: grpc.Channel) -> HttpBulk:
    return HttpBulk(yard) if request.param == "http" else GrpcBulk(yard, channel)


class Penstock:
    """The command of a person who uses one server, run in this process. `said` is what came to stderr."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.said = ""

    def __call__(self, *words: str, code: int = 0) -> str:
        found = main(words)
        captured = self._capsys.readouterr()
        assert found == code, captured.err
        self.said = captured.err
        return captured.out

    def json(self, *words: str, code: int = 0) -> Any:
        return json.loads(self(*words, "--output", "json", code=code))


@pytest.fixture
def penstock(yard: Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Penstock:
    monkeypatch.setenv("PENSTOCK_URL", yard.info["http_url"])
    monkeypatch.setenv("PENSTOCK_API_KEY", yard.key)
    return Penstock(capsys)


def labelled(door: Path) -> dict[str, str]:
    """Labels by which a test's own executions are found."""
    return {"door": door.parent.name}


def chosen(door: Path) -> str:
    return f'labels.door = "{door.parent.name}"'


def ended(bulk: HttpBulk, operation: Any) -> Any:
    """The operation at its end."""
    return bulk.watch(operation["operation_id"])[-1]


def counts(operation: Any) -> tuple[int, int, int, int]:
    return tuple(operation[name] for name in ("matched", "done", "skipped", "failed"))  # type: ignore[return-value]
