"""Pauses, signals and gates over gRPC."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from grpc_status import rpc_status

from penstock.wire.gen import execution_service_pb2 as executions
from penstock.wire.gen import pause_service_pb2 as pb
from penstock.wire.gen.execution_service_pb2_grpc import ExecutionServiceStub
from penstock.wire.gen.gate_pb2 import Gate
from penstock.wire.gen.pause_pb2 import Pause
from penstock.wire.gen.pause_service_pb2_grpc import PauseServiceStub
from penstock.wire.json import to_struct
from tests.harness import Server
from tests.pauses.people import PRICED, QUOTE, output, paused, receipt, who

GRADE = {"grade": 3, "note": "good"}
Call = Callable[[str, Any], Any]


@pytest.fixture(scope="module")
def call(desk: Server) -> Iterator[Call]:
    """Calls a method by name, as the server's own key."""
    metadata = (("authorization", f"Bearer {desk.key}"),)
    with grpc.insecure_channel(desk.info["grpc_address"]) as channel:
        stubs = (PauseServiceStub(channel), ExecutionServiceStub(channel))

        def method(name: str, request: Any) -> Any:
            stub = next(each for each in stubs if hasattr(each, name))
            return getattr(stub, name)(request, metadata=metadata, timeout=30)

        yield method


def refused(call: Call, name: str, request: Any) -> tuple[str, Any, Any]:
    """Code, ErrorInfo and BadRequest of a call that must fail."""
    with pytest.raises(grpc.RpcError) as raised:
        call(name, request)
    status = rpc_status.from_call(raised.value)
    info, violations = ErrorInfo(), BadRequest()
    for detail in status.details:
        detail.Unpack(info) or detail.Unpack(violations)
    return raised.value.code().name, info, violations


def test_pause_is_looked_at_and_approved(desk: Server, call: Call) -> None:
    execution_id = paused(desk, "buy")
    request = pb.GetPauseRequest(execution_id=execution_id, pause="approve")
    view = call("GetPause", request)
    assert (view.state, view.input, view.prompt) == (Pause.OPEN, to_struct(PRICED), "Approve this quote?")
    assert not view.HasField("decide_time")
    answer = call("ApprovePause", pb.ApprovePauseRequest(execution_id=execution_id, pause="approve", comment="yes"))
    assert (answer.state, answer.decided_by, answer.comment) == (Pause.APPROVED, who(desk), "yes")
    assert call("GetPause", request) == answer
    assert output(desk, execution_id) == receipt(5)


def test_pause_is_resumed_with_a_value_in_either_form(desk: Server, call: Call) -> None:
    for form in ({"value": to_struct(GRADE)}, {"value_bytes": b"\x08\x03\x12\x04good"}):
        execution_id = paused(desk, "review")
        request = pb.ResumePauseRequest(execution_id=execution_id, pause="judge", **form)  # type: ignore[arg-type]
        assert call("ResumePause", request).value == to_struct(GRADE)
        assert output(desk, execution_id) == receipt(3, "good", "review")


def test_pause_is_rejected_and_then_tells_that_decision(desk: Server, call: Call) -> None:
    execution_id = paused(desk, "buy")
    request = pb.RejectPauseRequest(execution_id=execution_id, pause="approve", comment="no")
    answer = call("RejectPause", request)
    assert answer.state == Pause.REJECTED
    desk.wait(execution_id)
    code, info, _ = refused(call, "RejectPause", request)
    time = answer.decide_time.ToJsonString()
    assert (code, info.reason) == ("FAILED_PRECONDITION", "PAUSE_DECIDED")
    assert info.metadata == {
        "decision": "REJECTED",
        "decided_by": who(desk),
        "decide_time": time,
        "status": "FAILED",
    }


def test_value_that_does_not_fit_is_refused_with_its_path(desk: Server, call: Call) -> None:
    execution_id = paused(desk, "buy")
    value = to_struct({"total_cents": "x"})
    request = pb.ApprovePauseRequest(execution_id=execution_id, pause="approve", value=value)
    code, info, violations = refused(call, "ApprovePause", request)
    assert (code, info.reason) == ("INVALID_ARGUMENT", "WRONG_TYPE")
    assert [each.field for each in violations.field_violations] == ["value.total_cents"]
    request = pb.ApprovePauseRequest(execution_id=execution_id, pause="approve", value_bytes=b"\xff")
    code, _, violations = refused(call, "ApprovePause", request)
    assert (code, violations.field_violations[0].field) == ("INVALID_ARGUMENT", "value_bytes")
    code, *_ = refused(call, "GetPause", pb.GetPauseRequest(execution_id=execution_id, pause="nope"))
    assert code == "NOT_FOUND"


def test_pauses_are_listed_page_by_page(desk: Server, call: Call) -> None:
    opened = [paused(desk, "both") for _ in range(3)]
    found: list[tuple[str, str]] = []
    token = ""
    while True:
        page = call("ListPauses", pb.ListPausesRequest(execution_id="-", page_size=2, page_token=token))
        found += [(each.execution_id, each.pause) for each in page.pauses]
        token = page.next_page_token
        if not token:
            break
    assert found == sorted(found)
    assert [each for each in found if each[0] in opened] == [(i, name) for i in opened for name in ("left", "right")]


def test_signal_reaches_its_node_once(desk: Server, call: Call) -> None:
    execution_id = desk.begin("ask_twice", QUOTE)
    desk.execution(execution_id)

    def request(request_id: str, **content: Any) -> Any:
        return executions.SignalExecutionRequest(
            execution_id=execution_id, signal="answer", request_id=request_id, **content
        )

    first = call("SignalExecution", request("one", payload=to_struct(GRADE)))
    assert call("SignalExecution", request("one", payload_bytes=b"\x08\x09")) == first
    second = call("SignalExecution", request("", payload_bytes=b"\x12\x04next"))
    assert (first.execution_id, second.execution_id) == (execution_id, execution_id)
    assert 0 < first.sequence < second.sequence
    assert output(desk, execution_id) == receipt(3, "next")
    code, info, _ = refused(call, "SignalExecution", request("", payload_bytes=b""))
    assert (code, info.metadata) == ("FAILED_PRECONDITION", {"status": "COMPLETED"})


def test_signal_that_does_not_fit_is_refused(desk: Server, call: Call) -> None:
    execution_id = desk.begin("ask", QUOTE)
    request = executions.SignalExecutionRequest(execution_id=execution_id, signal="answer", payload_bytes=b"\xff")
    code, _, violations = refused(call, "SignalExecution", request)
    assert (code, violations.field_violations[0].field) == ("INVALID_ARGUMENT", "payload_bytes")
    request = executions.SignalExecutionRequest(execution_id=execution_id, signal="other")
    assert refused(call, "SignalExecution", request)[1].reason == "UNKNOWN_SIGNAL"


def test_gates_are_listed(desk: Server, call: Call) -> None:
    execution_id = paused(desk, "both")
    [gate] = call("ListGates", executions.ListGatesRequest(execution_id=execution_id)).gates
    assert gate == Gate(gate="join", state=Gate.PENDING, required=2, missing=["left", "right"])
