# Generated from proto/penstock/v1/config.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from penstock.wire.gen import execution_options_pb2 as _execution_options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Config(_message.Message):
    __slots__ = ("config_id", "flow", "is_default", "description", "values", "nodes", "create_time", "update_time")
    class NodesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _execution_options_pb2.NodeOverride
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_execution_options_pb2.NodeOverride, _Mapping]] = ...) -> None: ...
    CONFIG_ID_FIELD_NUMBER: _ClassVar[int]
    FLOW_FIELD_NUMBER: _ClassVar[int]
    IS_DEFAULT_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    config_id: str
    flow: str
    is_default: bool
    description: str
    values: _struct_pb2.Struct
    nodes: _containers.MessageMap[str, _execution_options_pb2.NodeOverride]
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, config_id: _Optional[str] = ..., flow: _Optional[str] = ..., is_default: _Optional[bool] = ..., description: _Optional[str] = ..., values: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., nodes: _Optional[_Mapping[str, _execution_options_pb2.NodeOverride]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
