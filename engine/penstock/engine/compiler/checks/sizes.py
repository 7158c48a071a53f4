"""A flow has at least one node, and no more nodes, edges and prose than the limits allow.

It comes before all other rules, whose work the limits bound.
"""

from __future__ import annotations

from collections.abc import Iterator

from penstock.engine.domain import limits
from penstock.engine.domain.problem import Problem
from penstock.wire.gen.flow_pb2 import Flow

_DESCRIPTION_LENGTH_MAX = 4_096
"""Characters; the same as proto/penstock/v1/flow.proto says."""


def check(flow: Flow) -> Iterator[Problem]:
    if not 1 <= len(flow.nodes) <= limits.NODES_MAX:
        yield Problem("flow", "wrong number of nodes", f"1 to {limits.NODES_MAX}", str(len(flow.nodes)))
    if len(flow.edges) > limits.EDGES_MAX:
        yield Problem("flow", "too many edges", f"at most {limits.EDGES_MAX}", str(len(flow.edges)))
    if len(flow.description) > _DESCRIPTION_LENGTH_MAX:
        expected = f"at most {_DESCRIPTION_LENGTH_MAX} characters"
        yield Problem("flow", "the description is too long", expected, str(len(flow.description)))
