# Generated from proto/penstock/v1/bulk_operation_service.proto by penstock.codegen. DO NOT EDIT.
from google.api import annotations_pb2 as _annotations_pb2
from penstock.wire.gen import bulk_operation_pb2 as _bulk_operation_pb2
from penstock.wire.gen import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateBulkOperationRequest(_message.Message):
    __slots__ = ("verb", "filter", "all", "parameters", "limit", "dry_run", "request_id")
    VERB_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    ALL_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    verb: _bulk_operation_pb2.BulkOperation.Verb
    filter: str
    all: bool
    parameters: _bulk_operation_pb2.BulkParameters
    limit: int
    dry_run: bool
    request_id: str
    def __init__(self, verb: _Optional[_Union[_bulk_operation_pb2.BulkOperation.Verb, str]] = ..., filter: _Optional[str] = ..., all: _Optional[bool] = ..., parameters: _Optional[_Union[_bulk_operation_pb2.BulkParameters, _Mapping]] = ..., limit: _Optional[int] = ..., dry_run: _Optional[bool] = ..., request_id: _Optional[str] = ...) -> None: ...

class GetBulkOperationRequest(_message.Message):
    __slots__ = ("operation_id",)
    OPERATION_ID_FIELD_NUMBER: _ClassVar[int]
    operation_id: str
    def __init__(self, operation_id: _Optional[str] = ...) -> None: ...

class ListBulkOperationsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListBulkOperationsResponse(_message.Message):
    __slots__ = ("operations", "next_page_token")
    OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    operations: _containers.RepeatedCompositeFieldContainer[_bulk_operation_pb2.BulkOperation]
    next_page_token: str
    def __init__(self, operations: _Optional[_Iterable[_Union[_bulk_operation_pb2.BulkOperation, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class WatchBulkOperationRequest(_message.Message):
    __slots__ = ("operation_id", "after_revision")
    OPERATION_ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_REVISION_FIELD_NUMBER: _ClassVar[int]
    operation_id: str
    after_revision: int
    def __init__(self, operation_id: _Optional[str] = ..., after_revision: _Optional[int] = ...) -> None: ...

class WatchBulkOperationResponse(_message.Message):
    __slots__ = ("operation", "revision")
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    operation: _bulk_operation_pb2.BulkOperation
    revision: int
    def __init__(self, operation: _Optional[_Union[_bulk_operation_pb2.BulkOperation, _Mapping]] = ..., revision: _Optional[int] = ...) -> None: ...

class CancelBulkOperationRequest(_message.Message):
    __slots__ = ("operation_id",)
    OPERATION_ID_FIELD_NUMBER: _ClassVar[int]
    operation_id: str
    def __init__(self, operation_id: _Optional[str] = ...) -> None: ...
