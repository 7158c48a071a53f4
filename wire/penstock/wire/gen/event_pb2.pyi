# Generated from proto/penstock/v1/event.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from penstock.wire.gen import failure_pb2 as _failure_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Event(_message.Message):
    __slots__ = ("sequence", "type", "node", "attempt", "time", "frame_index", "error", "reason")
    class Type(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        TYPE_UNSPECIFIED: _ClassVar[Event.Type]
        EXECUTION_ACCEPTED: _ClassVar[Event.Type]
        EXECUTION_RESUMED: _ClassVar[Event.Type]
        EXECUTION_COMPLETED: _ClassVar[Event.Type]
        EXECUTION_FAILED: _ClassVar[Event.Type]
        EXECUTION_CANCELLED: _ClassVar[Event.Type]
        EXECUTION_TIMED_OUT: _ClassVar[Event.Type]
        NODE_STARTED: _ClassVar[Event.Type]
        NODE_SUCCEEDED: _ClassVar[Event.Type]
        NODE_FAILED: _ClassVar[Event.Type]
        NODE_TIMED_OUT: _ClassVar[Event.Type]
        NODE_CANCELLED: _ClassVar[Event.Type]
        FRAME_EMITTED: _ClassVar[Event.Type]
        EXECUTION_STARTED: _ClassVar[Event.Type]
    TYPE_UNSPECIFIED: Event.Type
    EXECUTION_ACCEPTED: Event.Type
    EXECUTION_RESUMED: Event.Type
    EXECUTION_COMPLETED: Event.Type
    EXECUTION_FAILED: Event.Type
    EXECUTION_CANCELLED: Event.Type
    EXECUTION_TIMED_OUT: Event.Type
    NODE_STARTED: Event.Type
    NODE_SUCCEEDED: Event.Type
    NODE_FAILED: Event.Type
    NODE_TIMED_OUT: Event.Type
    NODE_CANCELLED: Event.Type
    FRAME_EMITTED: Event.Type
    EXECUTION_STARTED: Event.Type
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    FRAME_INDEX_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    type: Event.Type
    node: str
    attempt: int
    time: _timestamp_pb2.Timestamp
    frame_index: int
    error: _failure_pb2.Failure
    reason: str
    def __init__(self, sequence: _Optional[int] = ..., type: _Optional[_Union[Event.Type, str]] = ..., node: _Optional[str] = ..., attempt: _Optional[int] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., frame_index: _Optional[int] = ..., error: _Optional[_Union[_failure_pb2.Failure, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...
