"""What authors of nodes use; `penstock.sdk` gives it to them.

Imports the standard library and the engine's pure nouns alone, so that a package's own tests start fast.
"""

from __future__ import annotations

from penstock.engine.nodes.authoring.context import Host, NodeContext, NoNodeRunning, context, current
from penstock.engine.nodes.authoring.declare import ATTRIBUTE, Declaration, collect, node, pipeline
from penstock.engine.nodes.authoring.errors import (
    ConnectorError,
    NodeError,
    NodeTimeoutError,
    PolicyError,
    ProviderError,
    UserError,
)
from penstock.engine.nodes.authoring.frozen import freeze
from penstock.engine.nodes.authoring.reports import LogLine, Progress, Report, Usage
from penstock.engine.nodes.authoring.secrets import Secrets, UndeclaredSecret
from penstock.engine.nodes.authoring.sensitive import Sensitive, sensitive
from penstock.engine.nodes.authoring.signals import UndeclaredSignal
from penstock.engine.nodes.authoring.streams import Provisional, provisional, window
from penstock.engine.nodes.authoring.testing import Rehearsal, testing_context

__all__ = [
    "ATTRIBUTE",
    "ConnectorError",
    "Declaration",
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
    "Rehearsal",
    "Report",
    "Secrets",
    "Sensitive",
    "UndeclaredSecret",
    "UndeclaredSignal",
    "Usage",
    "UserError",
    "collect",
    "context",
    "current",
    "freeze",
    "node",
    "pipeline",
    "provisional",
    "sensitive",
    "testing_context",
    "window",
]
