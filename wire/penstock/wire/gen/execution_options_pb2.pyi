# Generated from proto/penstock/v1/execution_options.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from penstock.wire.gen import execution_pb2 as _execution_pb2
from penstock.wire.gen import retries_pb2 as _retries_pb2
from penstock.wire.gen import webhook_pb2 as _webhook_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ExecutionOptions(_message.Message):
    __slots__ = ("config", "nodes", "config_id", "webhook", "overwrite_cache", "depth", "source_execution_id", "source", "children", "traceparent")
    class NodesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: NodeOverride
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[NodeOverride, _Mapping]] = ...) -> None: ...
    class ChildrenEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    CONFIG_ID_FIELD_NUMBER: _ClassVar[int]
    WEBHOOK_FIELD_NUMBER: _ClassVar[int]
    OVERWRITE_CACHE_FIELD_NUMBER: _ClassVar[int]
    DEPTH_FIELD_NUMBER: _ClassVar[int]
    SOURCE_EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    CHILDREN_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    config: _struct_pb2.Struct
    nodes: _containers.MessageMap[str, NodeOverride]
    config_id: str
    webhook: _webhook_pb2.Webhook
    overwrite_cache: bool
    depth: int
    source_execution_id: str
    source: _execution_pb2.Execution.Source
    children: _containers.ScalarMap[str, str]
    traceparent: str
    def __init__(self, config: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., nodes: _Optional[_Mapping[str, NodeOverride]] = ..., config_id: _Optional[str] = ..., webhook: _Optional[_Union[_webhook_pb2.Webhook, _Mapping]] = ..., overwrite_cache: _Optional[bool] = ..., depth: _Optional[int] = ..., source_execution_id: _Optional[str] = ..., source: _Optional[_Union[_execution_pb2.Execution.Source, str]] = ..., children: _Optional[_Mapping[str, str]] = ..., traceparent: _Optional[str] = ...) -> None: ...

class NodeOverride(_message.Message):
    __slots__ = ("timeout", "retries")
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    RETRIES_FIELD_NUMBER: _ClassVar[int]
    timeout: _duration_pb2.Duration
    retries: _retries_pb2.Retries
    def __init__(self, timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., retries: _Optional[_Union[_retries_pb2.Retries, _Mapping]] = ...) -> None: ...
