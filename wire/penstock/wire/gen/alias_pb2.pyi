# Generated from proto/penstock/v1/alias.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Alias(_message.Message):
    __slots__ = ("flow", "alias", "targets", "update_time", "key_id", "etag")
    FLOW_FIELD_NUMBER: _ClassVar[int]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    TARGETS_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    flow: str
    alias: str
    targets: _containers.RepeatedCompositeFieldContainer[AliasTarget]
    update_time: _timestamp_pb2.Timestamp
    key_id: str
    etag: str
    def __init__(self, flow: _Optional[str] = ..., alias: _Optional[str] = ..., targets: _Optional[_Iterable[_Union[AliasTarget, _Mapping]]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., key_id: _Optional[str] = ..., etag: _Optional[str] = ...) -> None: ...

class AliasTarget(_message.Message):
    __slots__ = ("graph_id", "version", "weight")
    GRAPH_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    graph_id: str
    version: int
    weight: int
    def __init__(self, graph_id: _Optional[str] = ..., version: _Optional[int] = ..., weight: _Optional[int] = ...) -> None: ...

class AliasMove(_message.Message):
    __slots__ = ("flow", "alias", "number", "before", "after", "key_id", "move_time")
    FLOW_FIELD_NUMBER: _ClassVar[int]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    MOVE_TIME_FIELD_NUMBER: _ClassVar[int]
    flow: str
    alias: str
    number: int
    before: _containers.RepeatedCompositeFieldContainer[AliasTarget]
    after: _containers.RepeatedCompositeFieldContainer[AliasTarget]
    key_id: str
    move_time: _timestamp_pb2.Timestamp
    def __init__(self, flow: _Optional[str] = ..., alias: _Optional[str] = ..., number: _Optional[int] = ..., before: _Optional[_Iterable[_Union[AliasTarget, _Mapping]]] = ..., after: _Optional[_Iterable[_Union[AliasTarget, _Mapping]]] = ..., key_id: _Optional[str] = ..., move_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
