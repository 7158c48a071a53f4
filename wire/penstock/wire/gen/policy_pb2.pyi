# Generated from proto/penstock/v1/policy.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Policy(_message.Message):
    __slots__ = ("policy_id", "version", "description", "flow", "node", "point", "when", "allow", "block", "require_approval", "redact", "priority", "dry_run", "create_time", "update_time")
    class Point(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        POINT_UNSPECIFIED: _ClassVar[Policy.Point]
        BEFORE: _ClassVar[Policy.Point]
        AFTER: _ClassVar[Policy.Point]
    POINT_UNSPECIFIED: Policy.Point
    BEFORE: Policy.Point
    AFTER: Policy.Point
    class Action(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        ACTION_UNSPECIFIED: _ClassVar[Policy.Action]
        ALLOW: _ClassVar[Policy.Action]
        BLOCK: _ClassVar[Policy.Action]
        REQUIRE_APPROVAL: _ClassVar[Policy.Action]
        REDACT: _ClassVar[Policy.Action]
    ACTION_UNSPECIFIED: Policy.Action
    ALLOW: Policy.Action
    BLOCK: Policy.Action
    REQUIRE_APPROVAL: Policy.Action
    REDACT: Policy.Action
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    FLOW_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    POINT_FIELD_NUMBER: _ClassVar[int]
    WHEN_FIELD_NUMBER: _ClassVar[int]
    ALLOW_FIELD_NUMBER: _ClassVar[int]
    BLOCK_FIELD_NUMBER: _ClassVar[int]
    REQUIRE_APPROVAL_FIELD_NUMBER: _ClassVar[int]
    REDACT_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    policy_id: str
    version: int
    description: str
    flow: str
    node: str
    point: Policy.Point
    when: str
    allow: PolicyAllow
    block: PolicyBlock
    require_approval: PolicyApproval
    redact: PolicyRedaction
    priority: int
    dry_run: bool
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, policy_id: _Optional[str] = ..., version: _Optional[int] = ..., description: _Optional[str] = ..., flow: _Optional[str] = ..., node: _Optional[str] = ..., point: _Optional[_Union[Policy.Point, str]] = ..., when: _Optional[str] = ..., allow: _Optional[_Union[PolicyAllow, _Mapping]] = ..., block: _Optional[_Union[PolicyBlock, _Mapping]] = ..., require_approval: _Optional[_Union[PolicyApproval, _Mapping]] = ..., redact: _Optional[_Union[PolicyRedaction, _Mapping]] = ..., priority: _Optional[int] = ..., dry_run: _Optional[bool] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class PolicyAllow(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class PolicyBlock(_message.Message):
    __slots__ = ("reason",)
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class PolicyApproval(_message.Message):
    __slots__ = ("message", "timeout", "on_timeout")
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    ON_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    message: str
    timeout: _duration_pb2.Duration
    on_timeout: str
    def __init__(self, message: _Optional[str] = ..., timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., on_timeout: _Optional[str] = ...) -> None: ...

class PolicyRedaction(_message.Message):
    __slots__ = ("fields",)
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    fields: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, fields: _Optional[_Iterable[str]] = ...) -> None: ...

class PolicyDecision(_message.Message):
    __slots__ = ("policy_id", "version", "point", "action", "reason", "dry_run", "fields", "on_timeout", "error")
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    POINT_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    ON_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    policy_id: str
    version: int
    point: Policy.Point
    action: Policy.Action
    reason: str
    dry_run: bool
    fields: _containers.RepeatedScalarFieldContainer[str]
    on_timeout: str
    error: str
    def __init__(self, policy_id: _Optional[str] = ..., version: _Optional[int] = ..., point: _Optional[_Union[Policy.Point, str]] = ..., action: _Optional[_Union[Policy.Action, str]] = ..., reason: _Optional[str] = ..., dry_run: _Optional[bool] = ..., fields: _Optional[_Iterable[str]] = ..., on_timeout: _Optional[str] = ..., error: _Optional[str] = ...) -> None: ...

class PolicyExecution(_message.Message):
    __slots__ = ("id", "flow", "version", "graph_id", "labels", "mode", "parent_execution_id")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    FLOW_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    GRAPH_ID_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    PARENT_EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    flow: str
    version: int
    graph_id: str
    labels: _containers.ScalarMap[str, str]
    mode: str
    parent_execution_id: str
    def __init__(self, id: _Optional[str] = ..., flow: _Optional[str] = ..., version: _Optional[int] = ..., graph_id: _Optional[str] = ..., labels: _Optional[_Mapping[str, str]] = ..., mode: _Optional[str] = ..., parent_execution_id: _Optional[str] = ...) -> None: ...
