"""What callers can do to a running execution of an artifact: decide its pauses, and send it signals.

The typed services have a method for each, which this names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from penstock.wire.gen.artifact_pb2 import Artifact, PlannedNode


class Act(Enum):
    """The value is how names of methods begin, so that no two acts share one."""

    APPROVE = "Approve"
    REJECT = "Reject"
    RESUME = "Resume"
    SIGNAL = "Signal"


DECISIONS = (Act.APPROVE, Act.REJECT, Act.RESUME)


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause of the artifact's own graph; those of sub-flows belong to their own artifacts.

    `needs_value` says that the execution cannot go on with the pause's input, which is of another type.
    """

    name: str
    input_type: str
    value_type: str
    needs_value: bool
    prompt: str


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal that some node of the artifact waits for, with the full name of the message that it is."""

    name: str
    payload_type: str


def pauses(artifact: Artifact) -> tuple[Pause, ...]:
    """In the order of the plan. `artifact` is in the FULL view."""
    return tuple(_pause(node) for node in artifact.plan.nodes if node.HasField("pause"))


def signals(artifact: Artifact) -> tuple[Signal, ...]:
    """By name. `artifact` is in the FULL view."""
    found: dict[str, str] = {}
    for node in artifact.plan.nodes:
        for signal in node.signals:
            found.setdefault(signal.name, signal.type)
    return tuple(Signal(name, found[name]) for name in sorted(found))


def acts(artifact: Artifact) -> Iterator[tuple[Act, str]]:
    """Each act with the name of the pause or of the signal."""
    for pause in pauses(artifact):
        for act in DECISIONS:
            yield act, pause.name
    for signal in signals(artifact):
        yield Act.SIGNAL, signal.name


def method_name(act: Act, name: str) -> str:
    """The method of the typed service: `ApproveOrder` for the pause `order`, different for different names.

    An underscore before a letter makes that a capital; any other stays: `a_b` is AB, `a__b` is A_B, `a_1` is A_1.
    """
    return act.value + re.sub(r"(?:^|_)([a-z])", lambda found: found[1].upper(), name)


def _pause(node: PlannedNode) -> Pause:
    needs_value = node.input_type != node.output_type
    return Pause(node.name, node.input_type, node.output_type, needs_value, node.pause.prompt)
