# Generated from proto/penstock/v1/artifact.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from penstock.wire.gen import artifact_diff_pb2 as _artifact_diff_pb2
from penstock.wire.gen import flow_pb2 as _flow_pb2
from penstock.wire.gen import package_pb2 as _package_pb2
from penstock.wire.gen import retries_pb2 as _retries_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Artifact(_message.Message):
    __slots__ = ("graph_id", "flow", "version", "digest", "mode", "input_type", "output_type", "service", "create_time", "definition", "plan", "descriptors", "packages", "state", "state_change", "diff", "alias_weight")
    class Mode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        MODE_UNSPECIFIED: _ClassVar[Artifact.Mode]
        UNARY: _ClassVar[Artifact.Mode]
        PIPELINE: _ClassVar[Artifact.Mode]
    MODE_UNSPECIFIED: Artifact.Mode
    UNARY: Artifact.Mode
    PIPELINE: Artifact.Mode
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Artifact.State]
        ACTIVE: _ClassVar[Artifact.State]
        DEPRECATED: _ClassVar[Artifact.State]
        RETIRED: _ClassVar[Artifact.State]
    STATE_UNSPECIFIED: Artifact.State
    ACTIVE: Artifact.State
    DEPRECATED: Artifact.State
    RETIRED: Artifact.State
    class PackagesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    GRAPH_ID_FIELD_NUMBER: _ClassVar[int]
    FLOW_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    INPUT_TYPE_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TYPE_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    DEFINITION_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTORS_FIELD_NUMBER: _ClassVar[int]
    PACKAGES_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STATE_CHANGE_FIELD_NUMBER: _ClassVar[int]
    DIFF_FIELD_NUMBER: _ClassVar[int]
    ALIAS_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    graph_id: str
    flow: str
    version: int
    digest: str
    mode: Artifact.Mode
    input_type: str
    output_type: str
    service: str
    create_time: _timestamp_pb2.Timestamp
    definition: _flow_pb2.Flow
    plan: Plan
    descriptors: bytes
    packages: _containers.ScalarMap[str, str]
    state: Artifact.State
    state_change: ArtifactStateChange
    diff: _artifact_diff_pb2.ArtifactDiff
    alias_weight: int
    def __init__(self, graph_id: _Optional[str] = ..., flow: _Optional[str] = ..., version: _Optional[int] = ..., digest: _Optional[str] = ..., mode: _Optional[_Union[Artifact.Mode, str]] = ..., input_type: _Optional[str] = ..., output_type: _Optional[str] = ..., service: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., definition: _Optional[_Union[_flow_pb2.Flow, _Mapping]] = ..., plan: _Optional[_Union[Plan, _Mapping]] = ..., descriptors: _Optional[bytes] = ..., packages: _Optional[_Mapping[str, str]] = ..., state: _Optional[_Union[Artifact.State, str]] = ..., state_change: _Optional[_Union[ArtifactStateChange, _Mapping]] = ..., diff: _Optional[_Union[_artifact_diff_pb2.ArtifactDiff, _Mapping]] = ..., alias_weight: _Optional[int] = ...) -> None: ...

