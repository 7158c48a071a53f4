"""Which messages of an artifact have sensitive fields, and those messages without their values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from google.protobuf.message import Message

from penstock.engine.runtime.programs.binding import BoundNode, ReadValues
from penstock.wire.gen.artifact_pb2 import Artifact, PlannedNode
from penstock.wire.sensitive import Redactor
from penstock.wire.types import TypePool


class SensitiveTypes:
    """The message types of one artifact that have sensitive fields, themselves or in a message within."""

    def __init__(self, types: TypePool, redactors: Mapping[str, Redactor]) -> None:
        """`redactors` by the full names of the types."""
        self._types = types
        self._redactors = redactors

    def __contains__(self, type_name: str) -> bool:
        return type_name in self._redactors

    def redact(self, message: Message) -> None:
        """Changes the message."""
        descriptor: Any = message.DESCRIPTOR
        redactor = self._redactors.get(descriptor.full_name)
        if redactor is not None:
            redactor.redact(message)

    def redacted(self, type_name: str, payload: bytes) -> bytes:
        """A serialized message without the values of its sensitive fields."""
        if type_name not in self._redactors:
            return payload
        message = self._types.message(type_name).FromString(payload)
        self._redactors[type_name].redact(message)
        # What is required and now empty does not keep anybody from seeing the rest.
        data: bytes = message.SerializePartialToString()
        return data

    def values(self, type_name: str, payload: bytes) -> Iterator[Any]:
        """The values of sensitive fields in a serialized message."""
        if type_name in self._redactors:
            yield from self._redactors[type_name].values(self._types.message(type_name).FromString(payload))

    def reader(self, type_name: str) -> ReadValues | None:
        """`values` of one type; None where it has no sensitive fields."""
        return partial(self.values, type_name) if type_name in self._redactors else None

    def watched(self, bound: BoundNode, plan: PlannedNode, subject_type: str) -> BoundNode:
        """The node, which knows what it must not say. `subject_type` is what it works on."""
        values = self.reader(subject_type)
        signals = {signal.name: read for signal in plan.signals if (read := self.reader(signal.type)) is not None}
        return replace(
            bound,
            is_plain=bound.is_plain and values is None,
            sensitive=values,
            sensitive_signals=signals,
            fallback=None if bound.fallback is None else replace(bound.fallback, sensitive=values),
            undo=None if bound.undo is None else replace(bound.undo, sensitive=self.reader(plan.output_type)),
        )


def sensitive_types(artifact: Artifact, types: TypePool) -> SensitiveTypes | None:
    """None for an artifact without sensitive fields."""
    redactors = {name: Redactor(types.descriptor(name)) for name in _type_names(artifact)}
    needed = {name: redactor for name, redactor in redactors.items() if redactor.is_needed}
    return SensitiveTypes(types, needed) if needed else None


def _type_names(artifact: Artifact) -> set[str]:
    """The messages that flow through an execution."""
    return set(filter(None, _all_type_names(artifact)))


def _all_type_names(artifact: Artifact) -> Iterable[str]:
    yield from (artifact.input_type, artifact.output_type)
    for node in artifact.plan.nodes:
        yield from (node.input_type, node.output_type, node.map.item_type, node.map.result_type)
        yield from (signal.type for signal in node.signals)
