# Generated from proto/penstock/v1/execution_feed.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from penstock.wire.gen import event_pb2 as _event_pb2
from penstock.wire.gen import execution_pb2 as _execution_pb2
from penstock.wire.gen import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WatchExecutionsRequest(_message.Message):
    __slots__ = ("cursor", "filter", "types")
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    TYPES_FIELD_NUMBER: _ClassVar[int]
    cursor: str
    filter: str
    types: _containers.RepeatedScalarFieldContainer[_event_pb2.Event.Type]
    def __init__(self, cursor: _Optional[str] = ..., filter: _Optional[str] = ..., types: _Optional[_Iterable[_Union[_event_pb2.Event.Type, str]]] = ...) -> None: ...

class WatchExecutionsResponse(_message.Message):
    __slots__ = ("recorded", "bookmark", "cursor")
    RECORDED_FIELD_NUMBER: _ClassVar[int]
    BOOKMARK_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    recorded: ExecutionEvent
    bookmark: FeedBookmark
    cursor: str
    def __init__(self, recorded: _Optional[_Union[ExecutionEvent, _Mapping]] = ..., bookmark: _Optional[_Union[FeedBookmark, _Mapping]] = ..., cursor: _Optional[str] = ...) -> None: ...

class ExecutionEvent(_message.Message):
    __slots__ = ("execution_id", "flow", "graph_id", "version", "labels", "parent_execution_id", "status", "event")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    FLOW_FIELD_NUMBER: _ClassVar[int]
    GRAPH_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    PARENT_EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    flow: str
    graph_id: str
    version: int
    labels: _containers.ScalarMap[str, str]
    parent_execution_id: str
    status: _execution_pb2.Execution.Status
    event: _event_pb2.Event
    def __init__(self, execution_id: _Optional[str] = ..., flow: _Optional[str] = ..., graph_id: _Optional[str] = ..., version: _Optional[int] = ..., labels: _Optional[_Mapping[str, str]] = ..., parent_execution_id: _Optional[str] = ..., status: _Optional[_Union[_execution_pb2.Execution.Status, str]] = ..., event: _Optional[_Union[_event_pb2.Event, _Mapping]] = ...) -> None: ...

class FeedBookmark(_message.Message):
    __slots__ = ("time",)
    TIME_FIELD_NUMBER: _ClassVar[int]
    time: _timestamp_pb2.Timestamp
    def __init__(self, time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
