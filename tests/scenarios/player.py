"""Plays the commands of a scenario against the pure core, as an engine process and its database would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from penstock.engine.domain.artifact import Graph
from penstock.engine.domain.event import Event, EventType, expand
from penstock.engine.domain.failure import Failure, FailureClass
from penstock.engine.domain.fold import apply, fold
from penstock.engine.domain.frontier import node_statuses, reachable
from penstock.engine.domain.occurrence import (
    Accepted,
    CancelRequested,
    FramesEmitted,
    NodeCompleted,
    NodeFailed,
    NodeIsSlow,
    NodeTimedOut,
    Occurrence,
    PipelineCompleted,
    PlaceFound,
    TakenOver,
)
from penstock.engine.domain.run import Run
from penstock.engine.domain.states import ExecutionStatus, NodeStatus
from penstock.engine.domain.step import Step, decide


@dataclass(frozen=True, slots=True)
class End:
    """What a caller sees of a run, however often its process died on the way. Nodes by name."""

    status: ExecutionStatus
    failure_code: str | None
    reason: str | None
    outputs: Mapping[str, tuple[bytes | None, int]]
    """Output and branch of each node that succeeded."""
    frames: tuple[tuple[int, bytes | None], ...]


@dataclass(frozen=True, slots=True)
class NodeEnd:
    """What a caller sees of one node. `frame_count` is -1 when it gave no frames."""

    status: NodeStatus
    frame_count: int


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

    def play(self, command: str) -> Step:
        """Does what the command says and commits what follows. Raises what `decide` raises."""
        is_late = command.startswith("late ")
        verb, *arguments = command.removeprefix("late ").split()
        self.now_us += 1
        step = decide(self.run, self._occurrence(verb, arguments), self.now_us)
        if is_late and step.events:
            raise AssertionError(f"`{command}` came too late, but it gave {step.events}")
        self._commit(step)
        return step

    def crash(self) -> Step:
        """The process dies; another one folds what is committed and takes over."""
        self._process += 1
        self._started_us.clear()
        self.run = fold(self.graph, self.stored())
        step = decide(self.run, TakenOver(f"process-{self._process}"), self.now_us)
        self._commit(step)
        return step

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
            tuple((e.frame_index, e.payload) for e in log if e.type is EventType.FRAME_EMITTED),
        )

    def node_ends(self) -> dict[str, NodeEnd]:
        counts = {e.node: e.frame_index for e in self.log if e.type is EventType.NODE_SUCCEEDED}
        return {
            name: NodeEnd(status, counts.get(node, -1))
            for node, (name, status) in enumerate(zip(self.graph.names, node_statuses(self.run), strict=True))
        }

    def _commit(self, step: Step) -> None:
        after = self.run.sequence
        for event in expand(step.events, after):
            if event.type is EventType.NODE_STARTED:
                self._check_start(event.node)
        self.log += step.events
        for event in step.events:
            apply(self.run, event)
        if step.start >= 0:
            self._check_start(step.start)
            self._started_us[step.start] = self.now_us

    def _check_start(self, node: int) -> None:
        if any(event.node == node and event.type is EventType.NODE_SUCCEEDED for event in self.log):
            self.started_again.append(self.graph.names[node])

    def _occurrence(self, verb: str, arguments: list[str]) -> Occurrence:
        match verb, arguments:
            case "accept", []:
                return Accepted(True)
            case "accept", ["queued"]:
                return Accepted(False)
            case "place", []:
                return PlaceFound()
            case "slow", [name]:
                return NodeIsSlow(*self._attempt(name))
            case "complete", [name, *options]:
                return self._completed(name, dict(option.split("=", 1) for option in options))
            case "frames", [name, *payloads]:
                return self._frames(name, payloads)
            case "pipeline-end", [name]:
                return PipelineCompleted(*self._attempt(name))
            case "fail", [name, code]:
                return NodeFailed(*self._attempt(name), self._failure(name, code, FailureClass.LOGIC))
            case "timeout", [name]:
                return NodeTimedOut(*self._attempt(name), self._failure(name, "NODE_TIMEOUT", FailureClass.TIMEOUT))
            case "cancel", words:
                return CancelRequested(" ".join(words))
        raise ValueError(f"expected a command as in runner.py, got {verb} {' '.join(arguments)}")

    def _attempt(self, name: str) -> tuple[int, int]:
        """A node and when its attempt started: now, for a node behind a pipeline."""
        node = self.graph.names.index(name)
        return node, self._started_us.get(node, self.now_us)

    def _completed(self, name: str, options: dict[str, str]) -> NodeCompleted:
        successors = self.graph.successors[self.graph.names.index(name)]
        if "to" in options:
            branch = -1 if options["to"] == "none" else self.graph.names.index(options["to"])
        else:
            (branch,) = successors or (-1,)
        return NodeCompleted(*self._attempt(name), options.get("output", name.upper()).encode(), branch)

    def _frames(self, name: str, words: list[str]) -> FramesEmitted:
        node, started_us = self._attempt(name)
        payloads = [word.encode() for word in words if not word.startswith("through=")]
        through = [word.removeprefix("through=") for word in words if word.startswith("through=")]
        if through:
            behind = [self.graph.names.index(each) for each in through[0].split(",")]
        else:
            behind = [each for each in reachable(self.graph, node) if each != node]
        return FramesEmitted(node, started_us, tuple(payloads), tuple(sorted(behind)))

    def _failure(self, name: str, code: str, failure_class: FailureClass) -> Failure:
        attempt = self.run.attempt if self.graph.names.index(name) == self.run.node else 1
        return Failure(code, f"{name} did not succeed", failure_class=failure_class, node=name, attempt=attempt)
