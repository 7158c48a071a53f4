# Generated from proto/penstock/v1/import_service.proto by penstock.codegen. DO NOT EDIT.
from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import empty_pb2 as _empty_pb2
from penstock.wire.gen import imported_execution_pb2 as _imported_execution_pb2
from penstock.wire.gen import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ImportExecutionRequest(_message.Message):
    __slots__ = ("data", "upload_id", "offset", "more", "allow_changed")
    DATA_FIELD_NUMBER: _ClassVar[int]
    UPLOAD_ID_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    ALLOW_CHANGED_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    upload_id: str
    offset: int
    more: bool
    allow_changed: bool
    def __init__(self, data: _Optional[bytes] = ..., upload_id: _Optional[str] = ..., offset: _Optional[int] = ..., more: _Optional[bool] = ..., allow_changed: _Optional[bool] = ...) -> None: ...

class ImportExecutionResponse(_message.Message):
    __slots__ = ("imported", "bytes_size")
    IMPORTED_FIELD_NUMBER: _ClassVar[int]
    BYTES_SIZE_FIELD_NUMBER: _ClassVar[int]
    imported: _imported_execution_pb2.ImportedExecution
    bytes_size: int
    def __init__(self, imported: _Optional[_Union[_imported_execution_pb2.ImportedExecution, _Mapping]] = ..., bytes_size: _Optional[int] = ...) -> None: ...

class GetImportedExecutionRequest(_message.Message):
    __slots__ = ("execution_id",)
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    def __init__(self, execution_id: _Optional[str] = ...) -> None: ...

class ListImportedExecutionsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListImportedExecutionsResponse(_message.Message):
    __slots__ = ("imports", "next_page_token")
    IMPORTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    imports: _containers.RepeatedCompositeFieldContainer[_imported_execution_pb2.ImportedExecution]
    next_page_token: str
    def __init__(self, imports: _Optional[_Iterable[_Union[_imported_execution_pb2.ImportedExecution, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteImportedExecutionRequest(_message.Message):
    __slots__ = ("execution_id",)
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    def __init__(self, execution_id: _Optional[str] = ...) -> None: ...
