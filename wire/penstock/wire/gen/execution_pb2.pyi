# Generated from proto/penstock/v1/execution.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from penstock.wire.gen import artifact_pb2 as _artifact_pb2
from penstock.wire.gen import failure_pb2 as _failure_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Execution(_message.Message):
    __slots__ = ("execution_id", "status", "flow", "graph_id", "version", "mode", "create_time", "start_time", "update_time", "complete_time", "duration", "last_sequence", "attempt_count", "labels", "error", "failure_class", "cancel_reason", "parent_execution_id", "parent_node", "depth", "config_id", "deadline_time", "source_execution_id", "source", "imported", "original_execution_id")
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATUS_UNSPECIFIED: _ClassVar[Execution.Status]
        QUEUED: _ClassVar[Execution.Status]
        RUNNING: _ClassVar[Execution.Status]
        COMPLETED: _ClassVar[Execution.Status]
        FAILED: _ClassVar[Execution.Status]
        CANCELLED: _ClassVar[Execution.Status]
        TIMED_OUT: _ClassVar[Execution.Status]
        PAUSED: _ClassVar[Execution.Status]
        WAITING_ON_GATE: _ClassVar[Execution.Status]
        COMPENSATING: _ClassVar[Execution.Status]
    STATUS_UNSPECIFIED: Execution.Status
    QUEUED: Execution.Status
    RUNNING: Execution.Status
    COMPLETED: Execution.Status
    FAILED: Execution.Status
    CANCELLED: Execution.Status
    TIMED_OUT: Execution.Status
    PAUSED: Execution.Status
    WAITING_ON_GATE: Execution.Status
    COMPENSATING: Execution.Status
    class Source(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        SOURCE_UNSPECIFIED: _ClassVar[Execution.Source]
        RECOVER: _ClassVar[Execution.Source]
        RELAUNCH: _ClassVar[Execution.Source]
        FORK: _ClassVar[Execution.Source]
    SOURCE_UNSPECIFIED: Execution.Source
    RECOVER: Execution.Source
    RELAUNCH: Execution.Source
    FORK: Execution.Source
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    FLOW_FIELD_NUMBER: _ClassVar[int]
    GRAPH_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_TIME_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_COUNT_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    FAILURE_CLASS_FIELD_NUMBER: _ClassVar[int]
    CANCEL_REASON_FIELD_NUMBER: _ClassVar[int]
    PARENT_EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    PARENT_NODE_FIELD_NUMBER: _ClassVar[int]
    DEPTH_FIELD_NUMBER: _ClassVar[int]
    CONFIG_ID_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_TIME_FIELD_NUMBER: _ClassVar[int]
    SOURCE_EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    IMPORTED_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    status: Execution.Status
    flow: str
    graph_id: str
    version: int
    mode: _artifact_pb2.Artifact.Mode
    create_time: _timestamp_pb2.Timestamp
    start_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    complete_time: _timestamp_pb2.Timestamp
    duration: _duration_pb2.Duration
    last_sequence: int
    attempt_count: int
    labels: _containers.ScalarMap[str, str]
    error: _failure_pb2.Failure
    failure_class: _failure_pb2.Failure.Class
    cancel_reason: str
    parent_execution_id: str
    parent_node: str
    depth: int
    config_id: str
    deadline_time: _timestamp_pb2.Timestamp
    source_execution_id: str
    source: Execution.Source
    imported: bool
    original_execution_id: str
    def __init__(self, execution_id: _Optional[str] = ..., status: _Optional[_Union[Execution.Status, str]] = ..., flow: _Optional[str] = ..., graph_id: _Optional[str] = ..., version: _Optional[int] = ..., mode: _Optional[_Union[_artifact_pb2.Artifact.Mode, str]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., complete_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., last_sequence: _Optional[int] = ..., attempt_count: _Optional[int] = ..., labels: _Optional[_Mapping[str, str]] = ..., error: _Optional[_Union[_failure_pb2.Failure, _Mapping]] = ..., failure_class: _Optional[_Union[_failure_pb2.Failure.Class, str]] = ..., cancel_reason: _Optional[str] = ..., parent_execution_id: _Optional[str] = ..., parent_node: _Optional[str] = ..., depth: _Optional[int] = ..., config_id: _Optional[str] = ..., deadline_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., source_execution_id: _Optional[str] = ..., source: _Optional[_Union[Execution.Source, str]] = ..., imported: _Optional[bool] = ..., original_execution_id: _Optional[str] = ...) -> None: ...
