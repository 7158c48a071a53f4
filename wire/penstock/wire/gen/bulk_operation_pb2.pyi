# Generated from proto/penstock/v1/bulk_operation.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from penstock.wire.gen import execution_pb2 as _execution_pb2
from penstock.wire.gen import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BulkOperation(_message.Message):
    __slots__ = ("operation_id", "verb", "state", "filter", "all", "parameters", "limit", "dry_run", "matched", "done", "skipped", "failed", "problems", "sample", "create_time", "start_time", "update_time", "complete_time", "created_by", "process", "error", "revision", "checked")
    class Verb(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        VERB_UNSPECIFIED: _ClassVar[BulkOperation.Verb]
        CANCEL: _ClassVar[BulkOperation.Verb]
        RECOVER: _ClassVar[BulkOperation.Verb]
        RELAUNCH: _ClassVar[BulkOperation.Verb]
        FORK: _ClassVar[BulkOperation.Verb]
        APPROVE: _ClassVar[BulkOperation.Verb]
        REJECT: _ClassVar[BulkOperation.Verb]
        RETRY_NOW: _ClassVar[BulkOperation.Verb]
        RESUME: _ClassVar[BulkOperation.Verb]
        SIGNAL: _ClassVar[BulkOperation.Verb]
    VERB_UNSPECIFIED: BulkOperation.Verb
    CANCEL: BulkOperation.Verb
    RECOVER: BulkOperation.Verb
    RELAUNCH: BulkOperation.Verb
    FORK: BulkOperation.Verb
    APPROVE: BulkOperation.Verb
    REJECT: BulkOperation.Verb
    RETRY_NOW: BulkOperation.Verb
    RESUME: BulkOperation.Verb
    SIGNAL: BulkOperation.Verb
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[BulkOperation.State]
        PENDING: _ClassVar[BulkOperation.State]
        RUNNING: _ClassVar[BulkOperation.State]
        SUCCEEDED: _ClassVar[BulkOperation.State]
        FAILED: _ClassVar[BulkOperation.State]
        CANCELLED: _ClassVar[BulkOperation.State]
    STATE_UNSPECIFIED: BulkOperation.State
    PENDING: BulkOperation.State
    RUNNING: BulkOperation.State
    SUCCEEDED: BulkOperation.State
    FAILED: BulkOperation.State
    CANCELLED: BulkOperation.State
    OPERATION_ID_FIELD_NUMBER: _ClassVar[int]
    VERB_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    ALL_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    MATCHED_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_TIME_FIELD_NUMBER: _ClassVar[int]
    CREATED_BY_FIELD_NUMBER: _ClassVar[int]
    PROCESS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    CHECKED_FIELD_NUMBER: _ClassVar[int]
    operation_id: str
    verb: BulkOperation.Verb
    state: BulkOperation.State
    filter: str
    all: bool
    parameters: BulkParameters
    limit: int
    dry_run: bool
    matched: int
    done: int
    skipped: int
    failed: int
    problems: _containers.RepeatedCompositeFieldContainer[BulkProblem]
    sample: _containers.RepeatedCompositeFieldContainer[_execution_pb2.Execution]
    create_time: _timestamp_pb2.Timestamp
    start_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    complete_time: _timestamp_pb2.Timestamp
    created_by: str
    process: str
    error: str
    revision: int
    checked: int
    def __init__(self, operation_id: _Optional[str] = ..., verb: _Optional[_Union[BulkOperation.Verb, str]] = ..., state: _Optional[_Union[BulkOperation.State, str]] = ..., filter: _Optional[str] = ..., all: _Optional[bool] = ..., parameters: _Optional[_Union[BulkParameters, _Mapping]] = ..., limit: _Optional[int] = ..., dry_run: _Optional[bool] = ..., matched: _Optional[int] = ..., done: _Optional[int] = ..., skipped: _Optional[int] = ..., failed: _Optional[int] = ..., problems: _Optional[_Iterable[_Union[BulkProblem, _Mapping]]] = ..., sample: _Optional[_Iterable[_Union[_execution_pb2.Execution, _Mapping]]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., complete_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., created_by: _Optional[str] = ..., process: _Optional[str] = ..., error: _Optional[str] = ..., revision: _Optional[int] = ..., checked: _Optional[int] = ...) -> None: ...

class BulkParameters(_message.Message):
    __slots__ = ("reason", "comment", "pause", "flow", "node", "patch", "update_mask", "value", "value_bytes", "signal", "payload", "payload_bytes")
    REASON_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    PAUSE_FIELD_NUMBER: _ClassVar[int]
    FLOW_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    PATCH_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    VALUE_BYTES_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_BYTES_FIELD_NUMBER: _ClassVar[int]
    reason: str
    comment: str
    pause: str
    flow: str
    node: str
    patch: _struct_pb2.Struct
    update_mask: _field_mask_pb2.FieldMask
    value: _struct_pb2.Struct
    value_bytes: bytes
    signal: str
    payload: _struct_pb2.Struct
    payload_bytes: bytes
    def __init__(self, reason: _Optional[str] = ..., comment: _Optional[str] = ..., pause: _Optional[str] = ..., flow: _Optional[str] = ..., node: _Optional[str] = ..., patch: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., value: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., value_bytes: _Optional[bytes] = ..., signal: _Optional[str] = ..., payload: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., payload_bytes: _Optional[bytes] = ...) -> None: ...

class BulkProblem(_message.Message):
    __slots__ = ("execution_id", "code", "reason", "message")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    code: str
    reason: str
    message: str
    def __init__(self, execution_id: _Optional[str] = ..., code: _Optional[str] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...
