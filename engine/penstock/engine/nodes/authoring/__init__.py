"""What authors of nodes use; `penstock.sdk` gives it to them.

Imports the standard library and the engine's pure nouns alone, so that a package's own tests start fast.
"""

from __future__ import annotations

from penstock.engine.nodes.authoring.context import NodeContext, NoNodeRunning, context, current
from penstock.engine.nodes.authoring.declare import ATTRIBUTE, Declaration, collect, node, pipeline
from penstock.engine.nodes.authoring.errors import (
    ConnectorError,
    NodeError,
    NodeTimeoutError,
    PolicyError,
    ProviderError,
    UserError,
)

__all__ = [
    "ATTRIBUTE",
    "ConnectorError",
    "Declaration",
    "NoNodeRunning",
    "NodeContext",
    "NodeError",
    "NodeTimeoutError",
    "PolicyError",
    "ProviderError",
    "UserError",
    "collect",
    "context",
    "current",
    "node",
    "pipeline",
]
