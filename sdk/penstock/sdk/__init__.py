"""What authors of nodes import.

from penstock.sdk import context, node, pipeline
"""

from __future__ import annotations

from penstock.engine.nodes.authoring import (
    ConnectorError,
    Host,
    LogLine,
    NodeContext,
    NodeError,
    NodeTimeoutError,
    NoNodeRunning,
    PolicyError,
    Progress,
    ProviderError,
    Provisional,
    Usage,
    UserError,
    context,
    current,
    node,
    pipeline,
    provisional,
    sensitive,
    testing_context,
    window,
)

__all__ = [
    "ConnectorError",
    "Host",
    "LogLine",
    "NoNodeRunning",
    "NodeContext",
    "NodeError",
    "NodeTimeoutError",
    "PolicyError",
    "Progress",
    "ProviderError",
    "Provisional",
    "Usage",
    "UserError",
    "context",
    "current",
    "node",
    "pipeline",
    "provisional",
    "sensitive",
    "testing_context",
    "window",
]
