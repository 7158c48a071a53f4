"""One execution explained through three faces, and what differs from look to look."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

import grpc
from google.protobuf.descriptor_pool import Default
from google.protobuf.message import Message

from penstock.wire.gen.execution_service_pb2 import ExplainExecutionRequest
from penstock.wire.gen.execution_service_pb2_grpc import ExecutionServiceStub
from penstock.wire.gen.timeline_pb2 import ListSpansRequest
from penstock.wire.json import JsonCodec, dumps
from tests.e2e.support import eventually
from tests.e2e.test_cli import penstock
from tests.harness import Server

_CODEC = JsonCodec(Default())
_TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
_LENGTH = r"\d+ d \d+ h|\d+ h \d+ min|\d+ min \d+ s|\d+ ms|\d+\.\d s"
_Found = TypeVar("_Found")


def explained(server: Server, execution_id: str) -> Any:
    return server.execution(execution_id, ":explain")


def explained_as(server: Server, execution_id: str, reason: str) -> Any:
    """The explanation when it comes down to a reason."""
    eventually(lambda: explained(server, execution_id)["reason"] == reason)
    return explained(server, execution_id)


def by_grpc(server: Server, channel: grpc.Channel, execution_id: str) -> Any:
    stub, request = ExecutionServiceStub(channel), ExplainExecutionRequest(execution_id=execution_id)
    return as_json(stub.ExplainExecution(request, metadata=(("authorization", f"Bearer {server.key}"),), timeout=30))


def spans_by_grpc(server: Server, channel: grpc.Channel, execution_id: str) -> Any:
    stub, request = ExecutionServiceStub(channel), ListSpansRequest(execution_id=execution_id)
    return as_json(stub.ListSpans(request, metadata=(("authorization", f"Bearer {server.key}"),), timeout=30))


def by_command(server: Server, verb: str, execution_id: str) -> Any:
    done = penstock(server, "executions", verb, execution_id, "--output", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def as_json(message: Message) -> Any:
    return json.loads(dumps(_CODEC.encoder(message.DESCRIPTOR)(message)))


def settled(value: Any) -> Any:
    """Without what changes while one looks: the time, the lease, and how long something has taken or will take."""
    if isinstance(value, list):
        return [settled(each) for each in value]
    if isinstance(value, dict):
        return {key: settled(each) for key, each in value.items() if key not in ("time", "lease_expire_time")}
    return re.sub(_LENGTH, "LENGTH", value) if isinstance(value, str) else value


def told(explanation: Any, server: Server) -> str:
    """The summary without times, lengths of time and the process."""
    summary = re.sub(_LENGTH, "LENGTH", re.sub(_TIME, "TIME", explanation["summary"]))
    return re.sub(r"process \S+?:\d+", "process P", summary)


def until(look: Callable[[], _Found]) -> _Found:
    """The first true value that `look` gives."""
    eventually(lambda: bool(look()))
    return look()
