# Generated from proto/penstock/v1/pause.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from penstock.wire.gen import policy_pb2 as _policy_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Pause(_message.Message):
    __slots__ = ("execution_id", "pause", "flow", "graph_id", "state", "prompt", "input", "value_type", "needs_value", "open_time", "expire_time", "on_timeout", "decide_time", "decided_by", "comment", "value", "policy")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Pause.State]
        OPEN: _ClassVar[Pause.State]
        APPROVED: _ClassVar[Pause.State]
        REJECTED: _ClassVar[Pause.State]
        RESUMED: _ClassVar[Pause.State]
        EXPIRED: _ClassVar[Pause.State]
        CANCELLED: _ClassVar[Pause.State]
    STATE_UNSPECIFIED: Pause.State
    OPEN: Pause.State
    APPROVED: Pause.State
    REJECTED: Pause.State
    RESUMED: Pause.State
    EXPIRED: Pause.State
    CANCELLED: Pause.State
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    PAUSE_FIELD_NUMBER: _ClassVar[int]
    FLOW_FIELD_NUMBER: _ClassVar[int]
    GRAPH_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    VALUE_TYPE_FIELD_NUMBER: _ClassVar[int]
    NEEDS_VALUE_FIELD_NUMBER: _ClassVar[int]
    OPEN_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    ON_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    DECIDE_TIME_FIELD_NUMBER: _ClassVar[int]
    DECIDED_BY_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    pause: str
    flow: str
    graph_id: str
    state: Pause.State
    prompt: str
    input: _struct_pb2.Struct
    value_type: str
    needs_value: bool
    open_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    on_timeout: str
    decide_time: _timestamp_pb2.Timestamp
    decided_by: str
    comment: str
    value: _struct_pb2.Struct
    policy: _policy_pb2.PolicyDecision
    def __init__(self, execution_id: _Optional[str] = ..., pause: _Optional[str] = ..., flow: _Optional[str] = ..., graph_id: _Optional[str] = ..., state: _Optional[_Union[Pause.State, str]] = ..., prompt: _Optional[str] = ..., input: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., value_type: _Optional[str] = ..., needs_value: _Optional[bool] = ..., open_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., on_timeout: _Optional[str] = ..., decide_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., decided_by: _Optional[str] = ..., comment: _Optional[str] = ..., value: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., policy: _Optional[_Union[_policy_pb2.PolicyDecision, _Mapping]] = ...) -> None: ...
