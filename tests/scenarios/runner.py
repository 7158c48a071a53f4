"""Golden scenarios: text that says what happens to an execution, and exactly what follows.

Rewrite what follows in every file, then read the diff and commit only what you can explain:

    PENSTOCK_REWRITE=1 python -m pytest tests/scenarios

A file begins with a comment and its setup:

    # What it shows.
    graph a -> b -> d, a ?> c -> d      and lines about its nodes: see tests/domain/graphs.py
    pipeline b                          the flow gives frames; b is its pipeline node
    limit EVENTS_MAX 10                 for this scenario
    crashes-count                       its end depends on how often its process dies

Then come blocks: commands, `----`, what follows. Time is the number of commands so far.

    accept | accept queued | place      an invocation came in; a place was found
    accept recovered a=A b=B>c m=3:0,2  it goes on from another one: a and b completed there, b chose c, of the three
                                        items of m the first and the last did
    started a items=3                   a takes long, or is a map: its start is put on record
    complete a output=A to=b            without output: the name in capitals; without to: the one edge
    complete a to=none                  none of its choices was taken
    complete a cache=hit took=0         from the cache; it took a signal
    frames p x y? through=b,c           p gave frames, through every node behind it unless said otherwise; y may be
                                        rolled back
    pipeline-end p                      p has no more frames
    fail a CODE system final chance=1   without system: kind USER; without final: it may be tried again
    timeout a | cancel reason | deadline
    items m 0=x 2=y                     items of the map m gave their results
    item-fail m 1 CODE                  an attempt of an item failed
    child f c1                          the sub-flow f is about to run as c1
    approve p by=ann comment=fine id=r1 value=v to=b | resume p … | reject p … | expire p
    policy a before p:block why=no      policy p blocks a; allow, redact and approve as well, with ? for a dry run; an
                                        approval waits to due=10, and its timeout does on_timeout=reject
    policy a after p:allow output=A     a gave its output and policies looked at it; what it gave as in `complete`
    await a go after=1                  the code of a waits for the second signal go
    signal go payload by=ann id=r1
    report a text
    undone a | not-undone a CODE        what undoes a came to its end, or failed
    late complete a                     as without `late`, and checked to change nothing
    crash                               the process dies, another one takes over

What follows is each event on a line, with implied starts in parentheses; then `start NODE` for each node that starts
or `end`, `nothing` when there is no step; and the state after the last command.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from penstock.engine.domain.artifact import Graph, Mode
from penstock.engine.domain.errors import PenstockError
from penstock.engine.domain.event import expand
from penstock.engine.domain.frontier import node_statuses
from penstock.engine.domain.run import Flight
from tests.domain.graphs import OPTIONS, RULES, graph
from tests.scenarios.lines import line
from tests.scenarios.player import Played, Player

SEPARATOR = "----"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One file. `blocks` holds the lines before each separator, comments included."""

    setup: tuple[str, ...]
    graph: Graph
    limits: tuple[tuple[str, int], ...]
    blocks: tuple[tuple[str, ...], ...]

    @property
    def survives_crashes(self) -> bool:
        return "crashes-count" not in self.setup

    @property
    def commands(self) -> tuple[str, ...]:
        return tuple(line for block in self.blocks for line in _commands(block))


def read(path: Path) -> Scenario:
    setup, *blocks = path.read_text(encoding="utf-8").strip().split("\n\n")
    words = [line.split(maxsplit=1) for line in setup.splitlines()]
    given = {verb: rest for verb, *rest in words}
    limits = [rest.split() for verb, *rests in words for rest in rests if verb == "limit"]
    about = [line for line in setup.splitlines() if line.split()[0] in RULES | OPTIONS]
    return Scenario(
        tuple(setup.splitlines()),
        graph(given["graph"][0], *given.get("pipeline", [""]), about),
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


def play(player: Player, command: str) -> list[Played] | str:
    """What follows, or the error by which it is refused."""
    try:
        return player.play(command)
    except (PenstockError, ValueError) as error:
        return f"{type(error).__name__}: {error}"


def _commands(block: tuple[str, ...]) -> list[str]:
    return [line for line in block if not line.startswith("#")]


def _result(player: Player, command: str) -> list[str]:
    after = player.run.sequence
    played = play(player, command)
    if isinstance(played, str):
        return [played]
    lines = []
    for step, starts in ((each.step, each.starts) for each in played):
        recorded = {event.sequence for event in step.events}
        for event in expand(step.events, after):
            lines.append(line(event, player.graph.names, event.sequence in recorded))
            after = event.sequence
        lines += [f"start {player.graph.names[node]}" for node in starts]
        if step.is_end:
            lines.append("end")
    return lines or ["nothing"]


def _state(player: Player) -> list[str]:
    run, names = player.run, player.graph.names
    state = [run.status.name, *(_flight(names[node], run.flights[node]) for node in sorted(run.flights))]
    state.append(f"attempt_count={run.attempt_count}")
    if player.graph.mode is Mode.PIPELINE:
        state.append(f"frame_count={run.frame_count}")
    if run.ends_as is not None and not run.status.is_terminal:
        state.append(f"ends_as={run.ends_as.name}")
    statuses = zip(names, node_statuses(run), strict=True)
    return [" ".join(state), " ".join(f"{name}={status.name}" for name, status in statuses)]


def _flight(name: str, flight: Flight) -> str:
    parts = [f"{name}/{flight.attempt}"]
    if flight.is_fallback:
        parts.append("fallback")
    if flight.wait is not None:
        parts.append(flight.wait.name)
    return ":".join(parts)
