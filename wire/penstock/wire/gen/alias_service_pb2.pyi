# Generated from proto/penstock/v1/alias_service.proto by penstock.codegen. DO NOT EDIT.
from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import empty_pb2 as _empty_pb2
from penstock.wire.gen import alias_pb2 as _alias_pb2
from penstock.wire.gen import artifact_diff_pb2 as _artifact_diff_pb2
from penstock.wire.gen import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetAliasRequest(_message.Message):
    __slots__ = ("flow", "alias")
    FLOW_FIELD_NUMBER: _ClassVar[int]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    flow: str
    alias: str
    def __init__(self, flow: _Optional[str] = ..., alias: _Optional[str] = ...) -> None: ...

class ListAliasesRequest(_message.Message):
    __slots__ = ("flow", "page_size", "page_token")
    FLOW_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    flow: str
    page_size: int
    page_token: str
    def __init__(self, flow: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAliasesResponse(_message.Message):
    __slots__ = ("aliases", "next_page_token")
    ALIASES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    aliases: _containers.RepeatedCompositeFieldContainer[_alias_pb2.Alias]
    next_page_token: str
    def __init__(self, aliases: _Optional[_Iterable[_Union[_alias_pb2.Alias, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class SetAliasRequest(_message.Message):
    __slots__ = ("flow", "alias", "targets", "validate_only", "allow_breaking", "etag")
    FLOW_FIELD_NUMBER: _ClassVar[int]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    TARGETS_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    ALLOW_BREAKING_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    flow: str
    alias: str
    targets: _containers.RepeatedCompositeFieldContainer[_alias_pb2.AliasTarget]
    validate_only: bool
    allow_breaking: bool
    etag: str
    def __init__(self, flow: _Optional[str] = ..., alias: _Optional[str] = ..., targets: _Optional[_Iterable[_Union[_alias_pb2.AliasTarget, _Mapping]]] = ..., validate_only: _Optional[bool] = ..., allow_breaking: _Optional[bool] = ..., etag: _Optional[str] = ...) -> None: ...

class SetAliasResponse(_message.Message):
    __slots__ = ("alias", "diffs")
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    DIFFS_FIELD_NUMBER: _ClassVar[int]
    alias: _alias_pb2.Alias
    diffs: _containers.RepeatedCompositeFieldContainer[_artifact_diff_pb2.ArtifactDiff]
    def __init__(self, alias: _Optional[_Union[_alias_pb2.Alias, _Mapping]] = ..., diffs: _Optional[_Iterable[_Union[_artifact_diff_pb2.ArtifactDiff, _Mapping]]] = ...) -> None: ...

class DeleteAliasRequest(_message.Message):
    __slots__ = ("flow", "alias", "etag")
    FLOW_FIELD_NUMBER: _ClassVar[int]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    flow: str
    alias: str
    etag: str
    def __init__(self, flow: _Optional[str] = ..., alias: _Optional[str] = ..., etag: _Optional[str] = ...) -> None: ...

class ListAliasMovesRequest(_message.Message):
    __slots__ = ("flow", "alias", "page_size", "page_token")
    FLOW_FIELD_NUMBER: _ClassVar[int]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    flow: str
    alias: str
    page_size: int
    page_token: str
    def __init__(self, flow: _Optional[str] = ..., alias: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAliasMovesResponse(_message.Message):
    __slots__ = ("moves", "next_page_token")
    MOVES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    moves: _containers.RepeatedCompositeFieldContainer[_alias_pb2.AliasMove]
    next_page_token: str
    def __init__(self, moves: _Optional[_Iterable[_Union[_alias_pb2.AliasMove, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
