"""The moves in states.py, the diagrams in docs/state_machine.md and the CHECK in SQL say the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum
from pathlib import Path

import pytest
from google.protobuf.descriptor import EnumDescriptor

from penstock.engine.domain.artifact import Mode, NodeKind
from penstock.engine.domain.event import EventType
from penstock.engine.domain.failure import FailureClass, FailureKind
from penstock.engine.domain.states import (
    EXECUTION_MOVES,
    NODE_MOVES,
    AttemptStatus,
    Decision,
    ExecutionStatus,
    NodeStatus,
    Wait,
)
from penstock.wire.gen.artifact_pb2 import Artifact
from penstock.wire.gen.event_pb2 import Event
from penstock.wire.gen.execution_pb2 import Execution
from penstock.wire.gen.failure_pb2 import Failure
from penstock.wire.gen.node_execution_pb2 import Attempt, NodeExecution
from penstock.wire.gen.package_pb2 import PackageNode
from penstock.wire.gen.pause_pb2 import Pause

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs/state_machine.md").read_text(encoding="utf-8")
MIGRATIONS = sorted((ROOT / "engine/penstock/engine/storage/postgres/migrations").glob("*.sql"))
SQL = "\n".join(path.read_text(encoding="utf-8") for path in MIGRATIONS)

BEGIN_AND_END = "[*]"
MOVES = [
    pytest.param("Execution", EXECUTION_MOVES, id="execution"),
    pytest.param("Node execution", NODE_MOVES, id="node"),
]
Pairs = set[tuple[str, str]]
Moves = Mapping[IntEnum, frozenset[IntEnum]]


def section(title: str) -> str:
    return DOCUMENT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def drawn(title: str) -> Pairs:
    """The arrows of the section's diagram."""
    return set(re.findall(r"^ +(\S+) --> (\S+)$", section(title), re.MULTILINE))


def listed(title: str) -> Pairs:
    """The first two columns of the section's table."""
    return set(re.findall(r"^\| `(\w+)` \| `(\w+)` \|", section(title), re.MULTILINE))


def pairs(moves: Moves) -> Pairs:
    return {(source.name, target.name) for source, targets in moves.items() for target in targets}


def numbers_in_sql(pattern: str) -> set[int]:
    """Those that hold after the last migration that speaks of them."""
    return {int(number) for number in re.findall(pattern, SQL)[-1].split(",")}


@pytest.mark.parametrize(("title", "moves"), MOVES)
def test_diagram_draws_the_allowed_moves(title: str, moves: Moves) -> None:
    begin = {(BEGIN_AND_END, "QUEUED")}
    ends = {(source.name, BEGIN_AND_END) for source, targets in moves.items() if not targets}
    assert drawn(title) == pairs(moves) | begin | ends


@pytest.mark.parametrize(("title", "moves"), MOVES)
def test_table_lists_the_allowed_moves(title: str, moves: Moves) -> None:
    assert listed(title) == pairs(moves)


@pytest.mark.parametrize("moves", [EXECUTION_MOVES, NODE_MOVES], ids=["execution", "node"])
def test_every_status_has_its_moves_and_can_be_reached(moves: Moves) -> None:
    status = type(next(iter(moves)))
    reached = {status["QUEUED"]}.union(*moves.values())
    assert set(moves) == set(status)
    assert reached == set(status)


def test_every_event_is_in_a_table_and_nothing_else() -> None:
    last = re.findall(r"^\|.*\| ([^|]+) \|$", section("Execution") + section("Node execution"), re.MULTILINE)
    first = re.findall(r"^\| (`[^|]+) \|", section("Events that move nothing"), re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", " ".join(last + first))) == {kind.name for kind in EventType}


def test_database_accepts_each_status_and_mode_and_no_other() -> None:
    assert numbers_in_sql(r"check \(status in \(([\d, ]+)\)\)") == set(ExecutionStatus)
    assert numbers_in_sql(r"check \(mode in \(([\d, ]+)\)\)") == set(Mode)


def test_index_of_live_executions_holds_those_that_have_not_ended() -> None:
    conditions = re.findall(r"create index executions_live [^;]* where ([^;]+);", SQL)
    assert conditions[-1] == "complete_time is null"


def test_decisions_have_the_numbers_of_the_contract() -> None:
    assert {member.value: member.name for member in Decision} == {
        value.number: value.name for value in Pause.State.DESCRIPTOR.values if value.name in Decision.__members__
    }


@pytest.mark.parametrize(
    ("ours", "proto"),
    [
        (ExecutionStatus, Execution.Status.DESCRIPTOR),
        (NodeStatus, NodeExecution.Status.DESCRIPTOR),
        (AttemptStatus, Attempt.Status.DESCRIPTOR),
        (EventType, Event.Type.DESCRIPTOR),
        (Wait, Event.Wait.DESCRIPTOR),
        (FailureKind, Failure.Kind.DESCRIPTOR),
        (FailureClass, Failure.Class.DESCRIPTOR),
        (Mode, Artifact.Mode.DESCRIPTOR),
        (NodeKind, PackageNode.Type.DESCRIPTOR),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else value.full_name,
)
def test_enum_has_the_names_and_numbers_of_the_contract(ours: type[IntEnum], proto: EnumDescriptor) -> None:
    assert {member.name: member.value for member in ours} == {
        value.name: value.number for value in proto.values if value.number
    }
