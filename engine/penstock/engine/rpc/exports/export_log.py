"""An execution's log -> the events of an export, each with what flowed, and the run that they lead to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf import descriptor_pool

from penstock.engine.domain.artifact import Work
from penstock.engine.domain.event import Event, EventType, implied_start
from penstock.engine.domain.fold import apply
from penstock.engine.domain.frontier import reachable, sources
from penstock.engine.domain.policy import Point
from penstock.engine.domain.run import Run
from penstock.engine.rpc import messages
from penstock.engine.rpc.access.hiding import Hider
from penstock.engine.rpc.exports.export_payloads import JsonObject, Payloads
from penstock.engine.runtime.programs.program import Program
from penstock.wire.expressions import EvaluationError
from penstock.wire.gen.event_pb2 import Event as EventMessage
from penstock.wire.json import JsonCodec

_CODEC = JsonCodec(descriptor_pool.Default())
_HIDER = Hider(EventMessage.DESCRIPTOR)

_MANY = frozenset({EventType.FRAME_EMITTED, EventType.ITEM_SUCCEEDED, EventType.ITEM_FAILED, EventType.NODE_REPORTED})
_BEGINNINGS = (EventType.NODE_STARTED, EventType.NODE_WAITING)


class ExportedLog:
    """Reads stored events in order. It keeps no frames, items and reports, of which there may be many.

    `told` are the others, with implied starts and without payloads.
    """

    def __init__(
        self, program: Program, run_input: bytes, payloads: Payloads | None, *, shows_logs: bool = True
    ) -> None:
        """Without `payloads` nothing that flowed is shown; `shows_logs` False leaves out what nodes logged as well."""
        self._shows_logs = shows_logs
        self.run = Run(program.graph)
        self.told: list[Event] = []
        self._program = program
        self._input = run_input
        self._payloads = payloads
        self._begun: set[int] = set()
        graph = program.graph
        self._takes_frames = reachable(graph, graph.pipeline) - {graph.pipeline}
        plan = program.artifact.plan
        self._signals = {signal.name: signal.type for node in plan.nodes for signal in node.signals}

    def read(self, event: Event) -> Iterator[JsonObject]:
        """One event, or two where it implies the start of its attempt: ExportedEvent in JSON, without the hash."""
        if event.sequence == self.run.sequence + 2:
            start = implied_start(event)
            self.told.append(start)
            yield self._exported(start)
        yield self._exported(event)
        apply(self.run, event._replace(payload=None) if event.type in _MANY else event)
        if not self._is_one_of_many(event):
            self.told.append(event._replace(payload=None))

    def _is_one_of_many(self, event: Event) -> bool:
        return event.type in _MANY or (event.type is EventType.NODE_ATTEMPT_FAILED and event.frame_index >= 0)

    def _exported(self, event: Event) -> JsonObject:
        message = messages.event(event, self._program.graph)
        if not self._shows_logs:
            _HIDER.hide(message)
        exported: JsonObject = {"event": message_json(message)}
        if self._payloads is not None:
            problems = [self._show(exported, "input", self._input_of(event))]
            problems.append(self._show(exported, "output", self._output_of(event)))
            if problem := "; ".join(filter(None, problems)):
                exported["problem"] = problem
        return exported

    def _show(self, exported: JsonObject, member: str, found: tuple[str, bytes] | str | None) -> str:
        """Gives why it cannot be shown, "" when it can or there is nothing."""
        if found is None or isinstance(found, str):
            return found or ""
        assert self._payloads is not None
        value, problem = self._payloads.read(*found)
        if value is not None:
            exported[member] = value
        return problem

    def _input_of(self, event: Event) -> tuple[str, bytes] | str | None:
        """Type and bytes of what came to the node that begins here, or why it is not known."""
        node, graph = event.node, self._program.graph
        if event.type not in _BEGINNINGS or node in self._begun:
            return None
        self._begun.add(node)
        if node in self._takes_frames or graph.rules[node].work is Work.GATE:
            return None
        if node != graph.entry:
            before = sources(self.run, node)
            if not before or self.run.outputs[before[0]] is None:
                return None
        try:
            message = self._program.message(node, self.run, self._input)
        except EvaluationError as error:
            return str(error)
        return self._node(node).input_type, message

    def _output_of(self, event: Event) -> tuple[str, bytes] | None:
        payload = event.payload
        match event.type:
            case EventType.NODE_SUCCEEDED | EventType.NODE_RECOVERED if payload is not None:
                return self._node(event.node).output_type, payload
            case EventType.POLICY_DECIDED if payload is not None and event.detail is not None:
                ruling = event.detail.ruling
                is_input = ruling is not None and ruling.point is Point.BEFORE
                return self._program.subject_type(event.node, is_input=is_input), payload
            case EventType.FRAME_EMITTED:
                return self._node(event.node).output_type, payload or b""
            case EventType.ITEM_SUCCEEDED:
                return self._node(event.node).map.result_type, payload or b""
            case EventType.SIGNAL_RECEIVED if event.detail is not None and event.detail.signal in self._signals:
                return self._signals[event.detail.signal], payload or b""
        return None

    def _node(self, index: int) -> Any:
        return self._program.artifact.plan.nodes[index]


def message_json(message: Any) -> Any:
    """The JSON of a message of the fixed API."""
    return _CODEC.encoder(message.DESCRIPTOR)(message)
