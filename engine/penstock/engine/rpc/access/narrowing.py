"""Narrows the filters of lists to the flows that a key is about, so that the database finds only those."""

from __future__ import annotations

from collections.abc import Sequence

NARROWED = frozenset(
    {"ExecutionService.ListExecutions", "ExecutionService.ListNodeExecutions", "ExecutionService.WatchExecutions"}
)
"""Methods whose filters have the field `flow`. It saves work: what a key may not see is taken out of every answer."""
NARROWED_WITHIN = "BulkOperationService."
"""A service that narrows what it does by itself: its acts come later, as far as the key goes then."""


def narrowed(text: str, patterns: Sequence[str]) -> str:
    """A filter that holds for the flows of these patterns alone. An error in `text` keeps its place."""
    flows = " OR ".join(f'flow = "{pattern}"' for pattern in patterns)
    # AND binds less tightly than OR: what stands before it needs no parentheses.
    return f"{text} AND ({flows})" if text.strip() else flows
