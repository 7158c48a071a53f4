# Generated from proto/penstock/v1/limit.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RateLimit(_message.Message):
    __slots__ = ("key_id", "calls_per_second", "burst", "source", "update_time", "set_by")
    class Source(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        SOURCE_UNSPECIFIED: _ClassVar[RateLimit.Source]
        KEY: _ClassVar[RateLimit.Source]
        ACCOUNT: _ClassVar[RateLimit.Source]
        NONE: _ClassVar[RateLimit.Source]
    SOURCE_UNSPECIFIED: RateLimit.Source
    KEY: RateLimit.Source
    ACCOUNT: RateLimit.Source
    NONE: RateLimit.Source
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    CALLS_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    BURST_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    SET_BY_FIELD_NUMBER: _ClassVar[int]
    key_id: str
    calls_per_second: float
    burst: int
    source: RateLimit.Source
    update_time: _timestamp_pb2.Timestamp
    set_by: str
    def __init__(self, key_id: _Optional[str] = ..., calls_per_second: _Optional[float] = ..., burst: _Optional[int] = ..., source: _Optional[_Union[RateLimit.Source, str]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., set_by: _Optional[str] = ...) -> None: ...

class ExecutionLimit(_message.Message):
    __slots__ = ("flow", "running_max", "queued_max", "when_full", "update_time", "set_by")
    class WhenFull(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        WHEN_FULL_UNSPECIFIED: _ClassVar[ExecutionLimit.WhenFull]
        REJECT: _ClassVar[ExecutionLimit.WhenFull]
        QUEUE: _ClassVar[ExecutionLimit.WhenFull]
        REPLACE: _ClassVar[ExecutionLimit.WhenFull]
    WHEN_FULL_UNSPECIFIED: ExecutionLimit.WhenFull
    REJECT: ExecutionLimit.WhenFull
    QUEUE: ExecutionLimit.WhenFull
    REPLACE: ExecutionLimit.WhenFull
    FLOW_FIELD_NUMBER: _ClassVar[int]
    RUNNING_MAX_FIELD_NUMBER: _ClassVar[int]
    QUEUED_MAX_FIELD_NUMBER: _ClassVar[int]
    WHEN_FULL_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    SET_BY_FIELD_NUMBER: _ClassVar[int]
    flow: str
    running_max: int
    queued_max: int
    when_full: ExecutionLimit.WhenFull
    update_time: _timestamp_pb2.Timestamp
    set_by: str
    def __init__(self, flow: _Optional[str] = ..., running_max: _Optional[int] = ..., queued_max: _Optional[int] = ..., when_full: _Optional[_Union[ExecutionLimit.WhenFull, str]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., set_by: _Optional[str] = ...) -> None: ...
