# Generated from proto/penstock/v1/relay_service.proto by penstock.codegen. DO NOT EDIT.
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RelayRequest(_message.Message):
    __slots__ = ("calls", "credits", "cancels")
    class Call(_message.Message):
        __slots__ = ("id", "method", "api_key", "request", "credit", "address", "request_id")
        ID_FIELD_NUMBER: _ClassVar[int]
        METHOD_FIELD_NUMBER: _ClassVar[int]
        API_KEY_FIELD_NUMBER: _ClassVar[int]
        REQUEST_FIELD_NUMBER: _ClassVar[int]
        CREDIT_FIELD_NUMBER: _ClassVar[int]
        ADDRESS_FIELD_NUMBER: _ClassVar[int]
        REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
        id: int
        method: str
        api_key: str
        request: bytes
        credit: int
        address: str
        request_id: str
        def __init__(self, id: _Optional[int] = ..., method: _Optional[str] = ..., api_key: _Optional[str] = ..., request: _Optional[bytes] = ..., credit: _Optional[int] = ..., address: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...
    class Credit(_message.Message):
        __slots__ = ("call_id", "bytes")
        CALL_ID_FIELD_NUMBER: _ClassVar[int]
        BYTES_FIELD_NUMBER: _ClassVar[int]
        call_id: int
        bytes: int
        def __init__(self, call_id: _Optional[int] = ..., bytes: _Optional[int] = ...) -> None: ...
    CALLS_FIELD_NUMBER: _ClassVar[int]
    CREDITS_FIELD_NUMBER: _ClassVar[int]
    CANCELS_FIELD_NUMBER: _ClassVar[int]
    calls: _containers.RepeatedCompositeFieldContainer[RelayRequest.Call]
    credits: _containers.RepeatedCompositeFieldContainer[RelayRequest.Credit]
    cancels: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, calls: _Optional[_Iterable[_Union[RelayRequest.Call, _Mapping]]] = ..., credits: _Optional[_Iterable[_Union[RelayRequest.Credit, _Mapping]]] = ..., cancels: _Optional[_Iterable[int]] = ...) -> None: ...

class RelayResponse(_message.Message):
    __slots__ = ("answers",)
    class Answer(_message.Message):
        __slots__ = ("call_id", "message", "is_end", "error")
        CALL_ID_FIELD_NUMBER: _ClassVar[int]
        MESSAGE_FIELD_NUMBER: _ClassVar[int]
        IS_END_FIELD_NUMBER: _ClassVar[int]
        ERROR_FIELD_NUMBER: _ClassVar[int]
        call_id: int
        message: bytes
        is_end: bool
        error: RelayError
        def __init__(self, call_id: _Optional[int] = ..., message: _Optional[bytes] = ..., is_end: _Optional[bool] = ..., error: _Optional[_Union[RelayError, _Mapping]] = ...) -> None: ...
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    answers: _containers.RepeatedCompositeFieldContainer[RelayResponse.Answer]
    def __init__(self, answers: _Optional[_Iterable[_Union[RelayResponse.Answer, _Mapping]]] = ...) -> None: ...

class RelayError(_message.Message):
    __slots__ = ("code", "reason", "message", "facts", "violations")
    class Fact(_message.Message):
        __slots__ = ("name", "value")
        NAME_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        name: str
        value: str
        def __init__(self, name: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class Violation(_message.Message):
        __slots__ = ("field", "description")
        FIELD_FIELD_NUMBER: _ClassVar[int]
        DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
        field: str
        description: str
        def __init__(self, field: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...
    CODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    VIOLATIONS_FIELD_NUMBER: _ClassVar[int]
    code: int
    reason: str
    message: str
    facts: _containers.RepeatedCompositeFieldContainer[RelayError.Fact]
    violations: _containers.RepeatedCompositeFieldContainer[RelayError.Violation]
    def __init__(self, code: _Optional[int] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ..., facts: _Optional[_Iterable[_Union[RelayError.Fact, _Mapping]]] = ..., violations: _Optional[_Iterable[_Union[RelayError.Violation, _Mapping]]] = ...) -> None: ...

class RelayIdentity(_message.Message):
    __slots__ = ("account", "key_id", "scopes")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    account: str
    key_id: str
    scopes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, account: _Optional[str] = ..., key_id: _Optional[str] = ..., scopes: _Optional[_Iterable[str]] = ...) -> None: ...

class RelayReadiness(_message.Message):
    __slots__ = ("is_ready", "checks")
    class Check(_message.Message):
        __slots__ = ("name", "state")
        NAME_FIELD_NUMBER: _ClassVar[int]
        STATE_FIELD_NUMBER: _ClassVar[int]
        name: str
        state: str
        def __init__(self, name: _Optional[str] = ..., state: _Optional[str] = ...) -> None: ...
    IS_READY_FIELD_NUMBER: _ClassVar[int]
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    is_ready: bool
    checks: _containers.RepeatedCompositeFieldContainer[RelayReadiness.Check]
    def __init__(self, is_ready: _Optional[bool] = ..., checks: _Optional[_Iterable[_Union[RelayReadiness.Check, _Mapping]]] = ...) -> None: ...
