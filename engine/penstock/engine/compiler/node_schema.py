"""The shape of a placed node in a flow file as a JSON Schema."""

from __future__ import annotations

from typing import Any

from penstock.wire import durations

KINDS = ("use", "pause", "gate", "map", "flow", "sleep")
"""Keys of a node that say what it does: it has one of them."""

_INT32_MAX = 2**31 - 1

_TEXT = {"type": "string", "description": "text"}
_FUNCTION = {"type": "string", "description": "package/node"}
_MESSAGE = {"type": "string", "description": "the full name of a message"}

DURATION: dict[str, Any] = {
    "type": "string",
    "pattern": durations.PATTERN,
    "description": "a length of time such as 10s, 1.5s, 200ms, 5m, 24h or 1h30m",
}


def _count(description: str) -> dict[str, Any]:
    """A whole number that fits in the message; whether it makes sense is for the checks."""
    return {"type": "integer", "minimum": -_INT32_MAX, "maximum": _INT32_MAX, "description": description}


def _object(description: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "additionalProperties": False,
    }


_RETRIES = _object(
    "retries such as {max_attempts: 3}",
    {
        "max_attempts": _count("a whole number from 1 to 100"),
        "initial_backoff": DURATION,
        "multiplier": {"type": "number", "description": "a number from 1 to 100"},
        "max_backoff": DURATION,
        "jitter": {"type": "number", "description": "a number from 0 to 1"},
        "retry_on": {
            "type": "array",
            "description": "a list of codes and classes of failures",
            "items": {"type": "string", "description": "a code such as NODE_TIMEOUT or a class such as PROVIDER"},
        },
        "max_system_attempts": _count("a whole number from 1 to 100"),
    },
)

_PAUSE = _object(
    "a pause such as {prompt: Approve?, timeout: 24h, on_timeout: reject}",
    {
        "prompt": _TEXT,
        "timeout": DURATION,
        "on_timeout": {"type": "string", "description": "approve, reject or fail"},
    },
)

_GATE = _object(
    "a gate such as {wait_for: all, output: package.Message, fields: {field: node.path}}",
    {
        "wait_for": {"type": ["string", "integer"], "description": "all, any or a number of branches"},
        "output": _MESSAGE,
        "fields": {
            "type": "object",
            "description": "fields of the output, each with CEL as text",
            "additionalProperties": {"type": "string", "description": "CEL as text"},
        },
    },
)

_MAP = _object(
    "a map such as {over: input.lines, use: package/node}",
    {
        "over": {"type": "string", "description": "a path such as input.lines or output.lines"},
        "use": _FUNCTION,
        "max_concurrency": _count("a whole number from 1 to 1000"),
        "min_successes": {"type": ["string", "number"], "description": "a number such as 5 or a ratio such as 0.9"},
    },
)

_CACHE = _object(
    "a cache such as {version: v1, ttl: 1h}",
    {"version": {"type": ["string", "number"], "description": "text"}, "ttl": DURATION},
)

NODE: dict[str, Any] = _object(
    "a node such as {use: package/node}",
    {
        "use": _FUNCTION,
        "timeout": DURATION,
        "retries": _RETRIES,
        "compensate": _FUNCTION,
        "fallback": _FUNCTION,
        "cache": _CACHE,
        "output": _MESSAGE,
        "input": _MESSAGE,
        "pause": _PAUSE,
        "gate": _GATE,
        "map": _MAP,
        "flow": {"type": "string", "description": "the name of a flow, or name@alias"},
        "sleep": DURATION,
    },
)
