# Generated from proto/penstock/v1/signal.proto by penstock.codegen. DO NOT EDIT.
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class SignalExecutionResponse(_message.Message):
    __slots__ = ("execution_id", "sequence")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    sequence: int
    def __init__(self, execution_id: _Optional[str] = ..., sequence: _Optional[int] = ...) -> None: ...
