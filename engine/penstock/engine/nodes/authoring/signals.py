"""What is said of a signal that a node waits for without having declared it."""

from __future__ import annotations

from penstock.engine.nodes.authoring.errors import NodeError


class UndeclaredSignal(NodeError):
    """Nothing could ever send it: callers see the declared ones alone."""

    code = "SIGNAL_NOT_DECLARED"

    def __init__(self, node: str, name: str) -> None:
        super().__init__(
            f'node {node} does not declare the signal {name}: write context.signal("{name}", Type) with the name as '
            f'text, or declare it with @node(signals={{"{name}": Type}})'
        )
