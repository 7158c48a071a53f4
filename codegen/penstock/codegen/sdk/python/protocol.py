"""The messages of Penstock's own API that a client speaks, cut down to the fields that it uses.

Whole, they would bring half of the API into every client. Numbers and types come from the real ones.
"""

from __future__ import annotations

from typing import Any

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status

from penstock.wire.gen.execution_pb2 import Execution
from penstock.wire.gen.execution_service_pb2 import (
    CancelExecutionRequest,
    GetExecutionRequest,
    GetOutputRequest,
    Output,
    SignalExecutionRequest,
    WaitExecutionRequest,
    WatchExecutionRequest,
    WatchExecutionResponse,
)
from penstock.wire.gen.failure_pb2 import Failure
from penstock.wire.gen.frame_pb2 import Frame
from penstock.wire.gen.invocation_service_pb2 import InvokeFlowRequest, StreamFlowRequest
from penstock.wire.gen.pause_pb2 import Pause
from penstock.wire.gen.pause_service_pb2 import ApprovePauseRequest, ListPausesRequest, ListPausesResponse
from penstock.wire.gen.signal_pb2 import SignalExecutionResponse
from penstock.wire.gen.webhook_pb2 import Webhook

PACKAGE = "api"

# Message -> its fields. A message or enum that a field is of is here too, an enum whole.
_MESSAGES: dict[Any, tuple[str, ...]] = {
    StreamFlowRequest: (
        "graph_id",
        "input_bytes",
        "timeout_seconds",
        "request_id",
        "labels",
        "webhook",
        "config_id",
        "overwrite_cache",
    ),
    InvokeFlowRequest: ("labels", "webhook", "config_id", "overwrite_cache"),
    Webhook: ("url", "headers"),
    Frame: (
        "execution_id",
        "frame_index",
        "payload_bytes",
        "is_final",
        "success",
        "error",
        "sequence",
        "provisional",
        "rollback_to",
    ),
    GetExecutionRequest: ("execution_id",),
    WaitExecutionRequest: ("execution_id", "timeout_seconds"),
    WatchExecutionRequest: ("execution_id", "after_sequence", "payload_bytes"),
    WatchExecutionResponse: ("frame",),
    GetOutputRequest: ("execution_id", "payload_bytes"),
    Output: ("output_bytes",),
    CancelExecutionRequest: ("execution_id", "reason"),
    Execution: ("execution_id", "status", "error", "cancel_reason"),
    ListPausesRequest: ("execution_id", "page_token"),
    ListPausesResponse: ("pauses", "next_page_token"),
    Pause: ("execution_id", "pause", "state", "prompt", "value_type", "needs_value", "decided_by", "comment"),
    ApprovePauseRequest: ("execution_id", "comment", "value_bytes"),
    SignalExecutionRequest: ("execution_id", "payload_bytes", "request_id"),
    SignalExecutionResponse: ("sequence",),
    Failure: ("code", "message", "kind", "node", "class"),
    Status: ("code", "message", "details"),
    AnyMessage: ("type_url", "value"),
    ErrorInfo: ("reason", "metadata"),
    BadRequest: ("field_violations",),
    BadRequest.FieldViolation: ("field", "description"),
}
# The library would take the one for the well-known type, and the modules mean the flow's by the other.
_NAMES = {AnyMessage.DESCRIPTOR.full_name: "Detail", Output.DESCRIPTOR.full_name: "EndOutput"}


def protocol_file() -> FileDescriptorProto:
    """One file with all of them side by side, named after their path: Execution.Status is ExecutionStatus."""
    file = FileDescriptorProto(name=f"{PACKAGE}.proto", package=PACKAGE, syntax="proto3")
    enums: dict[str, EnumDescriptor] = {}
    for cls, fields in _MESSAGES.items():
        message = file.message_type.add(name=_name(cls.DESCRIPTOR))
        for name in fields:
            _add_field(message, cls.DESCRIPTOR.fields_by_name[name], enums)
    for enum in enums.values():
        copied = file.enum_type.add()
        enum.CopyToProto(copied)
        copied.name = _name(enum)
    return file


def _add_field(message: DescriptorProto, real: FieldDescriptor, enums: dict[str, EnumDescriptor]) -> None:
    field = message.field.add(name=real.name, number=real.number, type=real.type)
    field.label = FieldDescriptorProto.LABEL_REPEATED if real.is_repeated else FieldDescriptorProto.LABEL_OPTIONAL
    if real.enum_type is not None:
        enums[real.enum_type.full_name] = real.enum_type
        field.type_name = f".{PACKAGE}.{_name(real.enum_type)}"
    elif real.message_type is not None and real.message_type.GetOptions().map_entry:
        entry = message.nested_type.add()
        real.message_type.CopyToProto(entry)
        field.type_name = f".{PACKAGE}.{message.name}.{entry.name}"
    elif real.message_type is not None:
        field.type_name = f".{PACKAGE}.{_name(real.message_type)}"
    if real.has_presence:
        field.proto3_optional = True
        field.oneof_index = len(message.oneof_decl)
        message.oneof_decl.add(name=f"_{field.name}")


def _name(descriptor: Descriptor | EnumDescriptor) -> str:
    around = descriptor.containing_type
    return _NAMES.get(descriptor.full_name) or (_name(around) if around else "") + descriptor.name
