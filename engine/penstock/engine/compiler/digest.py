"""Says whether two artifacts do the same: a SHA-256 over everything that decides what one does."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from types import MappingProxyType

from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.flow_pb2 import Flow

_FORMAT = b"penstock artifact 1\n"
"""Goes first, so that a later way to count content never gives the digest of an earlier one."""


def digest(
    flow: Flow,
    packages: Mapping[str, str],
    descriptors: bytes,
    subflows: Mapping[str, Artifact] = MappingProxyType({}),
) -> str:
    """64 hex digits.

    The description, and the order of edges of different sources, do not change what a flow does and are
    left out. `packages` is the digest of each package by name. Of the sub-flows, by name or name@alias, the
    types count: which artifact runs is decided when it does.
    """
    content = hashlib.sha256(_FORMAT)
    for part in (_definition(flow), *_pairs(packages), descriptors, *_types(subflows)):
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


def _types(subflows: Mapping[str, Artifact]) -> list[bytes]:
    found = ((name, artifact.input_type, artifact.output_type) for name, artifact in sorted(subflows.items()))
    return [text.encode() for types in found for text in types]
