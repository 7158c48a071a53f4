"""Writes the declarations of the methods that decide pauses and send signals, each typed by its message."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.steering import pauses, signals


@dataclass(frozen=True, slots=True)
class SteeringMembers:
    """`text` is members of the client's class, `used` what of client.d.ts they need. Empty for a flow without any."""

    text: str
    used: tuple[str, ...]


def steering_members(artifact: Artifact, type_of: Callable[[str], str]) -> SteeringMembers:
    """`type_of` gives the type of a message that callers give, by its full name."""
    used = []
    if pauses(artifact):
        used += ["type CallOptions", "type DecisionOptions", "type Pause"]
    if signals(artifact):
        used.append("type SignalOptions")
    lines = [*_pauses(artifact, type_of), *_signals(artifact, type_of)]
    return SteeringMembers("".join(f"{line}\n" for line in lines), tuple(used))


def _pauses(artifact: Artifact, type_of: Callable[[str], str]) -> Iterator[str]:
    found = pauses(artifact)
    if not found:
        return
    yield ""
    yield "  /** The pauses that an execution came to, oldest first. */"
    yield "  pauses(executionId: string, options?: CallOptions): Promise<Pause[]>;"
    for pause in found:
        asked = f" A person is asked: {pause.prompt}" if pause.prompt else ""
        yield ""
        yield from _comment(
            f"Lets an execution go on, with the pause's input or with `value`. Throws Conflict when it is decided "
            f"already.{asked}"
        )
        given = type_of(pause.value_type)
        value = f"value: {given}" if pause.needs_value else f"value?: {given} | undefined"
        options = f"options{'' if pause.needs_value else '?'}: DecisionOptions & {{ {value} }}"
        yield from _method("approve", f'pause: "{pause.name}"', options, "Pause")
    names = " | ".join(f'"{pause.name}"' for pause in found)
    yield ""
    yield "  /** Ends an execution, or a branch of it, with the failure REJECTED. Throws as `approve` does. */"
    yield from _method("reject", f"pause: {names}", "options?: DecisionOptions", "Pause")
    for pause in found:
        yield ""
        yield "  /** Lets an execution go on with a value. Throws as `approve` does. */"
        value = f"value: {type_of(pause.value_type)}"
        yield from _method("resumeWith", f'pause: "{pause.name}"', f"{value}, options?: DecisionOptions", "Pause")


def _signals(artifact: Artifact, type_of: Callable[[str], str]) -> Iterator[str]:
    for signal in signals(artifact):
        yield ""
        yield from _comment(
            "Sends a signal, which is kept until a node waits for it; gives the sequence of its event. Throws Conflict "
            "when the execution has ended."
        )
        payload = f"payload: {type_of(signal.payload_type)}"
        yield from _method("signal", f'name: "{signal.name}"', f"{payload}, options?: SignalOptions", "number")


def _method(name: str, which: str, rest: str, gives: str) -> Iterator[str]:
    yield f"  {name}(executionId: string, {which}, {rest}): Promise<{gives}>;"


def _comment(text: str) -> Iterator[str]:
    yield "  /**"
    for line in textwrap.wrap(" ".join(text.replace("*/", "*\\/").split()), 115, break_long_words=False):
        yield f"   * {line}"
    yield "   */"
