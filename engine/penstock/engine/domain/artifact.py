"""The compiled graph as the core looks at it: nodes by index, nothing about types or code."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Mode(IntEnum):
    """How a flow answers. Numbers as in penstock.v1.Artifact.Mode."""

    UNARY = 1
    PIPELINE = 2


class NodeKind(IntEnum):
    """How a node answers. Numbers as in penstock.v1.PackageNode.Type."""

    UNARY = 1
    PIPELINE = 2


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in topological order; the index of a node is its place in `names`.

    `successors[i]` are the indices that an edge leads to from node i. `entry` has no incoming
    edge and `terminal` no outgoing one. `pipeline` is the node that gives frames, -1 when there is none.
    """

    names: tuple[str, ...]
    successors: tuple[tuple[int, ...], ...]
    entry: int
    terminal: int
    mode: Mode
    pipeline: int = -1
