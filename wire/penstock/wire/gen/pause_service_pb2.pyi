# Generated from proto/penstock/v1/pause_service.proto by penstock.codegen. DO NOT EDIT.
from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from penstock.wire.gen import options_pb2 as _options_pb2
from penstock.wire.gen import pause_pb2 as _pause_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetPauseRequest(_message.Message):
    __slots__ = ("execution_id", "pause")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    PAUSE_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    pause: str
    def __init__(self, execution_id: _Optional[str] = ..., pause: _Optional[str] = ...) -> None: ...

class ListPausesRequest(_message.Message):
    __slots__ = ("execution_id", "page_size", "page_token")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    page_size: int
    page_token: str
    def __init__(self, execution_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListPausesResponse(_message.Message):
    __slots__ = ("pauses", "next_page_token")
    PAUSES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    pauses: _containers.RepeatedCompositeFieldContainer[_pause_pb2.Pause]
    next_page_token: str
    def __init__(self, pauses: _Optional[_Iterable[_Union[_pause_pb2.Pause, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ApprovePauseRequest(_message.Message):
    __slots__ = ("execution_id", "pause", "comment", "value", "value_bytes")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    PAUSE_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    VALUE_BYTES_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    pause: str
    comment: str
    value: _struct_pb2.Struct
    value_bytes: bytes
    def __init__(self, execution_id: _Optional[str] = ..., pause: _Optional[str] = ..., comment: _Optional[str] = ..., value: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., value_bytes: _Optional[bytes] = ...) -> None: ...

class RejectPauseRequest(_message.Message):
    __slots__ = ("execution_id", "pause", "comment")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    PAUSE_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    pause: str
    comment: str
    def __init__(self, execution_id: _Optional[str] = ..., pause: _Optional[str] = ..., comment: _Optional[str] = ...) -> None: ...

class ResumePauseRequest(_message.Message):
    __slots__ = ("execution_id", "pause", "comment", "value", "value_bytes")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    PAUSE_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    VALUE_BYTES_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    pause: str
    comment: str
    value: _struct_pb2.Struct
    value_bytes: bytes
    def __init__(self, execution_id: _Optional[str] = ..., pause: _Optional[str] = ..., comment: _Optional[str] = ..., value: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., value_bytes: _Optional[bytes] = ...) -> None: ...
