# Generated from proto/penstock/v1/node_execution.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from penstock.wire.gen import event_pb2 as _event_pb2
from penstock.wire.gen import failure_pb2 as _failure_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class NodeExecution(_message.Message):
    __slots__ = ("node", "status", "use", "attempt_count", "start_time", "complete_time", "duration", "frame_count", "error", "wait", "due_time", "child_execution_id", "item_count", "items_succeeded", "items_failed", "cache_hit", "fallback", "progress", "usage", "signal", "execution_id", "flow", "version")
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
        RECOVERED: _ClassVar[NodeExecution.Status]
        WAITING: _ClassVar[NodeExecution.Status]
        COMPENSATED: _ClassVar[NodeExecution.Status]
    STATUS_UNSPECIFIED: NodeExecution.Status
    QUEUED: NodeExecution.Status
    RUNNING: NodeExecution.Status
    SUCCEEDED: NodeExecution.Status
    FAILED: NodeExecution.Status
    SKIPPED: NodeExecution.Status
    CANCELLED: NodeExecution.Status
    TIMED_OUT: NodeExecution.Status
    RECOVERED: NodeExecution.Status
    WAITING: NodeExecution.Status
    COMPENSATED: NodeExecution.Status
    NODE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    USE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_COUNT_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_TIME_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    FRAME_COUNT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    WAIT_FIELD_NUMBER: _ClassVar[int]
    DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    CHILD_EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    ITEM_COUNT_FIELD_NUMBER: _ClassVar[int]
    ITEMS_SUCCEEDED_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FAILED_FIELD_NUMBER: _ClassVar[int]
    CACHE_HIT_FIELD_NUMBER: _ClassVar[int]
    FALLBACK_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    FLOW_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    node: str
    status: NodeExecution.Status
    use: str
    attempt_count: int
    start_time: _timestamp_pb2.Timestamp
    complete_time: _timestamp_pb2.Timestamp
    duration: _duration_pb2.Duration
    frame_count: int
    error: _failure_pb2.Failure
    wait: _event_pb2.Event.Wait
    due_time: _timestamp_pb2.Timestamp
    child_execution_id: str
    item_count: int
    items_succeeded: int
    items_failed: int
    cache_hit: bool
    fallback: bool
    progress: _event_pb2.NodeProgress
    usage: _containers.RepeatedCompositeFieldContainer[_event_pb2.NodeUsage]
    signal: str
    execution_id: str
    flow: str
    version: int
    def __init__(self, node: _Optional[str] = ..., status: _Optional[_Union[NodeExecution.Status, str]] = ..., use: _Optional[str] = ..., attempt_count: _Optional[int] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., complete_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., frame_count: _Optional[int] = ..., error: _Optional[_Union[_failure_pb2.Failure, _Mapping]] = ..., wait: _Optional[_Union[_event_pb2.Event.Wait, str]] = ..., due_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., child_execution_id: _Optional[str] = ..., item_count: _Optional[int] = ..., items_succeeded: _Optional[int] = ..., items_failed: _Optional[int] = ..., cache_hit: _Optional[bool] = ..., fallback: _Optional[bool] = ..., progress: _Optional[_Union[_event_pb2.NodeProgress, _Mapping]] = ..., usage: _Optional[_Iterable[_Union[_event_pb2.NodeUsage, _Mapping]]] = ..., signal: _Optional[str] = ..., execution_id: _Optional[str] = ..., flow: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class Attempt(_message.Message):
    __slots__ = ("node", "attempt", "status", "start_time", "complete_time", "duration", "error", "item", "due_time", "fallback", "compensation")
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
    ITEM_FIELD_NUMBER: _ClassVar[int]
    DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    FALLBACK_FIELD_NUMBER: _ClassVar[int]
    COMPENSATION_FIELD_NUMBER: _ClassVar[int]
    node: str
    attempt: int
    status: Attempt.Status
    start_time: _timestamp_pb2.Timestamp
    complete_time: _timestamp_pb2.Timestamp
    duration: _duration_pb2.Duration
    error: _failure_pb2.Failure
    item: int
    due_time: _timestamp_pb2.Timestamp
    fallback: bool
    compensation: bool
    def __init__(self, node: _Optional[str] = ..., attempt: _Optional[int] = ..., status: _Optional[_Union[Attempt.Status, str]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., complete_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., error: _Optional[_Union[_failure_pb2.Failure, _Mapping]] = ..., item: _Optional[int] = ..., due_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., fallback: _Optional[bool] = ..., compensation: _Optional[bool] = ...) -> None: ...
