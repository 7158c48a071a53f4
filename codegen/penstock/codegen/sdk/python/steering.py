"""Writes the methods of a client that decide pauses and send signals, each typed by its message."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.steering import Act, Pause, acts, method_name, pauses, signals

_COMMENT = 'comment: str = ""'


@dataclass(frozen=True, slots=True)
class Place:
    """Where a client has the class of a message: `module` is relative to the client's own."""

    module: str
    name: str


class SteeringText:
    """Parts of client.py; empty for an artifact that waits for nobody."""

    def __init__(self, artifact: Artifact, place_of: Callable[[str], Place]) -> None:
        """`place_of` takes the full name of a message."""
        self._acts = list(acts(artifact))
        self._pauses = pauses(artifact)
        self._signals = signals(artifact)
        self._places = [(place_of(pause.value_type), _value(pause.name)) for pause in self._pauses]
        self._places += [(place_of(signal.payload_type), _payload(signal.name)) for signal in self._signals]

    def imports(self, base: str, named: Sequence[tuple[Place, str]]) -> str:
        """All imports of the module. `named` are the classes with their names in it."""
        standard = []
        # With one of a kind there is nothing to choose from, so nothing is overloaded.
        wide = len(self._pauses) > 1 or len(self._signals) > 1
        if self._acts:
            words = ["Literal", *(["SupportsBytes", "overload"] if wide else [])]
            standard = [f"from typing import {', '.join(words)}", ""]
        own = [("._codec", "from ._codec import parser")]
        own.append(("._flow", f"from ._flow import {', '.join(sorted((base, *(['Run'] if self._acts else []))))}"))
        if self._pauses:
            own.append(("._steering", "from ._steering import Pause"))
        classes = sorted([*named, *self._places], key=lambda pair: (pair[0].module, pair[0].name.lower(), pair[1]))
        lines = [text for _, text in own]
        outer = [_import(place, name) for place, name in classes if not place.module.startswith(".")]
        inner = [_import(place, name) for place, name in classes if place.module.startswith(".")]
        foreign = [*outer, ""] if outer else []
        return "\n".join([*standard, *foreign, *lines, *inner])

    def methods(self) -> str:
        """The member that maps what can be done to the methods of the service."""
        if not self._acts:
            return ""
        lines = [f'        ("{act.value}", "{name}"): "{method_name(act, name)}",' for act, name in self._acts]
        return "\n".join(["", "    _methods = {", *lines, "    }"])

    def members(self) -> str:
        """The methods of the client."""
        parts: list[str] = []
        if self._pauses:
            parts += [_PAUSES, *self._approve(), self._reject(), *self._resume()]
        parts += self._signal()
        return "".join(f"\n{part}" for part in parts)

    def readme(self) -> str:
        """Rows of the table of calls, with what follows it."""
        rows = []
        if self._pauses:
            name = self._pauses[0].name
            rows = [
                "| `await client.pauses(run)` | the pauses that it came to |",
                f'| `await client.approve(run, "{name}")` | the pause; `value=` is what to go on with |',
                f'| `await client.reject(run, "{name}")` | the pause; the run ends with the failure REJECTED |',
                f'| `await client.resume_with(run, "{name}", value)` | the pause; the run goes on with the value |',
            ]
        if self._signals:
            name = self._signals[0].name
            rows.append(f'| `await client.signal(run, "{name}", payload)` | the sequence of its event |')
        return "| call | gives |\n|---|---|\n" + "\n".join(rows) + "\n\n" if rows else ""

    def _approve(self) -> Iterable[str]:
        def value(pause: Pause) -> str:
            return f"value: {_value(pause.name)}" + ("" if pause.needs_value else " | None = None")

        heads = [
            _head("approve", "pause", pause.name, f"*, {_COMMENT}, {value(pause)}", "Pause") for pause in self._pauses
        ]
        wide = _head("approve", "pause", None, f"*, {_COMMENT}, value: SupportsBytes | None = None", "Pause")
        return _overloaded(heads, wide, _APPROVE)

    def _reject(self) -> str:
        names = ", ".join(f'"{pause.name}"' for pause in self._pauses)
        head = f"    async def reject(self, run: Run | str, pause: Literal[{names}], *, {_COMMENT}) -> Pause:\n"
        return head + _REJECT

    def _resume(self) -> Iterable[str]:
        heads = [
            _head("resume_with", "pause", pause.name, f"value: {_value(pause.name)}, *, {_COMMENT}", "Pause")
            for pause in self._pauses
        ]
        wide = _head("resume_with", "pause", None, f"value: SupportsBytes, *, {_COMMENT}", "Pause")
        return _overloaded(heads, wide, _RESUME)

    def _signal(self) -> Iterable[str]:
        heads = [
            _head("signal", "name", signal.name, f'payload: {_payload(signal.name)}, *, request_id: str = ""', "int")
            for signal in self._signals
        ]
        wide = _head("signal", "name", None, 'payload: SupportsBytes, *, request_id: str = ""', "int")
        return _overloaded(heads, wide, _SIGNAL) if heads else []


_PAUSES = '''    async def pauses(self, run: Run | str) -> list[Pause]:
        """The pauses that a run came to, oldest first."""
        return await self._steering.pauses(str(run))
'''
_APPROVE = '''        """Lets a run go on, with the pause's input or with `value`; `comment` is for who reads the log.

        Raises Conflict when the pause is decided already.
        """
        return await self._steering.decide("Approve", str(run), pause, comment, value)
'''
_REJECT = '''        """Ends a run, or a branch of it, with the failure REJECTED. Raises as `approve` does."""
        return await self._steering.decide("Reject", str(run), pause, comment, None)
'''
_RESUME = '''        """Lets a run go on with a value. Raises as `approve` does."""
        return await self._steering.decide("Resume", str(run), pause, comment, value)
'''
_SIGNAL = '''        """Sends a run a signal, which is kept until a node waits for it; gives the sequence of its event.

        A signal with the same `request_id` is not stored again. Raises Conflict when the run has ended.
        """
        return await self._steering.signal(str(run), name, payload, request_id)
'''


def _head(method: str, variable: str, name: str | None, rest: str, gives: str) -> str:
    """A method's first lines, up to the colon. `name` is what it is for, None for any."""
    named = "str" if name is None else f'Literal["{name}"]'
    one_line = f"    async def {method}(self, run: Run | str, {variable}: {named}, {rest}) -> {gives}"
    if len(one_line) <= 115:
        return one_line
    return f"    async def {method}(\n        self, run: Run | str, {variable}: {named}, {rest}\n    ) -> {gives}"


def _overloaded(heads: Sequence[str], wide: str, body: str) -> list[str]:
    if len(heads) == 1:
        return [f"{heads[0]}:\n{body}"]
    return [*(f"    @overload\n{head}: ...\n" for head in heads), f"{wide}:\n{body}"]


def _import(place: Place, name: str) -> str:
    return f"from {place.module} import {place.name} as {name}"


def _value(pause: str) -> str:
    return f"{method_name(Act.APPROVE, pause).removeprefix(Act.APPROVE.value)}Value"


def _payload(signal: str) -> str:
    return f"{method_name(Act.SIGNAL, signal).removeprefix(Act.SIGNAL.value)}Payload"
