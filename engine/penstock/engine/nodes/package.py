"""A package whose code is loaded and ready to run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from penstock.engine.domain.artifact import NodeKind
from penstock.wire.gen import package_pb2
from penstock.wire.gen.retries_pb2 import Retries


@dataclass(frozen=True, slots=True)
class LoadedNode:
    """One typed function of a package.

    `input_type` and `output_type` are full names of messages; of one frame for a pipeline. `timeout_s` is None when
    nobody gave one. `is_async` is true for a coroutine function or an async generator; what is not may block.
    `decode` makes the function's argument from a serialized message; it raises WrongInput, and what the author's
    own class raises. `encode` serializes what the function returned, or one frame; it raises WrongOutput.
    `takes_frames` is true for a pipeline whose argument is a stream; `decode` makes one item of it. `decode_frame`
    makes what a pipeline yields from one frame, None for other functions. `retries` has the fields that somebody gave,
    None when it is not to be tried again. `signals` has the full names of messages by the name of the signal,
    `signal_codecs` what makes the value that the function awaits.
    """

    name: str
    kind: NodeKind
    input_type: str
    output_type: str
    description: str
    timeout_s: float | None
    is_async: bool
    function: Callable[..., Any]
    decode: Callable[[bytes], object]
    encode: Callable[[object], bytes]
    takes_frames: bool = False
    decode_frame: Callable[[bytes], object] | None = None
    retries: Retries | None = None
    secrets: tuple[str, ...] = ()
    signals: Mapping[str, str] = field(default_factory=dict)
    signal_codecs: Mapping[str, Callable[[bytes], object]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LoadedPackage:
    """`descriptors` is a serialized FileDescriptorSet of its message types, dependencies first."""

    name: str
    version: str
    description: str
    digest: str
    descriptors: bytes
    nodes: Mapping[str, LoadedNode]

    def to_proto(self) -> package_pb2.Package:
        """The package as it is recorded; `create_time` is left to the store."""
        return package_pb2.Package(
            name=self.name,
            version=self.version,
            description=self.description,
            digest=self.digest,
            nodes=[_node_message(node) for node in self.nodes.values()],
            descriptors=self.descriptors,
        )


def _node_message(node: LoadedNode) -> package_pb2.PackageNode:
    message = package_pb2.PackageNode(
        name=node.name,
        type=package_pb2.PackageNode.Type.Name(node.kind),
        input=node.input_type,
        output=node.output_type,
        description=node.description,
        retries=node.retries,
        signals=[package_pb2.PackageSignal(name=name, type=type_) for name, type_ in node.signals.items()],
        secrets=node.secrets,
        takes_frames=node.takes_frames,
    )
    if node.timeout_s is not None:
        message.timeout.FromNanoseconds(round(node.timeout_s * 1e9))
    return message
