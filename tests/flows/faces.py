"""The two faces of a server, HTTP and gRPC, as one: every capability is tested through both."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

import grpc
from google.protobuf.descriptor_pool import Default
from google.protobuf.json_format import ParseDict
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_status import rpc_status

from penstock.wire.gen import execution_again_pb2 as executions_again
from penstock.wire.gen import execution_service_pb2 as executions
from penstock.wire.gen import invocation_service_pb2 as invocations
from penstock.wire.gen import pause_service_pb2 as pauses
from penstock.wire.gen.execution_service_pb2_grpc import ExecutionServiceStub
from penstock.wire.gen.invocation_service_pb2_grpc import InvocationServiceStub
from penstock.wire.gen.pause_service_pb2_grpc import PauseServiceStub
from penstock.wire.json import JsonCodec, dumps, parse
from tests.harness import Server

_INVOKE = "/invocations/v1/flows/invoke"
_EXECUTIONS = "/invocations/v1/executions"
_PAGE = 1000
_LOOK_EVERY_S = 0.01
_PATIENCE_S = 20

_CODEC = JsonCodec(Default())
_T = TypeVar("_T")


class Refused(Exception):
    """What a face answered in place of what was asked for."""

    def __init__(self, code: str, reason: str, message: str, status: int) -> None:
        """`status` is that of HTTP, for gRPC the one that its code stands for."""
        super().__init__(f"{code} {reason}: {message}")
        self.code, self.reason, self.message, self.status = code, reason, message, status


class Face:
    """Answers are JSON as HTTP shows it, without the members that say nothing."""

    def invoke(self, flow: str, given: Any, **fields: Any) -> Any:
        return self.ask("InvokeFlow", {"flow": flow, "input": given, "wait": True} | fields)

    def begin(self, flow: str, given: Any, **fields: Any) -> str:
        return str(self.invoke(flow, given, wait=False, **fields)["execution_id"])

    def output(self, flow: str, given: Any, **fields: Any) -> Any:
        """What a flow gives. Fails when it does not complete."""
        answer = self.invoke(flow, given, **fields)
        assert answer["result"].get("success"), answer
        return answer["result"].get("output", {})

    def failed(self, flow: str, given: Any, **fields: Any) -> tuple[str, Any]:
        """Execution and error of an invocation that does not succeed."""
        answer = self.invoke(flow, given, **fields)
        assert "error" in answer["result"], answer
        return answer["execution_id"], answer["result"]["error"]

    def execution(self, execution_id: str) -> Any:
        return self.ask("GetExecution", {"execution_id": execution_id})

    def wait(self, execution_id: str) -> Any:
        return self.ask("WaitExecution", {"execution_id": execution_id, "timeout_seconds": _PATIENCE_S})

    def events(self, execution_id: str, node: str = "") -> list[Any]:
        request = {"execution_id": execution_id, "page_size": _PAGE} | ({"node": node} if node else {})
        return list(self.ask("ListEvents", request)["events"])

    def log(self, execution_id: str) -> list[tuple[str, str]]:
        """Types and nodes of all events. Their sequences have no gap."""
        events = self.events(execution_id)
        assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
        return [(event["type"], event.get("node", "")) for event in events]

    def nodes(self, execution_id: str) -> dict[str, Any]:
        found = self.ask("ListNodeExecutions", {"execution_id": execution_id})["nodes"]
        return {node["node"]: node for node in found}

    def statuses(self, execution_id: str) -> dict[str, str]:
        return {name: node["status"] for name, node in self.nodes(execution_id).items()}

    def attempts(self, execution_id: str, node: str) -> list[Any]:
        return list(self.ask("ListAttempts", {"execution_id": execution_id, "node": node}).get("attempts", []))

    def cancel(self, execution_id: str, reason: str = "") -> Any:
        return self.ask("CancelExecution", {"execution_id": execution_id, "reason": reason})

    def approve(self, execution_id: str, pause: str) -> Any:
        return self.ask("ApprovePause", {"execution_id": execution_id, "pause": pause})

    def signal(self, execution_id: str, name: str, payload: Any, request_id: str = "") -> Any:
        request = {"execution_id": execution_id, "signal": name, "payload": payload, "request_id": request_id}
        return self.ask("SignalExecution", request)

    def until(self, look: Callable[[], _T]) -> _T:
        """The first true value that `look` gives."""
        deadline = time.monotonic() + _PATIENCE_S
        while not (found := look()):
            assert time.monotonic() < deadline, f"nothing within {_PATIENCE_S} s"
            time.sleep(_LOOK_EVERY_S)
        return found

    def until_node(self, execution_id: str, node: str, *statuses: str) -> Any:
        """The node when it stands where it should."""
        return self.until(
            lambda: (found := self.nodes(execution_id)[node]) if self._stands(execution_id, node, statuses) else None
        )

    def child(self, execution_id: str, node: str = "child") -> str:
        """The child execution of a node, once it is accepted: its id is in the parent's log a moment before."""
        child = str(self.until(lambda: self.nodes(execution_id)[node].get("child_execution_id")))
        self.until(lambda: self._is_there(child))
        return child

    def _is_there(self, execution_id: str) -> bool:
        try:
            self.execution(execution_id)
        except Refused:
            return False
        return True

    def _stands(self, execution_id: str, node: str, statuses: tuple[str, ...]) -> bool:
        return self.nodes(execution_id)[node]["status"] in statuses

    def ask(self, method: str, request: Any) -> Any:
        raise NotImplementedError


