"""What the documents of one artifact are about: its message types, and what their authors wrote on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from penstock.openapi.comments import read_comments
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.steering import Pause, Signal, pauses, signals
from penstock.wire.types import TypePool


@dataclass(frozen=True, slots=True)
class Subject:
    """One artifact, in the FULL view. `comments` is by full name, as Form.comments is.

    `pauses` is each pause with the message that a person may give, `signals` each signal with what it says.
    """

    artifact: Artifact
    input: Descriptor
    output: Descriptor
    comments: Mapping[str, str]
    pauses: Mapping[Pause, Descriptor]
    signals: Mapping[Signal, Descriptor]

    @classmethod
    def of(cls, artifact: Artifact) -> Subject:
        """Raises ValueError for broken descriptors, UnknownType for an artifact that lacks its own types."""
        types = TypePool(artifact.descriptors)
        files = FileDescriptorSet.FromString(artifact.descriptors).file
        return cls(
            artifact,
            types.descriptor(artifact.input_type),
            types.descriptor(artifact.output_type),
            read_comments(files),
            {pause: types.descriptor(pause.value_type) for pause in pauses(artifact)},
            {signal: types.descriptor(signal.payload_type) for signal in signals(artifact)},
        )

    @property
    def title(self) -> str:
        return f"{self.artifact.flow} v{self.artifact.version}"

    @property
    def description(self) -> str:
        """What its author says that the flow is for, "" when nothing."""
        return self.artifact.definition.description.strip()

    @property
    def is_unary(self) -> bool:
        return self.artifact.mode != Artifact.PIPELINE

    @property
    def path(self) -> str:
        """Where the artifact is, over HTTP."""
        return f"/flows/v1/artifacts/{self.artifact.graph_id}"
