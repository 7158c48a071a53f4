# Generated from proto/penstock/v1/export.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from penstock.wire.gen import artifact_pb2 as _artifact_pb2
from penstock.wire.gen import event_pb2 as _event_pb2
from penstock.wire.gen import execution_pb2 as _execution_pb2
from penstock.wire.gen import node_execution_pb2 as _node_execution_pb2
from penstock.wire.gen import options_pb2 as _options_pb2
from penstock.wire.gen import pause_pb2 as _pause_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ExportExecutionRequest(_message.Message):
    __slots__ = ("execution_id", "no_io", "signed")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    NO_IO_FIELD_NUMBER: _ClassVar[int]
    SIGNED_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    no_io: bool
    signed: bool
    def __init__(self, execution_id: _Optional[str] = ..., no_io: _Optional[bool] = ..., signed: _Optional[bool] = ...) -> None: ...

class ExportExecutionResponse(_message.Message):
    __slots__ = ("data",)
    DATA_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    def __init__(self, data: _Optional[bytes] = ...) -> None: ...

class ExecutionExport(_message.Message):
    __slots__ = ("schema", "export_time", "execution", "artifact", "no_io", "input", "events", "nodes", "attempts", "pauses", "chain", "signature")
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    EXPORT_TIME_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_FIELD_NUMBER: _ClassVar[int]
    ARTIFACT_FIELD_NUMBER: _ClassVar[int]
    NO_IO_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    PAUSES_FIELD_NUMBER: _ClassVar[int]
    CHAIN_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    schema: str
    export_time: _timestamp_pb2.Timestamp
    execution: _execution_pb2.Execution
    artifact: _artifact_pb2.Artifact
    no_io: bool
    input: _struct_pb2.Struct
    events: _containers.RepeatedCompositeFieldContainer[ExportedEvent]
    nodes: _containers.RepeatedCompositeFieldContainer[_node_execution_pb2.NodeExecution]
    attempts: _containers.RepeatedCompositeFieldContainer[_node_execution_pb2.Attempt]
    pauses: _containers.RepeatedCompositeFieldContainer[_pause_pb2.Pause]
    chain: ExportChain
    signature: ExportSignature
    def __init__(self, schema: _Optional[str] = ..., export_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., execution: _Optional[_Union[_execution_pb2.Execution, _Mapping]] = ..., artifact: _Optional[_Union[_artifact_pb2.Artifact, _Mapping]] = ..., no_io: _Optional[bool] = ..., input: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., events: _Optional[_Iterable[_Union[ExportedEvent, _Mapping]]] = ..., nodes: _Optional[_Iterable[_Union[_node_execution_pb2.NodeExecution, _Mapping]]] = ..., attempts: _Optional[_Iterable[_Union[_node_execution_pb2.Attempt, _Mapping]]] = ..., pauses: _Optional[_Iterable[_Union[_pause_pb2.Pause, _Mapping]]] = ..., chain: _Optional[_Union[ExportChain, _Mapping]] = ..., signature: _Optional[_Union[ExportSignature, _Mapping]] = ...) -> None: ...

class ExportedEvent(_message.Message):
    __slots__ = ("event", "input", "output", "problem", "hash")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    event: _event_pb2.Event
    input: _struct_pb2.Struct
    output: _struct_pb2.Struct
    problem: str
    hash: str
    def __init__(self, event: _Optional[_Union[_event_pb2.Event, _Mapping]] = ..., input: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., output: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., problem: _Optional[str] = ..., hash: _Optional[str] = ...) -> None: ...

class ExportChain(_message.Message):
    __slots__ = ("algorithm", "event_count", "head")
    ALGORITHM_FIELD_NUMBER: _ClassVar[int]
    EVENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    algorithm: str
    event_count: int
    head: str
    def __init__(self, algorithm: _Optional[str] = ..., event_count: _Optional[int] = ..., head: _Optional[str] = ...) -> None: ...

class ExportSignature(_message.Message):
    __slots__ = ("algorithm", "key_id", "public_key", "value")
    ALGORITHM_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    algorithm: str
    key_id: str
    public_key: str
    value: str
    def __init__(self, algorithm: _Optional[str] = ..., key_id: _Optional[str] = ..., public_key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
