# Generated from proto/penstock/v1/artifact_service.proto by penstock.codegen. DO NOT EDIT.
from google.api import annotations_pb2 as _annotations_pb2
from penstock.wire.gen import artifact_pb2 as _artifact_pb2
from penstock.wire.gen import artifact_diff_pb2 as _artifact_diff_pb2
from penstock.wire.gen import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetArtifactRequest(_message.Message):
    __slots__ = ("graph_id", "view", "request_id")
    class View(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        VIEW_UNSPECIFIED: _ClassVar[GetArtifactRequest.View]
        BASIC: _ClassVar[GetArtifactRequest.View]
        FULL: _ClassVar[GetArtifactRequest.View]
    VIEW_UNSPECIFIED: GetArtifactRequest.View
    BASIC: GetArtifactRequest.View
    FULL: GetArtifactRequest.View
    GRAPH_ID_FIELD_NUMBER: _ClassVar[int]
    VIEW_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    graph_id: str
    view: GetArtifactRequest.View
    request_id: str
    def __init__(self, graph_id: _Optional[str] = ..., view: _Optional[_Union[GetArtifactRequest.View, str]] = ..., request_id: _Optional[str] = ...) -> None: ...

class ListArtifactsRequest(_message.Message):
    __slots__ = ("flow", "page_size", "page_token")
    FLOW_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    flow: str
    page_size: int
    page_token: str
    def __init__(self, flow: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListArtifactsResponse(_message.Message):
    __slots__ = ("artifacts", "next_page_token")
    ARTIFACTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    artifacts: _containers.RepeatedCompositeFieldContainer[_artifact_pb2.Artifact]
    next_page_token: str
    def __init__(self, artifacts: _Optional[_Iterable[_Union[_artifact_pb2.Artifact, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DiffArtifactsRequest(_message.Message):
    __slots__ = ("before", "after")
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    before: str
    after: str
    def __init__(self, before: _Optional[str] = ..., after: _Optional[str] = ...) -> None: ...

class DeprecateArtifactRequest(_message.Message):
    __slots__ = ("graph_id", "reason")
    GRAPH_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    graph_id: str
    reason: str
    def __init__(self, graph_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class RetireArtifactRequest(_message.Message):
    __slots__ = ("graph_id", "reason")
    GRAPH_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    graph_id: str
    reason: str
    def __init__(self, graph_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class RestoreArtifactRequest(_message.Message):
    __slots__ = ("graph_id",)
    GRAPH_ID_FIELD_NUMBER: _ClassVar[int]
    graph_id: str
    def __init__(self, graph_id: _Optional[str] = ...) -> None: ...
