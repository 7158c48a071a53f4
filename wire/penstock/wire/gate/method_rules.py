"""Rules about how a flow is called: its mode, its service and the methods of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from google.protobuf.descriptor import MethodDescriptor

from penstock.wire.gate.contract import Contract
from penstock.wire.gen.artifact_pb2 import Artifact

ContractRule = Callable[[Contract, Contract], Iterator[tuple[str, str]]]
"""(path, what was and what is) of each thing that the rule finds."""
MethodRule = Callable[[MethodDescriptor, MethodDescriptor], str | None]
"""Says what was and what is of a method that is there before and after; None when the rule is kept."""


def mode_compatible(before: Contract, after: Contract) -> Iterator[tuple[str, str]]:
    # The other way round nobody is refused: a stream of a unary flow is one frame.
    if (before.artifact.mode, after.artifact.mode) == (Artifact.UNARY, Artifact.PIPELINE):
        yield "Invoke", "the flow answered with one result and answers with a stream of frames"


def service_no_delete(before: Contract, after: Contract) -> Iterator[tuple[str, str]]:
    if before.service != after.service:
        yield before.service, f"the service was {before.service} and is {after.service}"


def method_no_delete(before: Contract, after: Contract) -> Iterator[tuple[str, str]]:
    for name in before.methods:
        if name not in after.methods:
            yield name, f"method {name} is gone"


def same_request_type(before: MethodDescriptor, after: MethodDescriptor) -> str | None:
    was, now = before.input_type.full_name, after.input_type.full_name
    return None if was == now else f"method {before.name} took {was} and takes {now}"


def same_response_type(before: MethodDescriptor, after: MethodDescriptor) -> str | None:
    was, now = before.output_type.full_name, after.output_type.full_name
    return None if was == now else f"method {before.name} gave {was} and gives {now}"


def same_client_streaming(before: MethodDescriptor, after: MethodDescriptor) -> str | None:
    was, now = before.client_streaming, after.client_streaming
    return None if was == now else f"method {before.name} took {_many(was)} and takes {_many(now)}"


def same_server_streaming(before: MethodDescriptor, after: MethodDescriptor) -> str | None:
    was, now = before.server_streaming, after.server_streaming
    return None if was == now else f"method {before.name} gave {_many(was)} and gives {_many(now)}"


CONTRACT_RULES: Mapping[str, ContractRule] = {
    "FLOW_MODE_COMPATIBLE": mode_compatible,
    "SERVICE_NO_DELETE": service_no_delete,
    "RPC_NO_DELETE": method_no_delete,
}

METHOD_RULES: Mapping[str, MethodRule] = {
    "RPC_SAME_REQUEST_TYPE": same_request_type,
    "RPC_SAME_RESPONSE_TYPE": same_response_type,
    "RPC_SAME_CLIENT_STREAMING": same_client_streaming,
    "RPC_SAME_SERVER_STREAMING": same_server_streaming,
}


def _many(is_streaming: bool) -> str:
    return "a stream of messages" if is_streaming else "one message"
