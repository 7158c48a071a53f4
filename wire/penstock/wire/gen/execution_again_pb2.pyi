# Generated from proto/penstock/v1/execution_again.proto by penstock.codegen. DO NOT EDIT.
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RecoverExecutionRequest(_message.Message):
    __slots__ = ("execution_id", "request_id")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    request_id: str
    def __init__(self, execution_id: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class RelaunchExecutionRequest(_message.Message):
    __slots__ = ("execution_id", "flow", "request_id")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    FLOW_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    flow: str
    request_id: str
    def __init__(self, execution_id: _Optional[str] = ..., flow: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class ForkExecutionRequest(_message.Message):
    __slots__ = ("execution_id", "node", "patch", "update_mask", "request_id")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    PATCH_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    node: str
    patch: _struct_pb2.Struct
    update_mask: _field_mask_pb2.FieldMask
    request_id: str
    def __init__(self, execution_id: _Optional[str] = ..., node: _Optional[str] = ..., patch: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...
