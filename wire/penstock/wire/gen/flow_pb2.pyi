# Generated from proto/penstock/v1/flow.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Flow(_message.Message):
    __slots__ = ("flow", "description", "nodes", "edges", "create_time", "update_time", "live_graph_id")
    class NodesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: FlowNode
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[FlowNode, _Mapping]] = ...) -> None: ...
    FLOW_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    EDGES_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    LIVE_GRAPH_ID_FIELD_NUMBER: _ClassVar[int]
    flow: str
    description: str
    nodes: _containers.MessageMap[str, FlowNode]
    edges: _containers.RepeatedCompositeFieldContainer[FlowEdge]
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    live_graph_id: str
    def __init__(self, flow: _Optional[str] = ..., description: _Optional[str] = ..., nodes: _Optional[_Mapping[str, FlowNode]] = ..., edges: _Optional[_Iterable[_Union[FlowEdge, _Mapping]]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., live_graph_id: _Optional[str] = ...) -> None: ...

class FlowNode(_message.Message):
    __slots__ = ("use", "timeout")
    USE_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    use: str
    timeout: _duration_pb2.Duration
    def __init__(self, use: _Optional[str] = ..., timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class FlowEdge(_message.Message):
    __slots__ = ("to", "when", "otherwise", "map")
    class MapEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    FROM_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    WHEN_FIELD_NUMBER: _ClassVar[int]
    OTHERWISE_FIELD_NUMBER: _ClassVar[int]
    MAP_FIELD_NUMBER: _ClassVar[int]
    to: str
    when: str
    otherwise: bool
    map: _containers.ScalarMap[str, str]
    def __init__(self, to: _Optional[str] = ..., when: _Optional[str] = ..., otherwise: _Optional[bool] = ..., map: _Optional[_Mapping[str, str]] = ..., **kwargs) -> None: ...
