"""One typed service per artifact, over real sockets: called with the artifact's own messages, seen by its account."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status

from penstock.wire.gen.execution_pb2 import Execution
from tests.e2e.support import eventually
from tests.e2e.test_grpc_tools import grpcurl
from tests.harness import Server, running

NODES = """
from collections.abc import Iterator
from dataclasses import dataclass
from penstock.sdk import UserError, node, pipeline


@dataclass
class Number:
    value: int


@dataclass
class Text:
    text: str


@node
def spell(number: Number) -> Text:
    if number.value < 0:
        raise UserError(f"{number.value} is too small", code="TOO_SMALL")
    return Text("PREFIX" + "I" * number.value)


@pipeline
def count(number: Number) -> Iterator[Text]:
    for index in range(number.value):
        if index == 5:
            raise UserError("enough", code="ENOUGH")
        yield Text(str(index))
"""


def package(folder: Path, prefix: str = "") -> Path:
    root = folder / "roman"
    (root / "flows").mkdir(parents=True, exist_ok=True)
    (root / "penstock.yaml").write_text("name: roman\nversion: 1.0.0\n")
    (root / "flows" / "spell.yaml").write_text("flow: spell\nnodes: {spell: {use: roman/spell}}\n")
    (root / "flows" / "count_up.yaml").write_text("flow: count_up\nnodes: {count: {use: roman/count}}\n")
    (root / "nodes.py").write_text(NODES.replace("PREFIX", prefix))
    return root


@pytest.fixture
def roman(folder: Path) -> Iterator[Server]:
    with running(package(folder)) as server:
        yield server


def text(value: str) -> bytes:
    """A serialized roman.Text."""
    return b"\x0a" + bytes((len(value),)) + value.encode()


THREE = b"\x08\x03"
SEVEN = b"\x08\x07"
MINUS_ONE = b"\x08" + b"\xff" * 9 + b"\x01"


class Client:
    """Calls typed methods with serialized messages."""

    def __init__(self, server: Server) -> None:
        self._channel = grpc.insecure_channel(server.info["grpc_address"])
        self._metadata = (("authorization", f"Bearer {server.key}"),)

    def call(self, method: str, request: bytes, *metadata: tuple[str, str]) -> tuple[bytes, str]:
        """The answer of a unary method, and the id of the execution behind it."""
        ask = self._channel.unary_unary(f"/{method}")
        answer, call = ask.with_call(request, metadata=self._metadata + metadata, timeout=30)
        return answer, dict(call.trailing_metadata())["penstock-execution-id"]

    def refused(self, method: str, request: bytes) -> tuple[grpc.StatusCode, ErrorInfo, str]:
        with pytest.raises(grpc.RpcError) as refusal:
            self.call(method, request)
        return _error(refusal.value)

    def stream(self, method: str, request: bytes) -> Any:
        return self._channel.unary_stream(f"/{method}")(request, metadata=self._metadata, timeout=30)


def _error(error: Any) -> tuple[grpc.StatusCode, ErrorInfo, str]:
    info = ErrorInfo()
    status = rpc_status.from_call(error)
    assert status is not None and status.details[0].Unpack(info)
    return error.code(), info, error.details()


def test_a_unary_flow_is_invoked_and_streamed(roman: Server) -> None:
    client = Client(roman)
    answer, execution_id = client.call("flows.spell.v1.Spell/Invoke", THREE)
    assert answer == text("III")
    assert roman.execution(execution_id)["status"] == "COMPLETED"

    frames = client.stream("flows.spell.v1.Spell/Stream", THREE)
    assert list(frames) == [text("III")]
    assert dict(frames.initial_metadata())["penstock-execution-id"] != execution_id


@pytest.mark.parametrize("method", ["flows.spell.Spell/Start", "flows.count_up.v1.CountUp/Start"])
def test_a_flow_is_started_without_waiting(roman: Server, method: str) -> None:
    started, execution_id = Client(roman).call(method, THREE)
    assert Execution.FromString(started).execution_id == execution_id
    assert roman.wait(execution_id)["status"] == "COMPLETED"


def test_a_pipeline_streams_its_frames_up_to_its_failure(roman: Server) -> None:
    client = Client(roman)
    assert list(client.stream("flows.count_up.v1.CountUp/Stream", THREE)) == [text("0"), text("1"), text("2")]
    frames = client.stream("flows.count_up.v1.CountUp/Stream", SEVEN)
    with pytest.raises(grpc.RpcError) as failure:
        list(frames)
    code, info, message = _error(failure.value)
    assert (code, info.reason, message) == (grpc.StatusCode.UNKNOWN, "EXECUTION_FAILED", "enough")
    assert roman.execution(info.metadata["execution_id"])["status"] == "FAILED"


def test_a_failed_run_is_a_status_that_names_node_and_execution(roman: Server) -> None:
    code, info, message = Client(roman).refused("flows.spell.v1.Spell/Invoke", MINUS_ONE)
    assert (code, info.reason, message) == (grpc.StatusCode.UNKNOWN, "TOO_SMALL", "-1 is too small")
    assert (info.metadata["node"], info.metadata["kind"], info.metadata["class"]) == ("spell", "USER", "LOGIC")
    assert roman.execution(info.metadata["execution_id"])["status"] == "FAILED"


@pytest.mark.parametrize(
    ("method", "request_bytes", "code"),
    [
        ("flows.spell.v1.Spell/Invoke", b"\xff", grpc.StatusCode.INVALID_ARGUMENT),
        ("flows.spell.v7.Spell/Invoke", THREE, grpc.StatusCode.NOT_FOUND),
        ("flows.nothing.Nothing/Start", THREE, grpc.StatusCode.NOT_FOUND),
        ("flows.count_up.v1.CountUp/Invoke", THREE, grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
def test_what_does_not_fit_is_refused(roman: Server, method: str, request_bytes: bytes, code: grpc.StatusCode) -> None:
    assert Client(roman).refused(method, request_bytes)[0] is code


def test_what_is_no_service_or_method_is_not_implemented(roman: Server) -> None:
    for method in ("flows.spell.v1.Wrong/Invoke", "flows.spell.v1.Spell/Explode", "flows.spell/Invoke"):
        with pytest.raises(grpc.RpcError) as refusal:
            Client(roman).call(method, THREE)
        assert refusal.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_repeated_call_is_the_same_execution(roman: Server) -> None:
    client = Client(roman)
    first = client.call("flows.spell.v1.Spell/Invoke", THREE, ("idempotency-key", "once"))
    assert client.call("flows.spell.v1.Spell/Invoke", THREE, ("idempotency-key", "once")) == first


def test_a_new_artifact_is_served_at_once_beside_the_old_one(roman: Server, folder: Path) -> None:
    package(folder, prefix="=")
    client = Client(roman)
    eventually(lambda: client.call("flows.spell.Spell/Invoke", THREE)[0] == text("=III"))
    assert client.call("flows.spell.v2.Spell/Invoke", THREE)[0] == text("=III")
    assert client.call("flows.spell.v1.Spell/Invoke", THREE)[0] == text("III")
    listed = grpcurl(roman, roman.info["grpc_address"], "list").stdout.split()
    assert {"flows.spell.Spell", "flows.spell.v1.Spell", "flows.spell.v2.Spell"} < set(listed)


def test_grpcurl_needs_nothing_but_the_address(roman: Server) -> None:
    address = roman.info["grpc_address"]
    described = grpcurl(roman, address, "describe", "flows.count_up.v1.CountUp").stdout
    assert "rpc Stream ( .roman.Number ) returns ( stream .roman.Text );" in described
    assert "Invoke" not in described
    done = grpcurl(roman, "-d", '{"value": 2}', address, "flows.spell.Spell/Invoke")
    assert json.loads(done.stdout) == {"text": "II"}


def test_health_knows_the_typed_services_of_the_caller_alone(roman: Server) -> None:
    ask = health_pb2_grpc.HealthStub(grpc.insecure_channel(roman.info["grpc_address"])).Check
    key = (("authorization", f"Bearer {roman.key}"),)
    for service in ("flows.spell.v1.Spell", "flows.spell.Spell"):
        request = health_pb2.HealthCheckRequest(service=service)
        assert ask(request, metadata=key, timeout=30).status == health_pb2.HealthCheckResponse.SERVING
        with pytest.raises(grpc.RpcError) as refusal:
            ask(request, timeout=30)
        assert refusal.value.code() is grpc.StatusCode.NOT_FOUND
