# Generated from proto/penstock/v1/artifact_diff.proto by penstock.codegen. DO NOT EDIT.
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ArtifactDiff(_message.Message):
    __slots__ = ("before", "after", "wire_breaking", "json_breaking", "source_breaking", "changes", "graph_changes", "pinned")
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    WIRE_BREAKING_FIELD_NUMBER: _ClassVar[int]
    JSON_BREAKING_FIELD_NUMBER: _ClassVar[int]
    SOURCE_BREAKING_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    GRAPH_CHANGES_FIELD_NUMBER: _ClassVar[int]
    PINNED_FIELD_NUMBER: _ClassVar[int]
    before: str
    after: str
    wire_breaking: bool
    json_breaking: bool
    source_breaking: bool
    changes: _containers.RepeatedCompositeFieldContainer[ArtifactChange]
    graph_changes: _containers.RepeatedCompositeFieldContainer[GraphChange]
    pinned: _containers.RepeatedCompositeFieldContainer[PinnedExecutions]
    def __init__(self, before: _Optional[str] = ..., after: _Optional[str] = ..., wire_breaking: _Optional[bool] = ..., json_breaking: _Optional[bool] = ..., source_breaking: _Optional[bool] = ..., changes: _Optional[_Iterable[_Union[ArtifactChange, _Mapping]]] = ..., graph_changes: _Optional[_Iterable[_Union[GraphChange, _Mapping]]] = ..., pinned: _Optional[_Iterable[_Union[PinnedExecutions, _Mapping]]] = ...) -> None: ...

class ArtifactChange(_message.Message):
    __slots__ = ("rule", "levels", "path", "message")
    class Level(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        LEVEL_UNSPECIFIED: _ClassVar[ArtifactChange.Level]
        WIRE: _ClassVar[ArtifactChange.Level]
        JSON: _ClassVar[ArtifactChange.Level]
        SOURCE: _ClassVar[ArtifactChange.Level]
    LEVEL_UNSPECIFIED: ArtifactChange.Level
    WIRE: ArtifactChange.Level
    JSON: ArtifactChange.Level
    SOURCE: ArtifactChange.Level
    RULE_FIELD_NUMBER: _ClassVar[int]
    LEVELS_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    rule: str
    levels: _containers.RepeatedScalarFieldContainer[ArtifactChange.Level]
    path: str
    message: str
    def __init__(self, rule: _Optional[str] = ..., levels: _Optional[_Iterable[_Union[ArtifactChange.Level, str]]] = ..., path: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class GraphChange(_message.Message):
    __slots__ = ("kind", "subject", "message")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[GraphChange.Kind]
        ADDED: _ClassVar[GraphChange.Kind]
        REMOVED: _ClassVar[GraphChange.Kind]
        CHANGED: _ClassVar[GraphChange.Kind]
    KIND_UNSPECIFIED: GraphChange.Kind
    ADDED: GraphChange.Kind
    REMOVED: GraphChange.Kind
    CHANGED: GraphChange.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    kind: GraphChange.Kind
    subject: str
    message: str
    def __init__(self, kind: _Optional[_Union[GraphChange.Kind, str]] = ..., subject: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class PinnedExecutions(_message.Message):
    __slots__ = ("graph_id", "version", "execution_count")
    GRAPH_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_COUNT_FIELD_NUMBER: _ClassVar[int]
    graph_id: str
    version: int
    execution_count: int
    def __init__(self, graph_id: _Optional[str] = ..., version: _Optional[int] = ..., execution_count: _Optional[int] = ...) -> None: ...
