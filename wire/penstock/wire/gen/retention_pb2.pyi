# Generated from proto/penstock/v1/retention.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RetentionPolicy(_message.Message):
    __slots__ = ("flow", "period", "is_forever", "source", "update_time", "key_id")
    class Source(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        SOURCE_UNSPECIFIED: _ClassVar[RetentionPolicy.Source]
        FLOW: _ClassVar[RetentionPolicy.Source]
        ACCOUNT: _ClassVar[RetentionPolicy.Source]
        SERVER: _ClassVar[RetentionPolicy.Source]
    SOURCE_UNSPECIFIED: RetentionPolicy.Source
    FLOW: RetentionPolicy.Source
    ACCOUNT: RetentionPolicy.Source
    SERVER: RetentionPolicy.Source
    FLOW_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    IS_FOREVER_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    flow: str
    period: _duration_pb2.Duration
    is_forever: bool
    source: RetentionPolicy.Source
    update_time: _timestamp_pb2.Timestamp
    key_id: str
    def __init__(self, flow: _Optional[str] = ..., period: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., is_forever: _Optional[bool] = ..., source: _Optional[_Union[RetentionPolicy.Source, str]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., key_id: _Optional[str] = ...) -> None: ...

class RetentionSweep(_message.Message):
    __slots__ = ("state", "start_time", "end_time", "removed_count", "archived_count", "remove_time", "problem")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[RetentionSweep.State]
        IDLE: _ClassVar[RetentionSweep.State]
        RUNNING: _ClassVar[RetentionSweep.State]
    STATE_UNSPECIFIED: RetentionSweep.State
    IDLE: RetentionSweep.State
    RUNNING: RetentionSweep.State
    STATE_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    REMOVED_COUNT_FIELD_NUMBER: _ClassVar[int]
    ARCHIVED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REMOVE_TIME_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    state: RetentionSweep.State
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    removed_count: int
    archived_count: int
    remove_time: _timestamp_pb2.Timestamp
    problem: str
    def __init__(self, state: _Optional[_Union[RetentionSweep.State, str]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., removed_count: _Optional[int] = ..., archived_count: _Optional[int] = ..., remove_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., problem: _Optional[str] = ...) -> None: ...
