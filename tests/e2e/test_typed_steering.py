"""Methods of typed services that decide pauses and send signals, over real sockets with the artifact's own messages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from grpc_status import rpc_status

from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.execution_pb2 import Execution
from penstock.wire.gen.invocation_service_pb2 import InvokeFlowRequest
from penstock.wire.gen.pause_pb2 import Pause
from penstock.wire.gen.signal_pb2 import SignalExecutionResponse
from penstock.wire.typed import OPTIONS_METADATA, service_descriptors
from penstock.wire.types import TypePool
from tests.e2e.test_grpc_tools import grpcurl
from tests.harness import ROOT, Server, running

NOBODY = "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def people() -> Iterator[Server]:
    with running(ROOT / "tests" / "sdks" / "packages" / "people") as server:
        yield server


class Refusal(Exception):
    def __init__(self, error: Any) -> None:
        self.code = error.code()
        self.info, self.request = ErrorInfo(), BadRequest()
        status = rpc_status.from_call(error)
        for detail in status.details if status is not None else ():
            detail.Unpack(self.info)
            detail.Unpack(self.request)


class Service:
    """The typed service of a flow; requests are given as the JSON of its own messages."""

    def __init__(self, server: Server, flow: str, *, live: bool = False) -> None:
        answer = server.request(
            "GET", f"/flows/v1/artifacts/{flow}?view=FULL", headers={"Accept": "application/x-protobuf"}
        )
        artifact = Artifact.FromString(answer.body)
        self._types = TypePool(service_descriptors(artifact))
        self.name = artifact.service.replace(".v1.", ".") if live else artifact.service
        self._service = self._types.pool.FindServiceByName(self.name)
        self._channel = grpc.insecure_channel(server.info["grpc_address"])
        self._key = ("authorization", f"Bearer {server.key}")

    def request(self, method: str, given: Any) -> bytes:
        described = self._service.methods_by_name[method].input_type
        raw: bytes = self._types.json.decoder(described)(given).SerializeToString()
        return raw

    def call(self, method: str, given: Any, *metadata: tuple[str, Any]) -> bytes:
        return self.raw(method, self.request(method, given), *metadata)

    def raw(self, method: str, request: bytes, *metadata: tuple[str, Any]) -> bytes:
        ask = self._channel.unary_unary(f"/{self.name}/{method}")
        try:
            answer: bytes = ask(request, metadata=(self._key, *metadata), timeout=30)
        except grpc.RpcError as error:
            raise Refusal(error) from error
        return answer

    def refused(self, method: str, given: Any) -> Refusal:
        with pytest.raises(Refusal) as refusal:
            self.call(method, given)
        return refusal.value

    def stream(self, given: Any) -> list[bytes]:
        ask = self._channel.unary_stream(f"/{self.name}/Stream")
        return list(ask(self.request("Stream", given), metadata=(self._key,), timeout=30))

    def start(self, given: Any, *metadata: tuple[str, Any]) -> str:
        return Execution.FromString(self.call("Start", given, *metadata)).execution_id

    def start_to_pause(self, server: Server, given: Any) -> str:
        execution_id = self.start(given)
        assert server.request("GET", f"/invocations/v1/executions/{execution_id}:wait").json["status"] == "PAUSED"
        return execution_id


def output(server: Server, execution_id: str) -> Any:
    server.wait(execution_id)
    return server.request("GET", f"/invocations/v1/executions/{execution_id}/output").json.get("output")


@pytest.mark.parametrize("live", [True, False])
def test_a_pause_is_approved_with_a_value(people: Server, live: bool) -> None:
    ask = Service(people, "ask", live=live)
    execution_id = ask.start_to_pause(people, {"total": 5})
    given = {"execution_id": execution_id, "comment": "fine", "value": {"total": 7, "customer": "Bob"}}
    pause = Pause.FromString(ask.call("ApproveDecide", given))
    assert (pause.pause, pause.state, pause.comment) == ("decide", Pause.APPROVED, "fine")
    assert output(people, execution_id) == {"label": "for Bob", "total": 7}


def test_a_pause_is_approved_as_it_is(people: Server) -> None:
    ask = Service(people, "ask")
    execution_id = ask.start_to_pause(people, {"total": 5, "customer": "Ann"})
    ask.call("ApproveDecide", {"execution_id": execution_id})
    assert output(people, execution_id) == {"label": "for Ann", "total": 500}


def test_a_pause_is_rejected_and_not_decided_again(people: Server) -> None:
    ask = Service(people, "ask")
    execution_id = ask.start_to_pause(people, {})
    assert Pause.FromString(ask.call("RejectDecide", {"execution_id": execution_id})).state == Pause.REJECTED
    assert people.wait(execution_id)["error"]["code"] == "REJECTED"
    refusal = ask.refused("ApproveDecide", {"execution_id": execution_id})
    assert (refusal.code, refusal.info.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "PAUSE_DECIDED")
    assert refusal.info.metadata["decision"] == "REJECTED"


def test_a_pause_is_resumed_with_a_value_of_its_own_type(people: Server) -> None:
    fill = Service(people, "fill")
    execution_id = fill.start_to_pause(people, {})
    refusal = fill.refused("ApproveWhereTo", {"execution_id": execution_id})
    assert (refusal.code, refusal.info.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "VALUE_NEEDED")
    fill.call("ResumeWhereTo", {"execution_id": execution_id, "value": {"street": "Kai", "number": 3}})
    assert output(people, execution_id) == {"label": "Kai 3", "total": 0}


def test_signals_are_sent_and_counted_once(people: Server) -> None:
    hear = Service(people, "hear")
    execution_id = hear.start({"total": 9})
    paid = {"execution_id": execution_id, "payload": {"total": 2}}
    first = hear.call("SignalPaid", paid | {"request_id": "once"})
    assert hear.call("SignalPaid", paid, ("idempotency-key", "once")) == first
    assert SignalExecutionResponse.FromString(first).execution_id == execution_id
    hear.call("SignalNewAddress", {"execution_id": execution_id, "payload": {"street": "Kai"}})
    assert output(people, execution_id) == {"label": "Kai 0", "total": 7}
    assert hear.refused("SignalPaid", paid).code is grpc.StatusCode.FAILED_PRECONDITION


def test_an_execution_of_another_flow_is_not_there(people: Server) -> None:
    ask, fill = Service(people, "ask"), Service(people, "fill")
    execution_id = fill.start_to_pause(people, {})
    refusal = ask.refused("ApproveDecide", {"execution_id": execution_id})
    assert (refusal.code, refusal.info.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    assert ask.refused("RejectDecide", {"execution_id": NOBODY}).code is grpc.StatusCode.NOT_FOUND


def test_what_no_pause_is_called_is_not_implemented(people: Server) -> None:
    ask = Service(people, "ask")
    for method in ("ApproveNothing", "SignalPaid", "Approve"):
        with pytest.raises(Refusal) as refusal:
            ask.raw(method, b"")
        assert refusal.value.code is grpc.StatusCode.UNIMPLEMENTED


def test_fields_that_a_typed_request_does_not_have_mean_nothing(people: Server) -> None:
    ask = Service(people, "ask")
    execution_id = ask.start_to_pause(people, {"customer": "Ann"})
    pause_and_struct = b"\x12\x05other\x22\x00"
    ask.raw("ApproveDecide", ask.request("ApproveDecide", {"execution_id": execution_id}) + pause_and_struct)
    assert output(people, execution_id) == {"label": "for Ann", "total": 0}


def test_bytes_that_are_no_request_are_refused(people: Server) -> None:
    with pytest.raises(Refusal) as refusal:
        Service(people, "ask").raw("ApproveDecide", b"\xff")
    assert refusal.value.code is grpc.StatusCode.INVALID_ARGUMENT


def test_an_invocation_that_pauses_says_so(people: Server) -> None:
    refusal = Service(people, "ask").refused("Invoke", {})
    assert (refusal.code, refusal.info.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "PAUSED")
    assert people.execution(refusal.info.metadata["execution_id"])["status"] == "PAUSED"


def test_frames_that_are_taken_back_are_not_streamed(people: Server) -> None:
    write = Service(people, "write")
    words = [raw.partition(b"\x12")[0] for raw in write.stream({"words": 3, "failures": 1})]
    assert words == [b"\x0a\x06word 0\x10\x01", b"\x0a\x06word 1\x10\x02", b"\x0a\x06word 2\x10\x02"]


def test_options_come_as_metadata(people: Server) -> None:
    ask = Service(people, "ask")
    options = InvokeFlowRequest(labels={"of": "metadata"}).SerializeToString()
    execution_id = ask.start({}, (OPTIONS_METADATA, options))
    assert people.execution(execution_id)["labels"] == {"of": "metadata"}
    for wrong in (b"\xff", InvokeFlowRequest(config_id="nothing").SerializeToString()):
        with pytest.raises(Refusal) as refusal:
            ask.start({}, (OPTIONS_METADATA, wrong))
        assert refusal.value.code in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND)


def test_grpcurl_describes_and_calls_them(people: Server) -> None:
    address = people.info["grpc_address"]
    described = grpcurl(people, address, "describe", "flows.ask.Ask.ApproveDecide").stdout
    assert "rpc ApproveDecide ( .flows.ask.ApproveDecideRequest ) returns ( .penstock.v1.Pause );" in described
    request = grpcurl(people, address, "describe", "flows.hear.v1.SignalPaidRequest").stdout
    assert ".people.Order payload = 4;" in request
    execution_id = Service(people, "ask").start_to_pause(people, {"customer": "Ann"})
    given = json.dumps({"execution_id": execution_id, "value": {"customer": "Cem"}})
    done = grpcurl(people, "-d", given, address, "flows.ask.Ask/ApproveDecide")
    assert json.loads(done.stdout)["state"] == "APPROVED"
    assert output(people, execution_id) == {"label": "for Cem", "total": 0}


def test_every_stream_tells_of_a_deprecation(people: Server) -> None:
    graph_id = people.info["flows"]["write"]["graph_id"]
    changed = people.request("POST", f"/flows/v1/artifacts/{graph_id}:deprecate", {"reason": "use another"}).json
    assert changed["state"] == "DEPRECATED"
    given = {"flow": "write", "input": {"words": 2}}
    answer = people.request("POST", "/invocations/v1/flows/invoke/stream", given)
    since = answer.headers["Deprecation"]
    assert since.startswith("@")
    frames = [json.loads(line[6:]) for line in answer.body.decode().splitlines() if line.startswith("data: ")]
    assert [frame.get("deprecation", {}).get("reason") for frame in frames] == ["use another", None, None]
    channel = grpc.insecure_channel(people.info["grpc_address"])
    request = b"\x12\x05write"
    key = (("authorization", f"Bearer {people.key}"),)
    for method, raw in (("penstock.v1.InvocationService/StreamFlow", request), ("flows.write.Write/Stream", b"")):
        frames_of = channel.unary_stream(f"/{method}")(raw, metadata=key, timeout=30)
        list(frames_of)
        assert dict(frames_of.trailing_metadata())["penstock-deprecated"] == since
