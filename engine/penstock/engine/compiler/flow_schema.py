"""The shape of a flow file as a JSON Schema.

It knows keys and forms alone. What names may be, which nodes exist and how types fit is for the checks, which
also see flows that do not come from a file. Each `description` says what is expected, for error messages.
"""

from __future__ import annotations

from typing import Any

from penstock.engine.compiler.node_schema import DURATION, NODE

ARROW = r"^\s*(\S+)\s*->\s*(\S+)\s*$"
"""An edge as text: "price -> charge"."""

OUTPUT_ONLY = ("create_time", "update_time", "live_graph_id")
"""Keys of penstock.v1.Flow that the server sets."""

NEVER: dict[str, Any] = {"not": {}}
"""A key that is known and refused."""

_TEXT = {"type": "string", "description": "text"}

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
        "deadline": DURATION,
        "failure_policy": {"type": "string", "description": "fail_at_once or finish_branches"},
        "compensate_on_cancel": {"type": "boolean", "description": "true or false"},
        "searchable": {
            "type": "array",
            "description": "a list of paths",
            "items": {"type": "string", "description": "a path such as input.customer.id or output.total"},
        },
        "nodes": {"type": "object", "description": "nodes by name", "additionalProperties": NODE},
        "edges": {"type": "array", "description": "a list of edges", "items": _EDGE},
        **dict.fromkeys(OUTPUT_ONLY, NEVER),
    },
    "required": ["flow", "nodes"],
    "additionalProperties": False,
}
