# Generated from proto/penstock/v1/checkpoint.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from penstock.wire.gen import options_pb2 as _options_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Checkpoint(_message.Message):
    __slots__ = ("node", "sequence", "attempt", "time", "output_type", "output", "output_bytes_size", "frame_count", "item", "output_link")
    NODE_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TYPE_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_BYTES_SIZE_FIELD_NUMBER: _ClassVar[int]
    FRAME_COUNT_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_LINK_FIELD_NUMBER: _ClassVar[int]
    node: str
    sequence: int
    attempt: int
    time: _timestamp_pb2.Timestamp
    output_type: str
    output: _struct_pb2.Struct
    output_bytes_size: int
    frame_count: int
    item: int
    output_link: str
    def __init__(self, node: _Optional[str] = ..., sequence: _Optional[int] = ..., attempt: _Optional[int] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., output_type: _Optional[str] = ..., output: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., output_bytes_size: _Optional[int] = ..., frame_count: _Optional[int] = ..., item: _Optional[int] = ..., output_link: _Optional[str] = ...) -> None: ...
