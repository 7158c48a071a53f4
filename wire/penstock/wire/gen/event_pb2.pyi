# Generated from proto/penstock/v1/event.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from penstock.wire.gen import execution_pb2 as _execution_pb2
from penstock.wire.gen import failure_pb2 as _failure_pb2
from penstock.wire.gen import options_pb2 as _options_pb2
from penstock.wire.gen import pause_pb2 as _pause_pb2
from penstock.wire.gen import policy_pb2 as _policy_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Event(_message.Message):
    __slots__ = ("sequence", "type", "node", "attempt", "time", "frame_index", "error", "reason", "wait", "due_time", "item", "item_count", "child_execution_id", "signal", "decision", "by", "comment", "cache_hit", "fallback", "provisional", "branch", "report", "request_id", "taken_signals", "ends_as", "compensation", "policy")
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
        EXECUTION_PAUSED: _ClassVar[Event.Type]
        EXECUTION_WAITING_ON_GATE: _ClassVar[Event.Type]
        EXECUTION_CONTINUED: _ClassVar[Event.Type]
        EXECUTION_COMPENSATING: _ClassVar[Event.Type]
        NODE_ATTEMPT_FAILED: _ClassVar[Event.Type]
        NODE_WAITING: _ClassVar[Event.Type]
        NODE_SKIPPED: _ClassVar[Event.Type]
        PAUSE_DECIDED: _ClassVar[Event.Type]
        SIGNAL_RECEIVED: _ClassVar[Event.Type]
        ITEM_SUCCEEDED: _ClassVar[Event.Type]
        ITEM_FAILED: _ClassVar[Event.Type]
        NODE_COMPENSATED: _ClassVar[Event.Type]
        COMPENSATION_FAILED: _ClassVar[Event.Type]
        NODE_FELL_BACK: _ClassVar[Event.Type]
        FRAMES_ROLLED_BACK: _ClassVar[Event.Type]
        NODE_REPORTED: _ClassVar[Event.Type]
        NODE_RECOVERED: _ClassVar[Event.Type]
        POLICY_DECIDED: _ClassVar[Event.Type]
        RETRY_REQUESTED: _ClassVar[Event.Type]
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
    EXECUTION_PAUSED: Event.Type
    EXECUTION_WAITING_ON_GATE: Event.Type
    EXECUTION_CONTINUED: Event.Type
    EXECUTION_COMPENSATING: Event.Type
    NODE_ATTEMPT_FAILED: Event.Type
    NODE_WAITING: Event.Type
    NODE_SKIPPED: Event.Type
    PAUSE_DECIDED: Event.Type
    SIGNAL_RECEIVED: Event.Type
    ITEM_SUCCEEDED: Event.Type
    ITEM_FAILED: Event.Type
    NODE_COMPENSATED: Event.Type
    COMPENSATION_FAILED: Event.Type
    NODE_FELL_BACK: Event.Type
    FRAMES_ROLLED_BACK: Event.Type
    NODE_REPORTED: Event.Type
    NODE_RECOVERED: Event.Type
    POLICY_DECIDED: Event.Type
    RETRY_REQUESTED: Event.Type
    class Wait(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        WAIT_UNSPECIFIED: _ClassVar[Event.Wait]
        RETRY: _ClassVar[Event.Wait]
        GATE: _ClassVar[Event.Wait]
        PAUSE: _ClassVar[Event.Wait]
        SLEEP: _ClassVar[Event.Wait]
        FLOW: _ClassVar[Event.Wait]
        SIGNAL: _ClassVar[Event.Wait]
        APPROVAL: _ClassVar[Event.Wait]
    WAIT_UNSPECIFIED: Event.Wait
    RETRY: Event.Wait
    GATE: Event.Wait
    PAUSE: Event.Wait
    SLEEP: Event.Wait
    FLOW: Event.Wait
    SIGNAL: Event.Wait
    APPROVAL: Event.Wait
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    FRAME_INDEX_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    WAIT_FIELD_NUMBER: _ClassVar[int]
    DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    ITEM_COUNT_FIELD_NUMBER: _ClassVar[int]
    CHILD_EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    CACHE_HIT_FIELD_NUMBER: _ClassVar[int]
    FALLBACK_FIELD_NUMBER: _ClassVar[int]
    PROVISIONAL_FIELD_NUMBER: _ClassVar[int]
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TAKEN_SIGNALS_FIELD_NUMBER: _ClassVar[int]
    ENDS_AS_FIELD_NUMBER: _ClassVar[int]
    COMPENSATION_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    type: Event.Type
    node: str
    attempt: int
    time: _timestamp_pb2.Timestamp
    frame_index: int
    error: _failure_pb2.Failure
    reason: str
    wait: Event.Wait
    due_time: _timestamp_pb2.Timestamp
    item: int
    item_count: int
    child_execution_id: str
    signal: str
    decision: _pause_pb2.Pause.State
    by: str
    comment: str
    cache_hit: bool
    fallback: bool
    provisional: bool
    branch: str
    report: NodeReport
    request_id: str
    taken_signals: TakenSignals
    ends_as: _execution_pb2.Execution.Status
    compensation: bool
    policy: _policy_pb2.PolicyDecision
    def __init__(self, sequence: _Optional[int] = ..., type: _Optional[_Union[Event.Type, str]] = ..., node: _Optional[str] = ..., attempt: _Optional[int] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., frame_index: _Optional[int] = ..., error: _Optional[_Union[_failure_pb2.Failure, _Mapping]] = ..., reason: _Optional[str] = ..., wait: _Optional[_Union[Event.Wait, str]] = ..., due_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., item: _Optional[int] = ..., item_count: _Optional[int] = ..., child_execution_id: _Optional[str] = ..., signal: _Optional[str] = ..., decision: _Optional[_Union[_pause_pb2.Pause.State, str]] = ..., by: _Optional[str] = ..., comment: _Optional[str] = ..., cache_hit: _Optional[bool] = ..., fallback: _Optional[bool] = ..., provisional: _Optional[bool] = ..., branch: _Optional[str] = ..., report: _Optional[_Union[NodeReport, _Mapping]] = ..., request_id: _Optional[str] = ..., taken_signals: _Optional[_Union[TakenSignals, _Mapping]] = ..., ends_as: _Optional[_Union[_execution_pb2.Execution.Status, str]] = ..., compensation: _Optional[bool] = ..., policy: _Optional[_Union[_policy_pb2.PolicyDecision, _Mapping]] = ...) -> None: ...

class TakenSignals(_message.Message):
    __slots__ = ("places",)
    PLACES_FIELD_NUMBER: _ClassVar[int]
    places: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, places: _Optional[_Iterable[int]] = ...) -> None: ...