class ArtifactStateChange(_message.Message):
    __slots__ = ("change_time", "key_id", "reason")
    CHANGE_TIME_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    change_time: _timestamp_pb2.Timestamp
    key_id: str
    reason: str
    def __init__(self, change_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., key_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class Plan(_message.Message):
    __slots__ = ("nodes", "edges", "entry", "terminal", "deadline", "finish_branches", "compensate_on_cancel", "searchable")
    NODES_FIELD_NUMBER: _ClassVar[int]
    EDGES_FIELD_NUMBER: _ClassVar[int]
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    TERMINAL_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_FIELD_NUMBER: _ClassVar[int]
    FINISH_BRANCHES_FIELD_NUMBER: _ClassVar[int]
    COMPENSATE_ON_CANCEL_FIELD_NUMBER: _ClassVar[int]
    SEARCHABLE_FIELD_NUMBER: _ClassVar[int]
    nodes: _containers.RepeatedCompositeFieldContainer[PlannedNode]
    edges: _containers.RepeatedCompositeFieldContainer[PlannedEdge]
    entry: int
    terminal: int
    deadline: _duration_pb2.Duration
    finish_branches: bool
    compensate_on_cancel: bool
    searchable: _containers.RepeatedCompositeFieldContainer[SearchableField]
    def __init__(self, nodes: _Optional[_Iterable[_Union[PlannedNode, _Mapping]]] = ..., edges: _Optional[_Iterable[_Union[PlannedEdge, _Mapping]]] = ..., entry: _Optional[int] = ..., terminal: _Optional[int] = ..., deadline: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., finish_branches: _Optional[bool] = ..., compensate_on_cancel: _Optional[bool] = ..., searchable: _Optional[_Iterable[_Union[SearchableField, _Mapping]]] = ...) -> None: ...

class SearchableField(_message.Message):
    __slots__ = ("path", "kind", "choices")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[SearchableField.Kind]
        TEXT: _ClassVar[SearchableField.Kind]
        NUMBER: _ClassVar[SearchableField.Kind]
        BOOL: _ClassVar[SearchableField.Kind]
        ENUM: _ClassVar[SearchableField.Kind]
        TIME: _ClassVar[SearchableField.Kind]
    KIND_UNSPECIFIED: SearchableField.Kind
    TEXT: SearchableField.Kind
    NUMBER: SearchableField.Kind
    BOOL: SearchableField.Kind
    ENUM: SearchableField.Kind
    TIME: SearchableField.Kind
    PATH_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CHOICES_FIELD_NUMBER: _ClassVar[int]
    path: str
    kind: SearchableField.Kind
    choices: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, path: _Optional[str] = ..., kind: _Optional[_Union[SearchableField.Kind, str]] = ..., choices: _Optional[_Iterable[str]] = ...) -> None: ...

