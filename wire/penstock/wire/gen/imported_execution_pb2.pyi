# Generated from proto/penstock/v1/imported_execution.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from penstock.wire.gen import execution_pb2 as _execution_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ImportedExecution(_message.Message):
    __slots__ = ("execution", "import_time", "imported_by", "export_time", "event_count", "no_io", "problem", "signature", "signed_by", "bytes_size")
    class Signature(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        SIGNATURE_UNSPECIFIED: _ClassVar[ImportedExecution.Signature]
        ABSENT: _ClassVar[ImportedExecution.Signature]
        GENUINE: _ClassVar[ImportedExecution.Signature]
        FORGED: _ClassVar[ImportedExecution.Signature]
    SIGNATURE_UNSPECIFIED: ImportedExecution.Signature
    ABSENT: ImportedExecution.Signature
    GENUINE: ImportedExecution.Signature
    FORGED: ImportedExecution.Signature
    EXECUTION_FIELD_NUMBER: _ClassVar[int]
    IMPORT_TIME_FIELD_NUMBER: _ClassVar[int]
    IMPORTED_BY_FIELD_NUMBER: _ClassVar[int]
    EXPORT_TIME_FIELD_NUMBER: _ClassVar[int]
    EVENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    NO_IO_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    SIGNED_BY_FIELD_NUMBER: _ClassVar[int]
    BYTES_SIZE_FIELD_NUMBER: _ClassVar[int]
    execution: _execution_pb2.Execution
    import_time: _timestamp_pb2.Timestamp
    imported_by: str
    export_time: _timestamp_pb2.Timestamp
    event_count: int
    no_io: bool
    problem: str
    signature: ImportedExecution.Signature
    signed_by: str
    bytes_size: int
    def __init__(self, execution: _Optional[_Union[_execution_pb2.Execution, _Mapping]] = ..., import_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., imported_by: _Optional[str] = ..., export_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., event_count: _Optional[int] = ..., no_io: _Optional[bool] = ..., problem: _Optional[str] = ..., signature: _Optional[_Union[ImportedExecution.Signature, str]] = ..., signed_by: _Optional[str] = ..., bytes_size: _Optional[int] = ...) -> None: ...
