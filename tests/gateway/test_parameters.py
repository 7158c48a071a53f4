"""What no route of the fixed API needs yet, and any route may."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from google.protobuf import descriptor_pool
from google.rpc.error_details_pb2 import DebugInfo

from penstock.gateway.parameters import compile_parameters
from penstock.gateway.route import Route
from penstock.wire.gen.flow_service_pb2 import CompileFlowRequest
from penstock.wire.json import JsonCodec
from penstock.wire.status import RpcError

CODEC = JsonCodec(descriptor_pool.Default())


def read(request: type[Any], query: str) -> Any:
    http: web.Request = make_mocked_request("GET", f"/?{query}")
    route = Route(http_method="GET", pattern="/", service="", method="", request=request, response=request)
    return compile_parameters(route, CODEC)(http)


def test_no_parameters_are_no_message() -> None:
    assert read(CompileFlowRequest, "") is None


@pytest.mark.parametrize(("text", "value"), [("true", True), ("false", False)])
def test_a_bool_is_true_or_false(text: str, value: bool) -> None:
    message = read(CompileFlowRequest, f"flow=a&validateOnly={text}")
    assert message == CompileFlowRequest(flow="a", validate_only=value)


@pytest.mark.parametrize("text", ["True", "1", "", "yes"])
def test_a_bool_is_nothing_else(text: str) -> None:
    with pytest.raises(RpcError) as caught:
        read(CompileFlowRequest, f"validate_only={text}")
    assert caught.value.message.startswith(f'validate_only: expected bool, got "{text}"')


def test_a_repeated_parameter_is_a_list() -> None:
    assert read(DebugInfo, "stack_entries=a&detail=d&stackEntries=b") == DebugInfo(stack_entries=["a", "b"], detail="d")


def test_a_message_is_no_parameter() -> None:
    with pytest.raises(RpcError) as caught:
        read(CompileFlowRequest, "definition=x")
    known = "allow_breaking, archives, flow, validate_only"
    assert caught.value.message == f"definition: unknown parameter; known are: {known}"
