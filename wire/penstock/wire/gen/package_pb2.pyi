# Generated from proto/penstock/v1/package.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from penstock.wire.gen import retries_pb2 as _retries_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Package(_message.Message):
    __slots__ = ("name", "version", "description", "digest", "nodes", "descriptors", "create_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTORS_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    description: str
    digest: str
    nodes: _containers.RepeatedCompositeFieldContainer[PackageNode]
    descriptors: bytes
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., description: _Optional[str] = ..., digest: _Optional[str] = ..., nodes: _Optional[_Iterable[_Union[PackageNode, _Mapping]]] = ..., descriptors: _Optional[bytes] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class PackageNode(_message.Message):
    __slots__ = ("name", "type", "input", "output", "description", "timeout", "retries", "signals", "secrets", "takes_frames")
    class Type(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        TYPE_UNSPECIFIED: _ClassVar[PackageNode.Type]
        UNARY: _ClassVar[PackageNode.Type]
        PIPELINE: _ClassVar[PackageNode.Type]
    TYPE_UNSPECIFIED: PackageNode.Type
    UNARY: PackageNode.Type
    PIPELINE: PackageNode.Type
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    RETRIES_FIELD_NUMBER: _ClassVar[int]
    SIGNALS_FIELD_NUMBER: _ClassVar[int]
    SECRETS_FIELD_NUMBER: _ClassVar[int]
    TAKES_FRAMES_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: PackageNode.Type
    input: str
    output: str
    description: str
    timeout: _duration_pb2.Duration
    retries: _retries_pb2.Retries
    signals: _containers.RepeatedCompositeFieldContainer[PackageSignal]
    secrets: _containers.RepeatedScalarFieldContainer[str]
    takes_frames: bool
    def __init__(self, name: _Optional[str] = ..., type: _Optional[_Union[PackageNode.Type, str]] = ..., input: _Optional[str] = ..., output: _Optional[str] = ..., description: _Optional[str] = ..., timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., retries: _Optional[_Union[_retries_pb2.Retries, _Mapping]] = ..., signals: _Optional[_Iterable[_Union[PackageSignal, _Mapping]]] = ..., secrets: _Optional[_Iterable[str]] = ..., takes_frames: _Optional[bool] = ...) -> None: ...

class PackageSignal(_message.Message):
    __slots__ = ("name", "type")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: str
    def __init__(self, name: _Optional[str] = ..., type: _Optional[str] = ...) -> None: ...
