"""The shape of a flow file as a JSON Schema.

It knows keys and forms alone. What names may be, which nodes exist and how types fit is for the checks, which
also see flows that do not come from a file. Each `description` says what is expected, for error messages.
"""

from __future__ import annotations

from typing import Any

from penstock.wire import durations

ARROW = r"^\s*(\S+)\s*->\s*(\S+)\s*$"
"""An edge as text: "price -> charge"."""

LATER = {
    "pause": "pauses",
    "gate": "gates",
    "map": "nodes that run once an item",
    "flow": "sub-flows",
    "sleep": "sleeps",
    "compensate": "compensation",
    "retries": "retries",
    "output": "output messages of a node",
    "fields": "fields of a node",
}
"""Keys of a node that the format has and this version cannot run yet, with the words for them."""

LATER_KINDS = frozenset({"pause", "gate", "map", "flow", "sleep"})
"""Those of them that stand in the place of `use`."""

OUTPUT_ONLY = ("create_time", "update_time", "live_graph_id")
"""Keys of penstock.v1.Flow that the server sets."""

NEVER: dict[str, Any] = {"not": {}}
"""A key that is known and refused."""

_TEXT = {"type": "string", "description": "text"}

_NODE: dict[str, Any] = {
    "type": "object",
    "description": "a node such as {use: package/node}",
    "properties": {
        "use": {"type": "string", "description": "package/node"},
        "timeout": {
            "type": "string",
            "pattern": durations.PATTERN,
            "description": "a length of time such as 10s, 1.5s, 200ms, 5m, 24h or 1h30m",
        },
        **dict.fromkeys(LATER, NEVER),
    },
    "required": ["use"],
    "additionalProperties": False,
}

_EDGE: dict[str, Any] = {
    "type": ["string", "object"],
    "description": "an edge: source -> target, or {from: source, to: target}",
    "if": {"type": "string"},
    "then": {"pattern": ARROW, "description": "source -> target"},
    "else": {
        "properties": {
            "from": {"type": "string", "description": "the name of a node"},
            "to": {"type": "string", "description": "the name of a node"},
            "when": {"type": "string", "description": "CEL as text"},
            "otherwise": {"type": "boolean", "description": "true or false"},
            "map": {
                "type": "object",
                "description": "target fields, each with CEL as text",
                "additionalProperties": {"type": "string", "description": "CEL as text"},
            },
        },
        "required": ["from", "to"],
        "additionalProperties": False,
    },
}

FLOW_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "description": "a flow with its name, nodes and edges",
    "properties": {
        "flow": {"type": "string", "description": "the name of the flow"},
        "description": _TEXT,
        "nodes": {"type": "object", "description": "nodes by name", "additionalProperties": _NODE},
        "edges": {"type": "array", "description": "a list of edges", "items": _EDGE},
        **dict.fromkeys(OUTPUT_ONLY, NEVER),
    },
    "required": ["flow", "nodes"],
    "additionalProperties": False,
}
