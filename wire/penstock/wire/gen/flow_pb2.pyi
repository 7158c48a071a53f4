# Generated from proto/penstock/v1/flow.proto by penstock.codegen. DO NOT EDIT.
import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from penstock.wire.gen import retries_pb2 as _retries_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Flow(_message.Message):
    __slots__ = ("flow", "description", "nodes", "edges", "create_time", "update_time", "live_graph_id", "deadline", "failure_policy", "compensate_on_cancel", "searchable")
    class NodesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: FlowNode
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[FlowNode, _Mapping]] = ...) -> None: ...
    FLOW_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    EDGES_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    LIVE_GRAPH_ID_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_FIELD_NUMBER: _ClassVar[int]
    FAILURE_POLICY_FIELD_NUMBER: _ClassVar[int]
    COMPENSATE_ON_CANCEL_FIELD_NUMBER: _ClassVar[int]
    SEARCHABLE_FIELD_NUMBER: _ClassVar[int]
    flow: str
    description: str
    nodes: _containers.MessageMap[str, FlowNode]
    edges: _containers.RepeatedCompositeFieldContainer[FlowEdge]
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    live_graph_id: str
    deadline: _duration_pb2.Duration
    failure_policy: str
    compensate_on_cancel: bool
    searchable: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, flow: _Optional[str] = ..., description: _Optional[str] = ..., nodes: _Optional[_Mapping[str, FlowNode]] = ..., edges: _Optional[_Iterable[_Union[FlowEdge, _Mapping]]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., live_graph_id: _Optional[str] = ..., deadline: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., failure_policy: _Optional[str] = ..., compensate_on_cancel: _Optional[bool] = ..., searchable: _Optional[_Iterable[str]] = ...) -> None: ...

class FlowNode(_message.Message):
    __slots__ = ("use", "timeout", "retries", "compensate", "fallback", "cache", "output", "input", "pause", "gate", "map", "flow", "sleep")
    USE_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    RETRIES_FIELD_NUMBER: _ClassVar[int]
    COMPENSATE_FIELD_NUMBER: _ClassVar[int]
    FALLBACK_FIELD_NUMBER: _ClassVar[int]
    CACHE_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    PAUSE_FIELD_NUMBER: _ClassVar[int]
    GATE_FIELD_NUMBER: _ClassVar[int]
    MAP_FIELD_NUMBER: _ClassVar[int]
    FLOW_FIELD_NUMBER: _ClassVar[int]
    SLEEP_FIELD_NUMBER: _ClassVar[int]
    use: str
    timeout: _duration_pb2.Duration
    retries: _retries_pb2.Retries
    compensate: str
    fallback: str
    cache: CachePolicy
    output: str
    input: str
    pause: PausePolicy
    gate: GatePolicy
    map: MapPolicy
    flow: str
    sleep: _duration_pb2.Duration
    def __init__(self, use: _Optional[str] = ..., timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., retries: _Optional[_Union[_retries_pb2.Retries, _Mapping]] = ..., compensate: _Optional[str] = ..., fallback: _Optional[str] = ..., cache: _Optional[_Union[CachePolicy, _Mapping]] = ..., output: _Optional[str] = ..., input: _Optional[str] = ..., pause: _Optional[_Union[PausePolicy, _Mapping]] = ..., gate: _Optional[_Union[GatePolicy, _Mapping]] = ..., map: _Optional[_Union[MapPolicy, _Mapping]] = ..., flow: _Optional[str] = ..., sleep: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class PausePolicy(_message.Message):
    __slots__ = ("prompt", "timeout", "on_timeout")
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    ON_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    prompt: str
    timeout: _duration_pb2.Duration
    on_timeout: str
    def __init__(self, prompt: _Optional[str] = ..., timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., on_timeout: _Optional[str] = ...) -> None: ...

class GatePolicy(_message.Message):
    __slots__ = ("wait_for", "output", "fields")
    class FieldsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    WAIT_FOR_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    wait_for: str
    output: str
    fields: _containers.ScalarMap[str, str]
    def __init__(self, wait_for: _Optional[str] = ..., output: _Optional[str] = ..., fields: _Optional[_Mapping[str, str]] = ...) -> None: ...

class MapPolicy(_message.Message):
    __slots__ = ("over", "use", "max_concurrency", "min_successes")
    OVER_FIELD_NUMBER: _ClassVar[int]
    USE_FIELD_NUMBER: _ClassVar[int]
    MAX_CONCURRENCY_FIELD_NUMBER: _ClassVar[int]
    MIN_SUCCESSES_FIELD_NUMBER: _ClassVar[int]
    over: str
    use: str
    max_concurrency: int
    min_successes: str
    def __init__(self, over: _Optional[str] = ..., use: _Optional[str] = ..., max_concurrency: _Optional[int] = ..., min_successes: _Optional[str] = ...) -> None: ...

class CachePolicy(_message.Message):
    __slots__ = ("version", "ttl")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    TTL_FIELD_NUMBER: _ClassVar[int]
    version: str
    ttl: _duration_pb2.Duration
    def __init__(self, version: _Optional[str] = ..., ttl: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class FlowEdge(_message.Message):
    __slots__ = ("to", "when", "otherwise", "map")
    class MapEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    FROM_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    WHEN_FIELD_NUMBER: _ClassVar[int]
    OTHERWISE_FIELD_NUMBER: _ClassVar[int]
    MAP_FIELD_NUMBER: _ClassVar[int]
    to: str
    when: str
    otherwise: bool
    map: _containers.ScalarMap[str, str]
    def __init__(self, to: _Optional[str] = ..., when: _Optional[str] = ..., otherwise: _Optional[bool] = ..., map: _Optional[_Mapping[str, str]] = ..., **kwargs) -> None: ...
