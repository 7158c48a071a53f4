"""Bytes that are no message are their sender's error, whatever the method."""

from __future__ import annotations

import logging
from typing import Any

import grpc
import pytest

from penstock.wire.gen.services import SERVICES

# pytest-grpc's grpc_addr leaves the socket that found a free port to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

BROKEN = b"\x0b\xff"
METHODS = [method.path for service in SERVICES for method in service.methods]
OTHERS = [
    "/penstock.v1.RelayService/Relay",
    "/grpc.health.v1.Health/Check",
    "/grpc.health.v1.Health/Watch",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
]


def answered(channel: grpc.Channel, path: str, metadata: Any) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as refused:
        list(channel.unary_stream(path)(BROKEN, metadata=metadata, timeout=60))
    return refused.value.code(), refused.value.details()


def test_every_method_refuses_them(grpc_channel: grpc.Channel, metadata: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        found = {path: answered(grpc_channel, path, metadata) for path in (*METHODS, *OTHERS)}
    assert {code for code, _ in found.values()} == {grpc.StatusCode.INVALID_ARGUMENT}
    assert found["/penstock.v1.FlowService/GetFlow"][1] == (
        "request: expected penstock.v1.GetFlowRequest in protobuf, got something else"
    )
    assert caplog.records == []


def test_who_has_no_key_hears_of_that_alone(grpc_channel: grpc.Channel) -> None:
    found = {answered(grpc_channel, path, ()) for path in METHODS}
    assert found == {(grpc.StatusCode.UNAUTHENTICATED, "unauthorized")}
