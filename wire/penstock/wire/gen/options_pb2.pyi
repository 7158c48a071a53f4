# Generated from proto/penstock/v1/options.proto by penstock.codegen. DO NOT EDIT.
from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
HTTP_FIELD_NUMBER: _ClassVar[int]
http: _descriptor.FieldDescriptor
SCOPE_FIELD_NUMBER: _ClassVar[int]
scope: _descriptor.FieldDescriptor
PAYLOAD_FIELD_NUMBER: _ClassVar[int]
payload: _descriptor.FieldDescriptor
EVENT_ID_FIELD_NUMBER: _ClassVar[int]
event_id: _descriptor.FieldDescriptor
FLOWS_THROUGH_FIELD_NUMBER: _ClassVar[int]
flows_through: _descriptor.FieldDescriptor

class HttpOptions(_message.Message):
    __slots__ = ("success_status", "headers", "document", "content", "body_document")
    SUCCESS_STATUS_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    BODY_DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    success_status: int
    headers: _containers.RepeatedCompositeFieldContainer[HeaderBinding]
    document: str
    content: str
    body_document: str
    def __init__(self, success_status: _Optional[int] = ..., headers: _Optional[_Iterable[_Union[HeaderBinding, _Mapping]]] = ..., document: _Optional[str] = ..., content: _Optional[str] = ..., body_document: _Optional[str] = ...) -> None: ...

class HeaderBinding(_message.Message):
    __slots__ = ("header", "field")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    header: str
    field: str
    def __init__(self, header: _Optional[str] = ..., field: _Optional[str] = ...) -> None: ...

class PayloadOptions(_message.Message):
    __slots__ = ("member", "type")
    class Type(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        TYPE_UNSPECIFIED: _ClassVar[PayloadOptions.Type]
        INPUT: _ClassVar[PayloadOptions.Type]
        OUTPUT: _ClassVar[PayloadOptions.Type]
    TYPE_UNSPECIFIED: PayloadOptions.Type
    INPUT: PayloadOptions.Type
    OUTPUT: PayloadOptions.Type
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    member: str
    type: PayloadOptions.Type
    def __init__(self, member: _Optional[str] = ..., type: _Optional[_Union[PayloadOptions.Type, str]] = ...) -> None: ...
