"""Says whether two artifacts do the same: a SHA-256 over everything that decides what one does."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from penstock.wire.gen.flow_pb2 import Flow

_FORMAT = b"penstock artifact 1\n"
"""Goes first, so that a later way to count content never gives the digest of an earlier one."""


def digest(flow: Flow, packages: Mapping[str, str], descriptors: bytes) -> str:
    """64 hex digits.

    The description, and the order of edges of different sources, do not change what a flow does and are
    left out. `packages` is the digest of each package by name.
    """
    content = hashlib.sha256(_FORMAT)
    for part in (_definition(flow), *_pairs(packages), descriptors):
        content.update(len(part).to_bytes(8, "big"))
        content.update(part)
    return content.hexdigest()


def _definition(flow: Flow) -> bytes:
    canonical = Flow()
    canonical.CopyFrom(flow)
    for field in ("description", "create_time", "update_time", "live_graph_id", "edges"):
        canonical.ClearField(field)
    # A stable sort: edges of one source keep the order in which they are tried.
    canonical.edges.extend(sorted(flow.edges, key=lambda edge: getattr(edge, "from")))
    return canonical.SerializeToString(deterministic=True)


def _pairs(packages: Mapping[str, str]) -> list[bytes]:
    return [text.encode() for pair in sorted(packages.items()) for text in pair]
