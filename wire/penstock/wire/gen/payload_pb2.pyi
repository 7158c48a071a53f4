# Generated from proto/penstock/v1/payload.proto by penstock.codegen. DO NOT EDIT.
from penstock.wire.gen import options_pb2 as _options_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class GetPayloadRequest(_message.Message):
    __slots__ = ("execution_id", "payload", "payload_bytes", "offset", "limit")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_BYTES_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    payload: str
    payload_bytes: bool
    offset: int
    limit: int
    def __init__(self, execution_id: _Optional[str] = ..., payload: _Optional[str] = ..., payload_bytes: _Optional[bool] = ..., offset: _Optional[int] = ..., limit: _Optional[int] = ...) -> None: ...

class Payload(_message.Message):
    __slots__ = ("data", "offset", "size", "type")
    DATA_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    offset: int
    size: int
    type: str
    def __init__(self, data: _Optional[bytes] = ..., offset: _Optional[int] = ..., size: _Optional[int] = ..., type: _Optional[str] = ...) -> None: ...
