# Generated from proto/penstock/v1/failure.proto by penstock.codegen. DO NOT EDIT.
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Failure(_message.Message):
    __slots__ = ("code", "message", "kind", "node", "attempt", "retryable", "traceback")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[Failure.Kind]
        USER: _ClassVar[Failure.Kind]
        SYSTEM: _ClassVar[Failure.Kind]
    KIND_UNSPECIFIED: Failure.Kind
    USER: Failure.Kind
    SYSTEM: Failure.Kind
    class Class(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        CLASS_UNSPECIFIED: _ClassVar[Failure.Class]
        LOGIC: _ClassVar[Failure.Class]
        PROVIDER: _ClassVar[Failure.Class]
        CONNECTOR: _ClassVar[Failure.Class]
        POLICY: _ClassVar[Failure.Class]
        TIMEOUT: _ClassVar[Failure.Class]
        INFRASTRUCTURE: _ClassVar[Failure.Class]
    CLASS_UNSPECIFIED: Failure.Class
    LOGIC: Failure.Class
    PROVIDER: Failure.Class
    CONNECTOR: Failure.Class
    POLICY: Failure.Class
    TIMEOUT: Failure.Class
    INFRASTRUCTURE: Failure.Class
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    CLASS_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    RETRYABLE_FIELD_NUMBER: _ClassVar[int]
    TRACEBACK_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    kind: Failure.Kind
    node: str
    attempt: int
    retryable: bool
    traceback: str
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ..., kind: _Optional[_Union[Failure.Kind, str]] = ..., node: _Optional[str] = ..., attempt: _Optional[int] = ..., retryable: _Optional[bool] = ..., traceback: _Optional[str] = ..., **kwargs) -> None: ...
