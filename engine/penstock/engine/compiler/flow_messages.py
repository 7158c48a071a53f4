"""The values of a flow file, whose shape was checked, as penstock.v1.Flow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from google.protobuf.duration_pb2 import Duration

from penstock.engine.compiler.flow_schema import ARROW
from penstock.wire import durations
from penstock.wire.gen.flow_pb2 import CachePolicy, Flow, FlowEdge, FlowNode, GatePolicy, MapPolicy, PausePolicy
from penstock.wire.gen.retries_pb2 import Retries

Members = Mapping[str, Any]

_ARROW = re.compile(ARROW)


def flow_message(value: Members) -> Flow:
    """`value` keeps FLOW_SCHEMA, and each node has one key of KINDS."""
    return Flow(
        flow=value["flow"],
        description=value.get("description", ""),
        nodes={name: _node(node) for name, node in value["nodes"].items()},
        edges=[_edge(edge) for edge in value.get("edges", ())],
        deadline=_duration(value, "deadline"),
        failure_policy=value.get("failure_policy"),
        compensate_on_cancel=value.get("compensate_on_cancel"),
        searchable=value.get("searchable", ()),
    )


def _node(value: Members) -> FlowNode:
    return FlowNode(
        use=value.get("use", ""),
        timeout=_duration(value, "timeout"),
        retries=_retries(value["retries"]) if "retries" in value else None,
        compensate=value.get("compensate"),
        fallback=value.get("fallback"),
        cache=_cache(value["cache"]) if "cache" in value else None,
        output=value.get("output"),
        input=value.get("input"),
        pause=_pause(value["pause"]) if "pause" in value else None,
        gate=_gate(value["gate"]) if "gate" in value else None,
        map=_map(value["map"]) if "map" in value else None,
        flow=value.get("flow"),
        sleep=_duration(value, "sleep"),
    )


def _retries(value: Members) -> Retries:
    return Retries(
        max_attempts=_count(value, "max_attempts"),
        initial_backoff=_duration(value, "initial_backoff"),
        multiplier=value.get("multiplier"),
        max_backoff=_duration(value, "max_backoff"),
        jitter=value.get("jitter"),
        retry_on=value.get("retry_on", ()),
        max_system_attempts=_count(value, "max_system_attempts"),
    )


def _pause(value: Members) -> PausePolicy:
    return PausePolicy(
        prompt=value.get("prompt", ""),
        timeout=_duration(value, "timeout"),
        on_timeout=value.get("on_timeout", ""),
    )


def _gate(value: Members) -> GatePolicy:
    return GatePolicy(wait_for=_text(value, "wait_for"), output=value.get("output", ""), fields=value.get("fields", {}))


def _map(value: Members) -> MapPolicy:
    return MapPolicy(
        over=value.get("over", ""),
        use=value.get("use", ""),
        max_concurrency=_count(value, "max_concurrency") or 0,
        min_successes=_text(value, "min_successes"),
    )


def _cache(value: Members) -> CachePolicy:
    return CachePolicy(version=_text(value, "version"), ttl=_duration(value, "ttl"))


def _edge(value: str | Members) -> FlowEdge:
    return FlowEdge(**(value if isinstance(value, Mapping) else _ends(value)))


def _ends(arrow: str) -> dict[str, Any]:
    ends = cast(re.Match[str], _ARROW.match(arrow))
    return {"from": ends[1], "to": ends[2]}


def _duration(value: Members, key: str) -> Duration | None:
    return durations.parse(value[key]) if key in value else None


def _count(value: Members, key: str) -> int | None:
    """JSON Schema takes 3.0 for a whole number, a message does not."""
    return int(value[key]) if key in value else None


def _text(value: Members, key: str) -> str:
    """A number keeps its point: 1.0 is a ratio, 1 is a count."""
    return str(value.get(key, ""))
