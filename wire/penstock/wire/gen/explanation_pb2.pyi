# Generated from proto/penstock/v1/explanation.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from penstock.wire.gen import execution_pb2 as _execution_pb2
from penstock.wire.gen import failure_pb2 as _failure_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Explanation(_message.Message):
    __slots__ = ("execution_id", "status", "reason", "summary", "causes", "time", "flow", "graph_id", "classification", "process", "lease_expire_time", "deadline_time", "error", "advice", "actions")
    class Reason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        REASON_UNSPECIFIED: _ClassVar[Explanation.Reason]
        QUEUED: _ClassVar[Explanation.Reason]
        RUNNING_NODE: _ClassVar[Explanation.Reason]
        RETRY_SCHEDULED: _ClassVar[Explanation.Reason]
        WAITING_FOR_DECISION: _ClassVar[Explanation.Reason]
        GATE_MISSING_BRANCHES: _ClassVar[Explanation.Reason]
        SLEEPING: _ClassVar[Explanation.Reason]
        WAITING_FOR_CHILD: _ClassVar[Explanation.Reason]
        WAITING_FOR_SIGNAL: _ClassVar[Explanation.Reason]
        RUNNING_ITEMS: _ClassVar[Explanation.Reason]
        COMPENSATING: _ClassVar[Explanation.Reason]
        LEASE_LOST: _ClassVar[Explanation.Reason]
        TAKING_OVER: _ClassVar[Explanation.Reason]
        ENDED: _ClassVar[Explanation.Reason]
    REASON_UNSPECIFIED: Explanation.Reason
    QUEUED: Explanation.Reason
    RUNNING_NODE: Explanation.Reason
    RETRY_SCHEDULED: Explanation.Reason
    WAITING_FOR_DECISION: Explanation.Reason
    GATE_MISSING_BRANCHES: Explanation.Reason
    SLEEPING: Explanation.Reason
    WAITING_FOR_CHILD: Explanation.Reason
    WAITING_FOR_SIGNAL: Explanation.Reason
    RUNNING_ITEMS: Explanation.Reason
    COMPENSATING: Explanation.Reason
    LEASE_LOST: Explanation.Reason
    TAKING_OVER: Explanation.Reason
    ENDED: Explanation.Reason
    class Classification(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        CLASSIFICATION_UNSPECIFIED: _ClassVar[Explanation.Classification]
        POLICY_BLOCK: _ClassVar[Explanation.Classification]
        APPROVAL_PENDING: _ClassVar[Explanation.Classification]
        PROVIDER_FAILURE: _ClassVar[Explanation.Classification]
        CONNECTOR_FAILURE: _ClassVar[Explanation.Classification]
        LOGIC_BUG: _ClassVar[Explanation.Classification]
        TIMEOUT: _ClassVar[Explanation.Classification]
        INFRASTRUCTURE: _ClassVar[Explanation.Classification]
    CLASSIFICATION_UNSPECIFIED: Explanation.Classification
    POLICY_BLOCK: Explanation.Classification
    APPROVAL_PENDING: Explanation.Classification
    PROVIDER_FAILURE: Explanation.Classification
    CONNECTOR_FAILURE: Explanation.Classification
    LOGIC_BUG: Explanation.Classification
    TIMEOUT: Explanation.Classification
    INFRASTRUCTURE: Explanation.Classification
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    CAUSES_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    FLOW_FIELD_NUMBER: _ClassVar[int]
    GRAPH_ID_FIELD_NUMBER: _ClassVar[int]
    CLASSIFICATION_FIELD_NUMBER: _ClassVar[int]
    PROCESS_FIELD_NUMBER: _ClassVar[int]
    LEASE_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_TIME_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    ADVICE_FIELD_NUMBER: _ClassVar[int]
    ACTIONS_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    status: _execution_pb2.Execution.Status
    reason: Explanation.Reason
    summary: str
    causes: _containers.RepeatedCompositeFieldContainer[Cause]
    time: _timestamp_pb2.Timestamp
    flow: str
    graph_id: str
    classification: Explanation.Classification
    process: str
    lease_expire_time: _timestamp_pb2.Timestamp
    deadline_time: _timestamp_pb2.Timestamp
    error: _failure_pb2.Failure
    advice: _containers.RepeatedScalarFieldContainer[str]
    actions: _containers.RepeatedCompositeFieldContainer[Action]
    def __init__(self, execution_id: _Optional[str] = ..., status: _Optional[_Union[_execution_pb2.Execution.Status, str]] = ..., reason: _Optional[_Union[Explanation.Reason, str]] = ..., summary: _Optional[str] = ..., causes: _Optional[_Iterable[_Union[Cause, _Mapping]]] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., flow: _Optional[str] = ..., graph_id: _Optional[str] = ..., classification: _Optional[_Union[Explanation.Classification, str]] = ..., process: _Optional[str] = ..., lease_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., deadline_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., error: _Optional[_Union[_failure_pb2.Failure, _Mapping]] = ..., advice: _Optional[_Iterable[str]] = ..., actions: _Optional[_Iterable[_Union[Action, _Mapping]]] = ...) -> None: ...

class Cause(_message.Message):
    __slots__ = ("node", "reason", "summary", "since_time", "until_time", "attempt", "attempts_max", "process", "error", "arrived", "missing", "child_execution_id", "child", "signal", "prompt", "link", "deciders", "actions", "queue_position", "queue_size", "item_count", "items_succeeded", "items_failed")
    NODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_MAX_FIELD_NUMBER: _ClassVar[int]
    PROCESS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    ARRIVED_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    CHILD_EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    CHILD_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    LINK_FIELD_NUMBER: _ClassVar[int]
    DECIDERS_FIELD_NUMBER: _ClassVar[int]
    ACTIONS_FIELD_NUMBER: _ClassVar[int]
    QUEUE_POSITION_FIELD_NUMBER: _ClassVar[int]
    QUEUE_SIZE_FIELD_NUMBER: _ClassVar[int]
    ITEM_COUNT_FIELD_NUMBER: _ClassVar[int]
    ITEMS_SUCCEEDED_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FAILED_FIELD_NUMBER: _ClassVar[int]
    node: str
    reason: Explanation.Reason
    summary: str
    since_time: _timestamp_pb2.Timestamp
    until_time: _timestamp_pb2.Timestamp
    attempt: int
    attempts_max: int
    process: str
    error: _failure_pb2.Failure
    arrived: _containers.RepeatedScalarFieldContainer[str]
    missing: _containers.RepeatedScalarFieldContainer[str]
    child_execution_id: str
    child: Explanation
    signal: str
    prompt: str
    link: str
    deciders: _containers.RepeatedScalarFieldContainer[str]
    actions: _containers.RepeatedCompositeFieldContainer[Action]
    queue_position: int
    queue_size: int
    item_count: int
    items_succeeded: int
    items_failed: int
    def __init__(self, node: _Optional[str] = ..., reason: _Optional[_Union[Explanation.Reason, str]] = ..., summary: _Optional[str] = ..., since_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., attempt: _Optional[int] = ..., attempts_max: _Optional[int] = ..., process: _Optional[str] = ..., error: _Optional[_Union[_failure_pb2.Failure, _Mapping]] = ..., arrived: _Optional[_Iterable[str]] = ..., missing: _Optional[_Iterable[str]] = ..., child_execution_id: _Optional[str] = ..., child: _Optional[_Union[Explanation, _Mapping]] = ..., signal: _Optional[str] = ..., prompt: _Optional[str] = ..., link: _Optional[str] = ..., deciders: _Optional[_Iterable[str]] = ..., actions: _Optional[_Iterable[_Union[Action, _Mapping]]] = ..., queue_position: _Optional[int] = ..., queue_size: _Optional[int] = ..., item_count: _Optional[int] = ..., items_succeeded: _Optional[int] = ..., items_failed: _Optional[int] = ...) -> None: ...

class Action(_message.Message):
    __slots__ = ("action", "curl", "command")
    ACTION_FIELD_NUMBER: _ClassVar[int]
    CURL_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    action: str
    curl: str
    command: str
    def __init__(self, action: _Optional[str] = ..., curl: _Optional[str] = ..., command: _Optional[str] = ...) -> None: ...
