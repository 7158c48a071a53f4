"""Decisions, signals and cancels that come to another process than the one that drives the execution, and kill -9."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from penstock.wire.gen.event_pb2 import Event
from tests.durable.stage import hooked, until
from tests.e2e.support import cancel, refusal
from tests.harness import Server
from tests.pairs import two_servers, up
from tests.pauses.people import (
    PACKAGES,
    PRICED,
    QUOTE,
    decide,
    decided,
    events,
    has_open,
    output,
    pause,
    paused,
    pauses,
    receipt,
    signal,
    signalled,
    who,
)

LEASE_LIFE_S = 1.0
GRADE = {"grade": 3, "note": "good"}


@pytest.fixture(scope="module")
def pair(place: Path, database: str) -> Iterator[tuple[Server, Server]]:
    with two_servers(place, PACKAGES, database=database, environment=hooked(lease_life_s=LEASE_LIFE_S)) as servers:
        yield servers


@pytest.fixture
def one(pair: tuple[Server, Server]) -> Server:
    """Drives what the tests begin."""
    return up(pair[0])


@pytest.fixture
def two(pair: tuple[Server, Server]) -> Server:
    """Hears what people say."""
    return up(pair[1])


def commands(database: str) -> int:
    with psycopg.connect(database) as connection:
        found = connection.execute("select count(*) from commands").fetchone()
    return 0 if found is None else int(found[0])


def test_decision_that_comes_to_another_process_is_taken(one: Server, two: Server, database: str) -> None:
    execution_id = paused(one, "buy")
    assert pause(two, execution_id)["input"] == PRICED
    answer = decided(two, execution_id, "approve", comment="elsewhere", value=QUOTE)
    assert (answer["state"], answer["decided_by"], answer["comment"]) == ("APPROVED", who(two), "elsewhere")
    assert output(two, execution_id) == receipt(4)
    assert events(one, execution_id, "EXECUTION_RESUMED") == []
    assert commands(database) == 0
    other = paused(one, "buy")
    assert decided(two, other, "reject")["state"] == "REJECTED"
    assert one.wait(other)["status"] == "FAILED"


def test_value_is_checked_by_the_process_that_is_asked(one: Server, two: Server) -> None:
    execution_id = paused(one, "buy")
    status, body = refusal(decide(two, execution_id, "resume", value={"total_cents": "x"}))
    assert (status, body["details"]["violations"][0]["field"]) == (400, "value.total_cents")


def test_of_decisions_at_both_processes_one_stands_and_the_others_are_told(one: Server, two: Server) -> None:
    for _ in range(5):
        execution_id = paused(one, "buy")
        with ThreadPoolExecutor(8) as threads:
            verbs = ["approve", "reject"] * 4
            servers = [one, two, two, one] * 2
            answers = list(threads.map(decide, servers, [execution_id] * 8, verbs))
        assert sorted(answer.status for answer in answers) == [200] + [409] * 7
        [recorded] = events(one, execution_id, "PAUSE_DECIDED")
        [taken] = [answer.json for answer in answers if answer.status == 200]
        assert recorded["decision"] == taken["state"]
        assert {answer.json["details"]["decision"] for answer in answers if answer.status == 409} == {taken["state"]}


def test_signal_that_comes_to_another_process_is_kept_once(one: Server, two: Server, database: str) -> None:
    execution_id = one.begin("ask_twice", QUOTE)
    until(lambda: events(one, execution_id, "NODE_WAITING"))
    first = signalled(two, execution_id, GRADE, "one")
    assert signalled(two, execution_id, GRADE, "one") == first == signalled(one, execution_id, GRADE, "one")
    assert signalled(two, execution_id, {"note": "next"}) > first
    assert output(two, execution_id) == receipt(3, "next")
    assert len(events(two, execution_id, "SIGNAL_RECEIVED")) == 2
    assert signalled(two, execution_id, GRADE, "one") == first
    assert signal(two, execution_id, "answer", GRADE).status == 409
    assert commands(database) == 0


def test_cancel_that_comes_to_another_process_is_done(one: Server, two: Server, database: str) -> None:
    execution_id = paused(one, "buy")
    answer = cancel(two, execution_id, "not wanted")
    assert (answer.status, answer.json["status"], answer.json["cancel_reason"]) == (200, "CANCELLED", "not wanted")
    assert refusal(cancel(two, execution_id))[0] == 409
    undone = paused(one, "undone")
    assert cancel(two, undone).json["status"] in ("CANCELLED", "COMPENSATING")
    assert two.wait(undone)["status"] == "CANCELLED"
    assert commands(database) == 0


def test_command_that_is_done_twice_changes_nothing(one: Server, two: Server, database: str) -> None:
    execution_id = one.begin("ask_twice", QUOTE)
    until(lambda: events(one, execution_id, "NODE_WAITING"))
    asked = Event(signal="answer", by="Ada (1)", request_id="one").SerializeToString()
    insert = "insert into commands (command_id, execution_id, kind, detail, payload) values (%s, %s, %s, %s, %s)"
    other = paused(one, "both")
    decision = Event(node="left", decision="REJECTED", by="Ada (1)", request_id="two").SerializeToString()
    with psycopg.connect(database, autocommit=True) as connection:
        for _ in range(3):
            # As if the process had died, each time, after it had done it and before that was noted.
            connection.execute(insert, (uuid4(), execution_id, 22, asked, b"\x08\x07"))
            connection.execute(insert, (uuid4(), other, 21, decision, None))
            connection.execute("select pg_notify('penstock_commands', '')")
            until(lambda: commands(database) == 0)
    assert len(events(one, execution_id, "SIGNAL_RECEIVED")) == 1
    assert len(events(one, other, "PAUSE_DECIDED")) == 1
    assert one.wait(other)["status"] == "FAILED"
    signalled(one, execution_id, GRADE)
    assert output(one, execution_id) == receipt(7, "good")


def test_pause_waits_for_ever_through_kills(one: Server, two: Server) -> None:
    execution_id, other, dear = paused(one, "buy"), paused(one, "both"), paused(one, "slow")
    before = [pause(one, execution_id), pause(one, dear)]
    two.stop()
    for _ in range(2):
        one.kill()
        one.start()
    assert [pause(one, execution_id), pause(one, dear)] == before
    assert one.execution(execution_id)["status"] == "PAUSED"
    open_ones = {(each["execution_id"], each["pause"]) for each in pauses(one, query="?page_size=1000")["pauses"]}
    assert {(execution_id, "approve"), (other, "left"), (other, "right"), (dear, "approve")} <= open_ones
    assert until(lambda: decide(one, execution_id, "approve").status == 200)
    assert output(one, execution_id) == receipt(5)
    decided(one, other, "approve", "left")
    one.kill()
    one.start()
    decided(one, other, "approve", "right")
    assert output(one, other) == receipt(10, "joined", "joined")
    assert events(one, execution_id, "EXECUTION_RESUMED") == []
    decided(one, dear, "reject")


def test_decision_stands_after_a_kill(one: Server) -> None:
    execution_id = paused(one, "both")
    answer = decided(one, execution_id, "approve", "left", comment="mine")
    one.kill()
    one.start()
    assert pause(one, execution_id, "left") == answer
    status, body = refusal(decide(one, execution_id, "reject", "left"))
    assert (status, body["reason"], body["details"]["decision"]) == (409, "PAUSE_DECIDED", "APPROVED")


def test_signal_is_there_after_a_kill(one: Server, folder: Path) -> None:
    gate = folder / "gate"
    execution_id = one.begin("ask_twice", QUOTE | {"gate": str(gate)})
    until(lambda: one.execution(execution_id)["status"] == "RUNNING")
    first = signalled(one, execution_id, GRADE, "one")
    one.kill()
    one.start()
    until(lambda: signalled(one, execution_id, GRADE, "one") == first)
    signalled(one, execution_id, {"note": "next"}, "two")
    gate.touch()
    assert output(one, execution_id) == receipt(3, "next")
    assert len(events(one, execution_id, "SIGNAL_RECEIVED")) == 2


def test_timeout_that_passed_while_nobody_ran_decides_after_the_start(one: Server) -> None:
    execution_id = one.begin("quick_reject", QUOTE)
    one.kill()
    one.start()
    assert one.wait(execution_id)["status"] in ("FAILED", "PAUSED")
    until(lambda: pause(one, execution_id)["state"] == "REJECTED")
    assert len(events(one, execution_id, "PAUSE_DECIDED")) == 1


def test_decision_asked_for_while_the_driving_process_is_dead_is_taken_by_the_next_one(
    one: Server, two: Server
) -> None:
    execution_id, asked = paused(one, "buy"), one.begin("ask", QUOTE)
    until(lambda: events(one, asked, "NODE_WAITING"))
    one.kill()
    assert decided(two, execution_id, "approve", comment="from two")["comment"] == "from two"
    signalled(two, asked, GRADE, "key")
    assert output(two, execution_id) == receipt(5)
    assert output(two, asked) == receipt(3, "good")


def test_sub_flow_whose_parent_ended_without_telling_it_is_cancelled_when_it_is_taken_over(
    one: Server, two: Server, database: str
) -> None:
    two.stop()
    parent = one.begin("parent", QUOTE)
    child = until(lambda: next((e["child_execution_id"] for e in events(one, parent, "NODE_WAITING")), ""))
    until(lambda: has_open(one, child))
    one.kill()
    with psycopg.connect(database, autocommit=True) as connection:
        # As if it had died between the end of the parent and the cancel of the child.
        connection.execute(
            "update executions set status = 5, complete_time = now(), last_sequence = 5 where execution_id = %s",
            (parent,),
        )
    one.start()
    ended = until(lambda: found if "complete_time" in (found := one.execution(child)) else None)
    assert (ended["status"], ended["cancel_reason"]) == ("CANCELLED", f"parent execution {parent} has ended")
