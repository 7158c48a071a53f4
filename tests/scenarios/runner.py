"""Golden scenarios: text that says what happens to an execution, and exactly what follows.

Rewrite what follows in every file, then read the diff and commit only what you can explain:

    PENSTOCK_REWRITE=1 python -m pytest tests/scenarios

A file begins with a comment and its setup:

    # What it shows.
    graph a -> b -> d, a -> c -> d
    pipeline b                          the flow gives frames; b is its pipeline node
    limit EVENTS_MAX 10                 for this scenario

Then come blocks: commands, `----`, what follows. Time is the number of commands so far.

    accept | accept queued | place      an invocation came in; a place was found
    slow a                              a takes long: its start is put on record
    complete a output=A to=b            without output: the name in capitals; without to: the one edge
    complete a to=none                  no edge was taken
    frames p x y through=b,c            p gave frames, through every node behind it unless said otherwise
    pipeline-end p                      p has no more frames
    fail a CODE | timeout a | cancel reason
    late complete a                     as without `late`, and checked to change nothing
    crash                               the process dies, another one takes over

What follows is each event on a line, with implied starts in parentheses; then `start NODE` or `end`
when the step says so, `nothing` when there is no step; and the state after the last command.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from penstock.engine.domain.artifact import Graph, Mode
from penstock.engine.domain.errors import PenstockError
from penstock.engine.domain.event import TERMINAL_EVENTS, Event, EventType, expand
from penstock.engine.domain.frontier import node_statuses
from penstock.engine.domain.step import Step
from tests.domain.graphs import graph
from tests.scenarios.player import Player

SEPARATOR = "----"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One file. `blocks` holds the lines before each separator, comments included."""

    setup: tuple[str, ...]
    graph: Graph
    limits: tuple[tuple[str, int], ...]
    blocks: tuple[tuple[str, ...], ...]

    @property
    def commands(self) -> tuple[str, ...]:
        return tuple(line for block in self.blocks for line in _commands(block))


def read(path: Path) -> Scenario:
    setup, *blocks = path.read_text(encoding="utf-8").strip().split("\n\n")
    words = [line.split(maxsplit=1) for line in setup.splitlines()]
    given = {verb: rest for verb, rest in words if verb in ("graph", "pipeline")}
    limits = [rest.split() for verb, rest in words if verb == "limit"]
    return Scenario(
        tuple(setup.splitlines()),
        graph(given["graph"], given.get("pipeline", "")),
        tuple((name, int(value)) for name, value in limits),
        tuple(tuple(block.split(f"\n{SEPARATOR}")[0].splitlines()) for block in blocks),
    )


def text(scenario: Scenario) -> str:
    """The file as it has to be: what follows is played, not read."""
    player = Player(scenario.graph)
    blocks = ["\n".join(scenario.setup)]
    for block in scenario.blocks:
        lines = [line for command in _commands(block) for line in _result(player, command)]
        blocks.append("\n".join((*block, SEPARATOR, *lines, *_state(player))))
    return "\n\n".join(blocks) + "\n"


def play(player: Player, command: str) -> Step | str:
    """The step that follows, or the error by which it is refused."""
    try:
        return player.crash() if command == "crash" else player.play(command)
    except (PenstockError, ValueError) as error:
        return f"{type(error).__name__}: {error}"


def _commands(block: tuple[str, ...]) -> list[str]:
    return [line for line in block if not line.startswith("#")]


def _result(player: Player, command: str) -> list[str]:
    after = player.run.sequence
    step = play(player, command)
    if isinstance(step, str):
        return [step]
    names = player.graph.names
    recorded = {event.sequence for event in step.events}
    lines = [_line(event, names, event.sequence in recorded) for event in expand(step.events, after)]
    if step.start >= 0:
        lines.append(f"start {names[step.start]}")
    if step.is_end:
        lines.append("end")
    return lines or ["nothing"]


def _line(event: Event, names: tuple[str, ...], is_recorded: bool) -> str:
    parts = [f"{event.sequence} {event.type.name}"]
    if event.node >= 0:
        parts.append(names[event.node])
    if event.type in TERMINAL_EVENTS:
        parts.append(f"attempt_count={event.attempt}")
    elif event.attempt:
        parts.append(f"attempt={event.attempt}")
    parts.append(f"at={event.time_us}")
    if event.started_us:
        parts.append(f"started={event.started_us}")
    if event.frame_index >= 0:
        parts.append(f"{'frame' if event.type is EventType.FRAME_EMITTED else 'frames'}={event.frame_index}")
    if event.payload is not None:
        parts.append(f"payload={event.payload.decode()}")
    if event.branch >= 0:
        parts.append(f"to={names[event.branch]}")
    if event.failure is not None:
        failure = event.failure
        parts.append(f"failure={failure.code}({failure.node}, attempt {failure.attempt}, {failure.failure_class.name})")
    if event.reason is not None:
        parts.append(f"reason={event.reason!r}")
    line = " ".join(parts)
    return line if is_recorded else f"({line})"


def _state(player: Player) -> list[str]:
    run, names = player.run, player.graph.names
    state = [run.status.name]
    if run.node >= 0:
        state.append(f"node={names[run.node]} attempt={run.attempt}")
    state.append(f"attempt_count={run.attempt_count}")
    if player.graph.mode is Mode.PIPELINE:
        state.append(f"frame_count={run.frame_count}")
    statuses = zip(names, node_statuses(run), strict=True)
    return [" ".join(state), " ".join(f"{name}={status.name}" for name, status in statuses)]