class PlannedNode(_message.Message):
    __slots__ = ("name", "package", "function", "pipeline", "input_type", "output_type", "timeout", "retries", "compensate", "fallback", "cache", "takes_frames", "signals", "pause", "gate", "map", "flow", "sleep")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PACKAGE_FIELD_NUMBER: _ClassVar[int]
    FUNCTION_FIELD_NUMBER: _ClassVar[int]
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    INPUT_TYPE_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TYPE_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    RETRIES_FIELD_NUMBER: _ClassVar[int]
    COMPENSATE_FIELD_NUMBER: _ClassVar[int]
    FALLBACK_FIELD_NUMBER: _ClassVar[int]
    CACHE_FIELD_NUMBER: _ClassVar[int]
    TAKES_FRAMES_FIELD_NUMBER: _ClassVar[int]
    SIGNALS_FIELD_NUMBER: _ClassVar[int]
    PAUSE_FIELD_NUMBER: _ClassVar[int]
    GATE_FIELD_NUMBER: _ClassVar[int]
    MAP_FIELD_NUMBER: _ClassVar[int]
    FLOW_FIELD_NUMBER: _ClassVar[int]
    SLEEP_FIELD_NUMBER: _ClassVar[int]
    name: str
    package: str
    function: str
    pipeline: bool
    input_type: str
    output_type: str
    timeout: _duration_pb2.Duration
    retries: _retries_pb2.Retries
    compensate: PlannedFunction
    fallback: PlannedFunction
    cache: _flow_pb2.CachePolicy
    takes_frames: bool
    signals: _containers.RepeatedCompositeFieldContainer[_package_pb2.PackageSignal]
    pause: _flow_pb2.PausePolicy
    gate: PlannedGate
    map: PlannedMap
    flow: str
    sleep: _duration_pb2.Duration
    def __init__(self, name: _Optional[str] = ..., package: _Optional[str] = ..., function: _Optional[str] = ..., pipeline: _Optional[bool] = ..., input_type: _Optional[str] = ..., output_type: _Optional[str] = ..., timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., retries: _Optional[_Union[_retries_pb2.Retries, _Mapping]] = ..., compensate: _Optional[_Union[PlannedFunction, _Mapping]] = ..., fallback: _Optional[_Union[PlannedFunction, _Mapping]] = ..., cache: _Optional[_Union[_flow_pb2.CachePolicy, _Mapping]] = ..., takes_frames: _Optional[bool] = ..., signals: _Optional[_Iterable[_Union[_package_pb2.PackageSignal, _Mapping]]] = ..., pause: _Optional[_Union[_flow_pb2.PausePolicy, _Mapping]] = ..., gate: _Optional[_Union[PlannedGate, _Mapping]] = ..., map: _Optional[_Union[PlannedMap, _Mapping]] = ..., flow: _Optional[str] = ..., sleep: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class PlannedFunction(_message.Message):
    __slots__ = ("package", "function", "retries", "timeout")
    PACKAGE_FIELD_NUMBER: _ClassVar[int]
    FUNCTION_FIELD_NUMBER: _ClassVar[int]
    RETRIES_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    package: str
    function: str
    retries: _retries_pb2.Retries
    timeout: _duration_pb2.Duration
    def __init__(self, package: _Optional[str] = ..., function: _Optional[str] = ..., retries: _Optional[_Union[_retries_pb2.Retries, _Mapping]] = ..., timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class PlannedGate(_message.Message):
    __slots__ = ("required", "transform", "reads")
    REQUIRED_FIELD_NUMBER: _ClassVar[int]
    TRANSFORM_FIELD_NUMBER: _ClassVar[int]
    READS_FIELD_NUMBER: _ClassVar[int]
    required: int
    transform: str
    reads: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, required: _Optional[int] = ..., transform: _Optional[str] = ..., reads: _Optional[_Iterable[int]] = ...) -> None: ...

class PlannedMap(_message.Message):
    __slots__ = ("path", "from_input", "results", "max_concurrency", "min_successes", "min_success_ratio", "item_type", "result_type")
    PATH_FIELD_NUMBER: _ClassVar[int]
    FROM_INPUT_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    MAX_CONCURRENCY_FIELD_NUMBER: _ClassVar[int]
    MIN_SUCCESSES_FIELD_NUMBER: _ClassVar[int]
    MIN_SUCCESS_RATIO_FIELD_NUMBER: _ClassVar[int]
    ITEM_TYPE_FIELD_NUMBER: _ClassVar[int]
    RESULT_TYPE_FIELD_NUMBER: _ClassVar[int]
    path: _containers.RepeatedScalarFieldContainer[str]
    from_input: bool
    results: str
    max_concurrency: int
    min_successes: int
    min_success_ratio: float
    item_type: str
    result_type: str
    def __init__(self, path: _Optional[_Iterable[str]] = ..., from_input: _Optional[bool] = ..., results: _Optional[str] = ..., max_concurrency: _Optional[int] = ..., min_successes: _Optional[int] = ..., min_success_ratio: _Optional[float] = ..., item_type: _Optional[str] = ..., result_type: _Optional[str] = ...) -> None: ...

class PlannedEdge(_message.Message):
    __slots__ = ("source", "target", "when", "otherwise", "transform")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    WHEN_FIELD_NUMBER: _ClassVar[int]
    OTHERWISE_FIELD_NUMBER: _ClassVar[int]
    TRANSFORM_FIELD_NUMBER: _ClassVar[int]
    source: int
    target: int
    when: str
    otherwise: bool
    transform: str
    def __init__(self, source: _Optional[int] = ..., target: _Optional[int] = ..., when: _Optional[str] = ..., otherwise: _Optional[bool] = ..., transform: _Optional[str] = ...) -> None: ...
