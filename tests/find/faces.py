"""Lists through HTTP, gRPC and the command line."""

from __future__ import annotations

import json
from typing import Any, Protocol
from urllib.parse import urlencode

import grpc
from google.protobuf.descriptor_pool import Default

from penstock.wire.gen.execution_service_pb2 import ListExecutionsRequest, ListNodeExecutionsRequest
from penstock.wire.gen.execution_service_pb2_grpc import ExecutionServiceStub
from penstock.wire.json import JsonCodec, dumps
from tests.e2e.test_cli import penstock
from tests.harness import Server

EXECUTIONS = "/invocations/v1/executions"
_CODEC = JsonCodec(Default())


class Refused(Exception):
    """What was said in place of a list."""


class Face(Protocol):
    def executions(self, text: str, order_by: str = "") -> list[Any]: ...

    def nodes(self, text: str) -> list[Any]:
        """Of all executions."""
        ...


class HttpFace:
    def __init__(self, server: Server) -> None:
        self._server = server

    def executions(self, text: str, order_by: str = "") -> list[Any]:
        return list(self.ask(EXECUTIONS, filter=text, order_by=order_by, page_size=1000)["executions"])

    def nodes(self, text: str) -> list[Any]:
        return list(self.ask(f"{EXECUTIONS}/-/nodes", filter=text, page_size=1000)["nodes"])

    def ask(self, path: str, **parameters: Any) -> Any:
        query = urlencode({name: value for name, value in parameters.items() if value != ""})
        answer = self._server.request("GET", f"{path}?{query}")
        if answer.status != 200:
            raise Refused(answer.json["error"])
        return answer.json


class GrpcFace:
    def __init__(self, server: Server, channel: grpc.Channel) -> None:
        self._stub = ExecutionServiceStub(channel)
        self._metadata = (("authorization", f"Bearer {server.key}"),)

    def executions(self, text: str, order_by: str = "") -> list[Any]:
        request = ListExecutionsRequest(filter=text, order_by=order_by, page_size=1000)
        return list(self._ask(self._stub.ListExecutions, request)["executions"])

    def nodes(self, text: str) -> list[Any]:
        request = ListNodeExecutionsRequest(execution_id="-", filter=text, page_size=1000)
        return list(self._ask(self._stub.ListNodeExecutions, request)["nodes"])

    def _ask(self, method: Any, request: Any) -> Any:
        try:
            answer = method(request, metadata=self._metadata, timeout=30)
        except grpc.RpcError as error:
            raise Refused(error.details()) from None  # type: ignore[attr-defined]
        return json.loads(dumps(_CODEC.encoder(answer.DESCRIPTOR)(answer)))


class CommandFace:
    def __init__(self, server: Server) -> None:
        self._server = server

    def executions(self, text: str, order_by: str = "") -> list[Any]:
        return list(self._run("list", "--filter", text, "--order-by", order_by)["executions"])

    def nodes(self, text: str) -> list[Any]:
        return list(self._run("nodes", "--filter", text)["nodes"])

    def _run(self, verb: str, *arguments: str) -> Any:
        done = penstock(self._server, "executions", verb, *arguments, "--limit", "1000", "--output", "json")
        if done.returncode:
            raise Refused(done.stderr.removeprefix("penstock: ").rstrip("\n"))
        return json.loads(done.stdout)
