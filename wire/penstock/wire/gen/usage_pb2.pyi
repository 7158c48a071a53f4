# Generated from proto/penstock/v1/usage.proto by penstock.codegen. DO NOT EDIT.
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class Usage(_message.Message):
    __slots__ = ("execution_id", "flow", "node", "provider", "model", "date", "calls", "input_tokens", "cached_tokens", "output_tokens", "cost")
    class Dimension(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        DIMENSION_UNSPECIFIED: _ClassVar[Usage.Dimension]
        EXECUTION: _ClassVar[Usage.Dimension]
        FLOW: _ClassVar[Usage.Dimension]
        NODE: _ClassVar[Usage.Dimension]
        PROVIDER: _ClassVar[Usage.Dimension]
        MODEL: _ClassVar[Usage.Dimension]
        DAY: _ClassVar[Usage.Dimension]
    DIMENSION_UNSPECIFIED: Usage.Dimension
    EXECUTION: Usage.Dimension
    FLOW: Usage.Dimension
    NODE: Usage.Dimension
    PROVIDER: Usage.Dimension
    MODEL: Usage.Dimension
    DAY: Usage.Dimension
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    FLOW_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    CACHED_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    flow: str
    node: str
    provider: str
    model: str
    date: str
    calls: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cost: str
    def __init__(self, execution_id: _Optional[str] = ..., flow: _Optional[str] = ..., node: _Optional[str] = ..., provider: _Optional[str] = ..., model: _Optional[str] = ..., date: _Optional[str] = ..., calls: _Optional[int] = ..., input_tokens: _Optional[int] = ..., cached_tokens: _Optional[int] = ..., output_tokens: _Optional[int] = ..., cost: _Optional[str] = ...) -> None: ...
