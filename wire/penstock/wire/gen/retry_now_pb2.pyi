# Generated from proto/penstock/v1/retry_now.proto by penstock.codegen. DO NOT EDIT.
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class RetryNowRequest(_message.Message):
    __slots__ = ("execution_id", "node", "request_id")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    node: str
    request_id: str
    def __init__(self, execution_id: _Optional[str] = ..., node: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class RetryNowResponse(_message.Message):
    __slots__ = ("execution_id", "nodes")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    nodes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, execution_id: _Optional[str] = ..., nodes: _Optional[_Iterable[str]] = ...) -> None: ...
