"""What authors of nodes import.

from penstock.sdk import context, node, pipeline
"""

from __future__ import annotations

from penstock.engine.nodes.authoring import (
    ConnectorError,
    NodeContext,
    NodeError,
    NodeTimeoutError,
    NoNodeRunning,
    PolicyError,
    ProviderError,
    UserError,
    context,
    current,
    node,
    pipeline,
)

__all__ = [
    "ConnectorError",
    "NoNodeRunning",
    "NodeContext",
    "NodeError",
    "NodeTimeoutError",
    "PolicyError",
    "ProviderError",
    "UserError",
    "context",
    "current",
    "node",
    "pipeline",
]
