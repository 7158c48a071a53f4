# Generated from proto/penstock/v1/invocation_service.proto by penstock.codegen. DO NOT EDIT.
from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from penstock.wire.gen import artifact_pb2 as _artifact_pb2
from penstock.wire.gen import execution_pb2 as _execution_pb2
from penstock.wire.gen import failure_pb2 as _failure_pb2
from penstock.wire.gen import frame_pb2 as _frame_pb2
from penstock.wire.gen import options_pb2 as _options_pb2
from penstock.wire.gen import webhook_pb2 as _webhook_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class InvokeFlowRequest(_message.Message):
    __slots__ = ("graph_id", "flow", "input", "input_bytes", "wait", "timeout_seconds", "request_id", "labels", "webhook", "config_id", "overwrite_cache", "traceparent")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    GRAPH_ID_FIELD_NUMBER: _ClassVar[int]
    FLOW_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    INPUT_BYTES_FIELD_NUMBER: _ClassVar[int]
    WAIT_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    WEBHOOK_FIELD_NUMBER: _ClassVar[int]
    CONFIG_ID_FIELD_NUMBER: _ClassVar[int]
    OVERWRITE_CACHE_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    graph_id: str
    flow: str
    input: _struct_pb2.Struct
    input_bytes: bytes
    wait: bool
    timeout_seconds: float
    request_id: str
    labels: _containers.ScalarMap[str, str]
    webhook: _webhook_pb2.Webhook
    config_id: str
    overwrite_cache: bool
    traceparent: str
    def __init__(self, graph_id: _Optional[str] = ..., flow: _Optional[str] = ..., input: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., input_bytes: _Optional[bytes] = ..., wait: _Optional[bool] = ..., timeout_seconds: _Optional[float] = ..., request_id: _Optional[str] = ..., labels: _Optional[_Mapping[str, str]] = ..., webhook: _Optional[_Union[_webhook_pb2.Webhook, _Mapping]] = ..., config_id: _Optional[str] = ..., overwrite_cache: _Optional[bool] = ..., traceparent: _Optional[str] = ...) -> None: ...

class InvokeFlowResponse(_message.Message):
    __slots__ = ("accepted", "execution_id", "result", "status", "deprecation")
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    DEPRECATION_FIELD_NUMBER: _ClassVar[int]
    accepted: bool
    execution_id: str
    result: InvocationResult
    status: _execution_pb2.Execution.Status
    deprecation: _artifact_pb2.ArtifactStateChange
    def __init__(self, accepted: _Optional[bool] = ..., execution_id: _Optional[str] = ..., result: _Optional[_Union[InvocationResult, _Mapping]] = ..., status: _Optional[_Union[_execution_pb2.Execution.Status, str]] = ..., deprecation: _Optional[_Union[_artifact_pb2.ArtifactStateChange, _Mapping]] = ...) -> None: ...

class InvocationResult(_message.Message):
    __slots__ = ("output", "output_bytes", "success", "completed_at", "error")
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_BYTES_FIELD_NUMBER: _ClassVar[int]
    SUCCESS_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_AT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    output: _struct_pb2.Struct
    output_bytes: bytes
    success: bool
    completed_at: int
    error: _failure_pb2.Failure
    def __init__(self, output: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., output_bytes: _Optional[bytes] = ..., success: _Optional[bool] = ..., completed_at: _Optional[int] = ..., error: _Optional[_Union[_failure_pb2.Failure, _Mapping]] = ...) -> None: ...

class StreamFlowRequest(_message.Message):
    __slots__ = ("graph_id", "flow", "input", "input_bytes", "timeout_seconds", "request_id", "labels", "webhook", "config_id", "overwrite_cache", "traceparent")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    GRAPH_ID_FIELD_NUMBER: _ClassVar[int]
    FLOW_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    INPUT_BYTES_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    WEBHOOK_FIELD_NUMBER: _ClassVar[int]
    CONFIG_ID_FIELD_NUMBER: _ClassVar[int]
    OVERWRITE_CACHE_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    graph_id: str
    flow: str
    input: _struct_pb2.Struct
    input_bytes: bytes
    timeout_seconds: float
    request_id: str
    labels: _containers.ScalarMap[str, str]
    webhook: _webhook_pb2.Webhook
    config_id: str
    overwrite_cache: bool
    traceparent: str
    def __init__(self, graph_id: _Optional[str] = ..., flow: _Optional[str] = ..., input: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., input_bytes: _Optional[bytes] = ..., timeout_seconds: _Optional[float] = ..., request_id: _Optional[str] = ..., labels: _Optional[_Mapping[str, str]] = ..., webhook: _Optional[_Union[_webhook_pb2.Webhook, _Mapping]] = ..., config_id: _Optional[str] = ..., overwrite_cache: _Optional[bool] = ..., traceparent: _Optional[str] = ...) -> None: ...