class NodeReport(_message.Message):
    __slots__ = ("log", "progress", "usage")
    LOG_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    log: NodeLog
    progress: NodeProgress
    usage: NodeUsage
    def __init__(self, log: _Optional[_Union[NodeLog, _Mapping]] = ..., progress: _Optional[_Union[NodeProgress, _Mapping]] = ..., usage: _Optional[_Union[NodeUsage, _Mapping]] = ...) -> None: ...

class NodeLog(_message.Message):
    __slots__ = ("level", "message")
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    level: str
    message: str
    def __init__(self, level: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class NodeProgress(_message.Message):
    __slots__ = ("fraction", "message")
    FRACTION_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    fraction: float
    message: str
    def __init__(self, fraction: _Optional[float] = ..., message: _Optional[str] = ...) -> None: ...

class NodeUsage(_message.Message):
    __slots__ = ("provider", "model", "input_tokens", "output_tokens", "cost_usd", "cached_tokens", "cost")
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    COST_USD_FIELD_NUMBER: _ClassVar[int]
    CACHED_TOKENS_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    provider: str
    model: str
    input_tokens: int
    output_tokens: int
    cost_usd: float
    cached_tokens: int
    cost: str
    def __init__(self, provider: _Optional[str] = ..., model: _Optional[str] = ..., input_tokens: _Optional[int] = ..., output_tokens: _Optional[int] = ..., cost_usd: _Optional[float] = ..., cached_tokens: _Optional[int] = ..., cost: _Optional[str] = ...) -> None: ...
