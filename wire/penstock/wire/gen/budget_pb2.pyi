# Generated from proto/penstock/v1/budget.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Budget(_message.Message):
    __slots__ = ("budget_id", "description", "flow", "provider", "model", "period", "cost_limit", "token_limit", "warn_at", "action", "stop_running", "state", "spent_cost", "spent_tokens", "period_start_time", "renew_time", "create_time", "update_time")
    class Period(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        PERIOD_UNSPECIFIED: _ClassVar[Budget.Period]
        DAY: _ClassVar[Budget.Period]
        MONTH: _ClassVar[Budget.Period]
        TOTAL: _ClassVar[Budget.Period]
    PERIOD_UNSPECIFIED: Budget.Period
    DAY: Budget.Period
    MONTH: Budget.Period
    TOTAL: Budget.Period
    class Action(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        ACTION_UNSPECIFIED: _ClassVar[Budget.Action]
        WARN: _ClassVar[Budget.Action]
        BLOCK: _ClassVar[Budget.Action]
    ACTION_UNSPECIFIED: Budget.Action
    WARN: Budget.Action
    BLOCK: Budget.Action
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Budget.State]
        OK: _ClassVar[Budget.State]
        WARNED: _ClassVar[Budget.State]
        EXCEEDED: _ClassVar[Budget.State]
    STATE_UNSPECIFIED: Budget.State
    OK: Budget.State
    WARNED: Budget.State
    EXCEEDED: Budget.State
    BUDGET_ID_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    FLOW_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    COST_LIMIT_FIELD_NUMBER: _ClassVar[int]
    TOKEN_LIMIT_FIELD_NUMBER: _ClassVar[int]
    WARN_AT_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    STOP_RUNNING_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SPENT_COST_FIELD_NUMBER: _ClassVar[int]
    SPENT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    PERIOD_START_TIME_FIELD_NUMBER: _ClassVar[int]
    RENEW_TIME_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    budget_id: str
    description: str
    flow: str
    provider: str
    model: str
    period: Budget.Period
    cost_limit: str
    token_limit: int
    warn_at: float
    action: Budget.Action
    stop_running: bool
    state: Budget.State
    spent_cost: str
    spent_tokens: int
    period_start_time: _timestamp_pb2.Timestamp
    renew_time: _timestamp_pb2.Timestamp
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, budget_id: _Optional[str] = ..., description: _Optional[str] = ..., flow: _Optional[str] = ..., provider: _Optional[str] = ..., model: _Optional[str] = ..., period: _Optional[_Union[Budget.Period, str]] = ..., cost_limit: _Optional[str] = ..., token_limit: _Optional[int] = ..., warn_at: _Optional[float] = ..., action: _Optional[_Union[Budget.Action, str]] = ..., stop_running: _Optional[bool] = ..., state: _Optional[_Union[Budget.State, str]] = ..., spent_cost: _Optional[str] = ..., spent_tokens: _Optional[int] = ..., period_start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., renew_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
