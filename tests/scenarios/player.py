"""Plays the commands of a scenario against the pure core, as an engine process and its database would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from penstock.engine.domain.artifact import Graph
from penstock.engine.domain.event import Event, EventType, expand
from penstock.engine.domain.fold import apply, fold
from penstock.engine.domain.frontier import node_statuses
from penstock.engine.domain.occurrence import FramesEmitted, TakenOver
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import ExecutionStatus, NodeStatus
from penstock.engine.domain.step import Step, decide
from tests.scenarios.commands import occurrence

_DONE = (EventType.NODE_SUCCEEDED, EventType.NODE_RECOVERED)


@dataclass(frozen=True, slots=True)
class End:
    """What a caller sees of a run, however often its process died on the way. Nodes by name."""

    status: ExecutionStatus
    failure_code: str | None
    reason: str | None
    outputs: Mapping[str, tuple[bytes | None, int]]
    """Output and branch of each node that succeeded."""
    items: Mapping[tuple[str, int], bytes | None]
    """Result of each item of a map that succeeded."""
    frames: tuple[tuple[int, bytes | None], ...]


@dataclass(frozen=True, slots=True)
class NodeEnd:
    """What a caller sees of one node. `frame_count` is -1 when it gave no frames."""

    status: NodeStatus
    frame_count: int


@dataclass(frozen=True, slots=True)
class Played:
    """What a command led to, and the nodes that started by it."""

    step: Step
    starts: tuple[int, ...]


class Player:
    """One execution. `run` is what a process holds in memory, `log` what is committed."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.run = Run(graph)
        self.log: list[Event] = []
        self.now_us = 0
        self.started_again: list[str] = []
        """Nodes that were started when their output was already on record."""
        self._process = 1
        self._started_us: dict[int, int] = {}
        self._running: set[tuple[int, int, bool]] = set()

    def play(self, command: str) -> list[Played]:
        """Does what the command says and commits what follows. Raises what `decide` raises."""
        self.now_us += 1
        if command == "crash":
            self.now_us -= 1
            return self.crash()
        words = command.removeprefix("late ")
        step = decide(self.run, occurrence(self.run, words, self._started_us, self.now_us), self.now_us)
        if command != words and step.events:
            raise AssertionError(f"`{command}` came too late, but it gave {step.events}")
        return [self._commit(step)]

    def crash(self) -> list[Played]:
        """The process dies and another one folds what is committed and takes over.

        A pipeline that runs again gives the frames again that were rolled back.
        """
        self._process += 1
        self._started_us.clear()
        self._running.clear()
        frames = self._frames()
        self.run = fold(self.graph, self.stored())
        played = [self._commit(decide(self.run, TakenOver(f"process-{self._process}"), self.now_us))]
        again = frames[self.run.frame_count :]
        if again and not self.run.status.is_terminal and self.run.undoing is None:
            payloads = tuple(event.payload or b"" for event in again)
            provisional = tuple(event.detail is not None and event.detail.is_provisional for event in again)
            given = FramesEmitted(self.graph.pipeline, self.now_us, payloads, (), provisional)
            played.append(self._commit(decide(self.run, given, self.now_us)))
        return played

    def stored(self) -> list[Event]:
        """The log as the database gives it for a resume: starts left implied, frames without their payload."""
        return [event._replace(payload=None) if event.type is EventType.FRAME_EMITTED else event for event in self.log]

    def end(self) -> End:
        names, log = self.graph.names, self.log
        return End(
            self.run.status,
            None if self.run.failure is None else self.run.failure.code,
            next((e.reason for e in log if e.type is EventType.EXECUTION_CANCELLED), None),
            {names[e.node]: (e.payload, e.branch) for e in log if e.type is EventType.NODE_SUCCEEDED},
            {(names[e.node], e.frame_index): e.payload for e in log if e.type is EventType.ITEM_SUCCEEDED},
            tuple((e.frame_index, e.payload) for e in self._frames()),
        )

    def node_ends(self) -> dict[str, NodeEnd]:
        counts = {e.node: e.frame_index for e in self.log if e.type is EventType.NODE_SUCCEEDED}
        return {
            name: NodeEnd(status, counts.get(node, -1))
            for node, (name, status) in enumerate(zip(self.graph.names, node_statuses(self.run), strict=True))
        }

    def _frames(self) -> list[Event]:
        """The frames that count."""
        frames: list[Event] = []
        for event in self.log:
            if event.type is EventType.FRAME_EMITTED:
                frames.append(event)
            elif event.type is EventType.FRAMES_ROLLED_BACK:
                del frames[event.frame_index :]
        return frames

    def _commit(self, step: Step) -> Played:
        for event in expand(step.events, self.run.sequence):
            if event.type is EventType.NODE_STARTED:
                self._check_start(event.node)
        self.log += step.events
        for event in step.events:
            apply(self.run, event)
            if event.type is EventType.NODE_ATTEMPT_FAILED and event.frame_index < 0:
                self._started_us.pop(event.node, None)
        if step.is_general or (step.events[-1:] and step.events[-1].type is EventType.FRAMES_ROLLED_BACK):
            is_undo = self.run.undoing is not None
            running = {(n, f.attempt, is_undo) for n, f in self.run.flights.items() if f.wait is None}
            starts = tuple(sorted(node for node, _, _ in running - self._running))
            self._running = running
        else:
            starts = (step.start,) if step.start >= 0 else ()
            self._running |= {(node, 1, False) for node in starts}
        for node in starts:
            if self.run.undoing is None:
                self._check_start(node)
            self._started_us[node] = self.now_us
        return Played(step, starts)

    def _check_start(self, node: int) -> None:
        if any(event.node == node and event.type in _DONE for event in self.log):
            self.started_again.append(self.graph.names[node])
