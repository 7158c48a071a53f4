"""The artifact as a tool of the Model Context Protocol (2025-06-18, Tool)."""

from __future__ import annotations

from typing import Any

from penstock.openapi.artifact.json_schema import standalone
from penstock.openapi.artifact.subject import Subject


def mcp_tool(subject: Subject) -> dict[str, Any]:
    """What a server answers to tools/list with for this artifact.

    The arguments are the input message. The structured content is the output message; of a pipeline it is
    {"frames": [message, …]}.
    """
    artifact = subject.artifact
    described = subject.description or f"Runs the flow {artifact.flow}."
    output = standalone(subject, "output")
    if not subject.is_unary:
        definitions = output.pop("$defs", {})
        frames = {"type": "array", "items": output}
        output = {"type": "object", "properties": {"frames": frames}, "required": ["frames"], "$defs": definitions}
    return {
        "name": artifact.flow,
        "title": subject.title,
        "description": described,
        "inputSchema": standalone(subject, "input"),
        "outputSchema": output,
        "_meta": {
            "penstock/graph_id": artifact.graph_id,
            "penstock/service": artifact.service,
            "penstock/openapi": f"{subject.path}/openapi.json",
            **_steering(subject),
        },
    }


def _steering(subject: Subject) -> dict[str, Any]:
    """What a running execution may ask for; left out where it asks for nothing."""
    pauses = [
        {"name": pause.name, "prompt": pause.prompt, "value": pause.value_type, "needs_value": pause.needs_value}
        for pause in subject.pauses
    ]
    signals = [{"name": signal.name, "payload": signal.payload_type} for signal in subject.signals]
    found = {"penstock/pauses": pauses, "penstock/signals": signals}
    return {name: listed for name, listed in found.items() if listed}