class HttpFace(Face):
    def __init__(self, server: Server) -> None:
        self._server = server

    def ask(self, method: str, request: Any) -> Any:
        verb, path, body, headers = _ROUTES[method](dict(request))
        answer = self._server.request(verb, path, body, headers)
        found = answer.json
        if answer.status >= 300:
            raise Refused(found["code"], found["reason"], found["error"], answer.status)
        return _telling(found)


def _invoke(request: Any) -> tuple[str, str, Any, dict[str, str]]:
    return "POST", _INVOKE, request, {}


def _get(rest: str, *parameters: str) -> Callable[[Any], tuple[str, str, Any, dict[str, str]]]:
    def route(request: Any) -> tuple[str, str, Any, dict[str, str]]:
        path = _EXECUTIONS + rest.format(**{name: quote(str(value)) for name, value in request.items()})
        query = "&".join(f"{name}={request[name]}" for name in parameters if name in request)
        return "GET", f"{path}?{query}", None, {}

    return route


def _cancel(request: Any) -> tuple[str, str, Any, dict[str, str]]:
    return "DELETE", f"/invocations/v1/flows/{request['execution_id']}?reason={quote(request['reason'])}", None, {}


def _decide(verb: str) -> Callable[[Any], tuple[str, str, Any, dict[str, str]]]:
    def route(request: Any) -> tuple[str, str, Any, dict[str, str]]:
        return "POST", f"{_EXECUTIONS}/{request.pop('execution_id')}/pauses/{request.pop('pause')}:{verb}", request, {}

    return route


def _signal(request: Any) -> tuple[str, str, Any, dict[str, str]]:
    headers = {"Idempotency-Key": request["request_id"]} if request["request_id"] else {}
    path = f"{_EXECUTIONS}/{request['execution_id']}/signals/{request['signal']}"
    return "POST", path, request["payload"], headers


def _again(verb: str) -> Callable[[Any], tuple[str, str, Any, dict[str, str]]]:
    def route(request: Any) -> tuple[str, str, Any, dict[str, str]]:
        return "POST", f"{_EXECUTIONS}/{request.pop('execution_id')}:{verb}", request, {}

    return route


_ROUTES: dict[str, Callable[[Any], tuple[str, str, Any, dict[str, str]]]] = {
    "InvokeFlow": _invoke,
    "GetExecution": _get("/{execution_id}"),
    "WaitExecution": _get("/{execution_id}:wait", "timeout_seconds"),
    "ListEvents": _get("/{execution_id}/events", "page_size", "node"),
    "ListNodeExecutions": _get("/{execution_id}/nodes"),
    "ListAttempts": _get("/{execution_id}/nodes/{node}/attempts"),
    "GetOutput": _get("/{execution_id}/output"),
    "ListCheckpoints": _get("/{execution_id}/checkpoints", "page_size", "page_token"),
    "ListGates": _get("/{execution_id}/gates"),
    "CancelExecution": _cancel,
    "ApprovePause": _decide("approve"),
    "RecoverExecution": _again("recover"),
    "RelaunchExecution": _again("relaunch"),
    "ForkExecution": _again("fork"),
    "SignalExecution": _signal,
}


class GrpcFace(Face):
    def __init__(self, server: Server, channel: grpc.Channel) -> None:
        self._metadata = (("authorization", f"Bearer {server.key}"),)
        self._services = (
            (ExecutionServiceStub(channel), executions),
            (InvocationServiceStub(channel), invocations),
            (PauseServiceStub(channel), pauses),
        )

    def ask(self, method: str, request: Any) -> Any:
        stub, messages = next(each for each in self._services if hasattr(each[0], method))
        if hasattr(executions_again, f"{method}Request"):
            messages = executions_again
        message = getattr(messages, f"{method}Request")()
        struct = next((name for name in ("input", "payload", "patch") if name in request), "")
        if struct:
            ParseDict(request[struct], getattr(message, struct))
            getattr(message, struct).SetInParent()
        ParseDict({name: value for name, value in request.items() if name != struct}, message)
        try:
            answer = getattr(stub, method)(message, metadata=self._metadata)
        except grpc.RpcError as error:
            raise _refusal(error) from None
        return _telling(parse(dumps(_CODEC.encoder(answer.DESCRIPTOR)(answer))))


def _refusal(error: Any) -> Refused:
    info = ErrorInfo()
    for detail in rpc_status.from_call(error).details:
        if detail.Is(ErrorInfo.DESCRIPTOR):
            detail.Unpack(info)
    status = {"INVALID_ARGUMENT": 400, "NOT_FOUND": 404}.get(error.code().name, 409)
    return Refused(error.code().name, info.reason, error.details(), status)


def _telling(value: Any) -> Any:
    """JSON without members that say nothing, and with whole numbers as such: Struct knows no others."""
    if isinstance(value, dict):
        told = {name: _telling(member) for name, member in value.items()}
        return {name: member for name, member in told.items() if member is not False and member not in ("", None, {})}
    if isinstance(value, list):
        return [_telling(member) for member in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
