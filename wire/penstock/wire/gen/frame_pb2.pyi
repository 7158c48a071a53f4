# Generated from proto/penstock/v1/frame.proto by penstock.codegen. DO NOT EDIT.
from google.protobuf import struct_pb2 as _struct_pb2
from penstock.wire.gen import artifact_pb2 as _artifact_pb2
from penstock.wire.gen import options_pb2 as _options_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Frame(_message.Message):
    __slots__ = ("execution_id", "frame_index", "payload", "payload_bytes", "is_final", "success", "error", "sequence", "provisional", "rollback_to", "deprecation")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    FRAME_INDEX_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_BYTES_FIELD_NUMBER: _ClassVar[int]
    IS_FINAL_FIELD_NUMBER: _ClassVar[int]
    SUCCESS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    PROVISIONAL_FIELD_NUMBER: _ClassVar[int]
    ROLLBACK_TO_FIELD_NUMBER: _ClassVar[int]
    DEPRECATION_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    frame_index: int
    payload: _struct_pb2.Struct
    payload_bytes: bytes
    is_final: bool
    success: bool
    error: str
    sequence: int
    provisional: bool
    rollback_to: int
    deprecation: _artifact_pb2.ArtifactStateChange
    def __init__(self, execution_id: _Optional[str] = ..., frame_index: _Optional[int] = ..., payload: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., payload_bytes: _Optional[bytes] = ..., is_final: _Optional[bool] = ..., success: _Optional[bool] = ..., error: _Optional[str] = ..., sequence: _Optional[int] = ..., provisional: _Optional[bool] = ..., rollback_to: _Optional[int] = ..., deprecation: _Optional[_Union[_artifact_pb2.ArtifactStateChange, _Mapping]] = ...) -> None: ...
