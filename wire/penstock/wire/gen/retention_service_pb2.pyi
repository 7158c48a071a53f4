# Generated from proto/penstock/v1/retention_service.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import empty_pb2 as _empty_pb2
from penstock.wire.gen import options_pb2 as _options_pb2
from penstock.wire.gen import retention_pb2 as _retention_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetRetentionPolicyRequest(_message.Message):
    __slots__ = ("flow",)
    FLOW_FIELD_NUMBER: _ClassVar[int]
    flow: str
    def __init__(self, flow: _Optional[str] = ...) -> None: ...

class ListRetentionPoliciesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListRetentionPoliciesResponse(_message.Message):
    __slots__ = ("policies", "next_page_token")
    POLICIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    policies: _containers.RepeatedCompositeFieldContainer[_retention_pb2.RetentionPolicy]
    next_page_token: str
    def __init__(self, policies: _Optional[_Iterable[_Union[_retention_pb2.RetentionPolicy, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class PutRetentionPolicyRequest(_message.Message):
    __slots__ = ("flow", "period", "is_forever")
    FLOW_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    IS_FOREVER_FIELD_NUMBER: _ClassVar[int]
    flow: str
    period: _duration_pb2.Duration
    is_forever: bool
    def __init__(self, flow: _Optional[str] = ..., period: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., is_forever: _Optional[bool] = ...) -> None: ...

class DeleteRetentionPolicyRequest(_message.Message):
    __slots__ = ("flow",)
    FLOW_FIELD_NUMBER: _ClassVar[int]
    flow: str
    def __init__(self, flow: _Optional[str] = ...) -> None: ...

class GetRetentionSweepRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class RunRetentionSweepRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
