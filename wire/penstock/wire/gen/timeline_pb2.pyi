# Generated from proto/penstock/v1/timeline.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from penstock.wire.gen import event_pb2 as _event_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Span(_message.Message):
    __slots__ = ("type", "node", "attempt", "state", "ready_time", "start_time", "end_time", "queue_time", "run_time", "wait", "due_time", "item", "item_count", "items_failed", "child_execution_id", "fallback", "compensation", "sequence")
    class Type(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        TYPE_UNSPECIFIED: _ClassVar[Span.Type]
        EXECUTION: _ClassVar[Span.Type]
        NODE: _ClassVar[Span.Type]
        ATTEMPT: _ClassVar[Span.Type]
        WAIT: _ClassVar[Span.Type]
        ITEM: _ClassVar[Span.Type]
        ITEMS: _ClassVar[Span.Type]
    TYPE_UNSPECIFIED: Span.Type
    EXECUTION: Span.Type
    NODE: Span.Type
    ATTEMPT: Span.Type
    WAIT: Span.Type
    ITEM: Span.Type
    ITEMS: Span.Type
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Span.State]
        OPEN: _ClassVar[Span.State]
        DONE: _ClassVar[Span.State]
        FAILED: _ClassVar[Span.State]
        ABORTED: _ClassVar[Span.State]
    STATE_UNSPECIFIED: Span.State
    OPEN: Span.State
    DONE: Span.State
    FAILED: Span.State
    ABORTED: Span.State
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    READY_TIME_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    QUEUE_TIME_FIELD_NUMBER: _ClassVar[int]
    RUN_TIME_FIELD_NUMBER: _ClassVar[int]
    WAIT_FIELD_NUMBER: _ClassVar[int]
    DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    ITEM_COUNT_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FAILED_FIELD_NUMBER: _ClassVar[int]
    CHILD_EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    FALLBACK_FIELD_NUMBER: _ClassVar[int]
    COMPENSATION_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    type: Span.Type
    node: str
    attempt: int
    state: Span.State
    ready_time: _timestamp_pb2.Timestamp
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    queue_time: _duration_pb2.Duration
    run_time: _duration_pb2.Duration
    wait: _event_pb2.Event.Wait
    due_time: _timestamp_pb2.Timestamp
    item: int
    item_count: int
    items_failed: int
    child_execution_id: str
    fallback: bool
    compensation: bool
    sequence: int
    def __init__(self, type: _Optional[_Union[Span.Type, str]] = ..., node: _Optional[str] = ..., attempt: _Optional[int] = ..., state: _Optional[_Union[Span.State, str]] = ..., ready_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., queue_time: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., run_time: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., wait: _Optional[_Union[_event_pb2.Event.Wait, str]] = ..., due_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., item: _Optional[int] = ..., item_count: _Optional[int] = ..., items_failed: _Optional[int] = ..., child_execution_id: _Optional[str] = ..., fallback: _Optional[bool] = ..., compensation: _Optional[bool] = ..., sequence: _Optional[int] = ...) -> None: ...

class ListSpansRequest(_message.Message):
    __slots__ = ("execution_id", "page_size", "page_token")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    page_size: int
    page_token: str
    def __init__(self, execution_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSpansResponse(_message.Message):
    __slots__ = ("spans", "next_page_token", "time")
    SPANS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    spans: _containers.RepeatedCompositeFieldContainer[Span]
    next_page_token: str
    time: _timestamp_pb2.Timestamp
    def __init__(self, spans: _Optional[_Iterable[_Union[Span, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
