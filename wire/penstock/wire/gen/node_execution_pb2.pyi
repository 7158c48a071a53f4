# Generated from proto/penstock/v1/node_execution.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from penstock.wire.gen import failure_pb2 as _failure_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class NodeExecution(_message.Message):
    __slots__ = ("node", "status", "use", "attempt_count", "start_time", "complete_time", "duration", "frame_count", "error")
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATUS_UNSPECIFIED: _ClassVar[NodeExecution.Status]
        QUEUED: _ClassVar[NodeExecution.Status]
        RUNNING: _ClassVar[NodeExecution.Status]
        SUCCEEDED: _ClassVar[NodeExecution.Status]
        FAILED: _ClassVar[NodeExecution.Status]
        SKIPPED: _ClassVar[NodeExecution.Status]
        CANCELLED: _ClassVar[NodeExecution.Status]
        TIMED_OUT: _ClassVar[NodeExecution.Status]
    STATUS_UNSPECIFIED: NodeExecution.Status
    QUEUED: NodeExecution.Status
    RUNNING: NodeExecution.Status
    SUCCEEDED: NodeExecution.Status
    FAILED: NodeExecution.Status
    SKIPPED: NodeExecution.Status
    CANCELLED: NodeExecution.Status
    TIMED_OUT: NodeExecution.Status
    NODE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    USE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_COUNT_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_TIME_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    FRAME_COUNT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    node: str
    status: NodeExecution.Status
    use: str
    attempt_count: int
    start_time: _timestamp_pb2.Timestamp
    complete_time: _timestamp_pb2.Timestamp
    duration: _duration_pb2.Duration
    frame_count: int
    error: _failure_pb2.Failure
    def __init__(self, node: _Optional[str] = ..., status: _Optional[_Union[NodeExecution.Status, str]] = ..., use: _Optional[str] = ..., attempt_count: _Optional[int] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., complete_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., frame_count: _Optional[int] = ..., error: _Optional[_Union[_failure_pb2.Failure, _Mapping]] = ...) -> None: ...

class Attempt(_message.Message):
    __slots__ = ("node", "attempt", "status", "start_time", "complete_time", "duration", "error")
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATUS_UNSPECIFIED: _ClassVar[Attempt.Status]
        QUEUED: _ClassVar[Attempt.Status]
        RUNNING: _ClassVar[Attempt.Status]
        SUCCEEDED: _ClassVar[Attempt.Status]
        FAILED: _ClassVar[Attempt.Status]
        RETRYABLE_FAILED: _ClassVar[Attempt.Status]
        ABORTED: _ClassVar[Attempt.Status]
    STATUS_UNSPECIFIED: Attempt.Status
    QUEUED: Attempt.Status
    RUNNING: Attempt.Status
    SUCCEEDED: Attempt.Status
    FAILED: Attempt.Status
    RETRYABLE_FAILED: Attempt.Status
    ABORTED: Attempt.Status
    NODE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_TIME_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    node: str
    attempt: int
    status: Attempt.Status
    start_time: _timestamp_pb2.Timestamp
    complete_time: _timestamp_pb2.Timestamp
    duration: _duration_pb2.Duration
    error: _failure_pb2.Failure
    def __init__(self, node: _Optional[str] = ..., attempt: _Optional[int] = ..., status: _Optional[_Union[Attempt.Status, str]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., complete_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., error: _Optional[_Union[_failure_pb2.Failure, _Mapping]] = ...) -> None: ...
