# Generated from proto/penstock/v1/gate.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Gate(_message.Message):
    __slots__ = ("gate", "state", "required", "arrived", "missing", "skipped", "pass_time")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Gate.State]
        PENDING: _ClassVar[Gate.State]
        WAITING: _ClassVar[Gate.State]
        PASSED: _ClassVar[Gate.State]
        SKIPPED: _ClassVar[Gate.State]
        CANCELLED: _ClassVar[Gate.State]
        FAILED: _ClassVar[Gate.State]
    STATE_UNSPECIFIED: Gate.State
    PENDING: Gate.State
    WAITING: Gate.State
    PASSED: Gate.State
    SKIPPED: Gate.State
    CANCELLED: Gate.State
    FAILED: Gate.State
    GATE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_FIELD_NUMBER: _ClassVar[int]
    ARRIVED_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_FIELD_NUMBER: _ClassVar[int]
    PASS_TIME_FIELD_NUMBER: _ClassVar[int]
    gate: str
    state: Gate.State
    required: int
    arrived: _containers.RepeatedScalarFieldContainer[str]
    missing: _containers.RepeatedScalarFieldContainer[str]
    skipped: _containers.RepeatedScalarFieldContainer[str]
    pass_time: _timestamp_pb2.Timestamp
    def __init__(self, gate: _Optional[str] = ..., state: _Optional[_Union[Gate.State, str]] = ..., required: _Optional[int] = ..., arrived: _Optional[_Iterable[str]] = ..., missing: _Optional[_Iterable[str]] = ..., skipped: _Optional[_Iterable[str]] = ..., pass_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
