"""What a change of an artifact breaks for its callers: the rules of `buf breaking`, held against two artifacts."""

from __future__ import annotations

from penstock.wire.gate.change import LEVELS, Change, Level, breaks, sentences
from penstock.wire.gate.compare import compare
from penstock.wire.gate.graph import GraphChange, GraphMove, compare_graphs

__all__ = ["LEVELS", "Change", "GraphChange", "GraphMove", "Level", "breaks", "compare", "compare_graphs", "sentences"]
