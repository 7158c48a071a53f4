# Generated from proto/penstock/v1/failure_count.proto by penstock.codegen. DO NOT EDIT.
from penstock.wire.gen import explanation_pb2 as _explanation_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FailureCount(_message.Message):
    __slots__ = ("date", "flow", "classification", "count")
    DATE_FIELD_NUMBER: _ClassVar[int]
    FLOW_FIELD_NUMBER: _ClassVar[int]
    CLASSIFICATION_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    date: str
    flow: str
    classification: _explanation_pb2.Explanation.Classification
    count: int
    def __init__(self, date: _Optional[str] = ..., flow: _Optional[str] = ..., classification: _Optional[_Union[_explanation_pb2.Explanation.Classification, str]] = ..., count: _Optional[int] = ...) -> None: ...

class ListFailureCountsRequest(_message.Message):
    __slots__ = ("flow", "days", "page_size", "page_token")
    FLOW_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    flow: str
    days: int
    page_size: int
    page_token: str
    def __init__(self, flow: _Optional[str] = ..., days: _Optional[int] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListFailureCountsResponse(_message.Message):
    __slots__ = ("counts", "next_page_token")
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    counts: _containers.RepeatedCompositeFieldContainer[FailureCount]
    next_page_token: str
    def __init__(self, counts: _Optional[_Iterable[_Union[FailureCount, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
