"""The feed of all executions: every event once, in the order of commits, from any cursor on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import psycopg
import pytest

from penstock.wire.gen.execution_feed_pb2 import WatchExecutionsRequest
from penstock.wire.gen.execution_service_pb2_grpc import ExecutionServiceStub
from tests.e2e.crew import Crew, Member
from tests.explain.looks import as_json
from tests.harness import ROOT, SseEvent
from tests.watch.feeds import WATCH, Feed, by_execution, log_of

TEXT = {"text": "x"}
FLOW = 'flow = "echo"'


def order(event: SseEvent) -> tuple[int, str, int]:
    xid, execution_id, sequence = event.id.split("-")
    return int(xid, 16), execution_id, int(sequence)


def test_every_event_of_every_process_comes_once_in_order(pair: tuple[Member, Member]) -> None:
    one, two = pair
    feed = Feed(one, filter=FLOW)
    with ThreadPoolExecutor(4) as pool:
        begun = [pool.submit(member.begin, "echo", TEXT) for _ in range(5) for member in pair]
    ids = {future.result() for future in begun}
    for execution_id in ids:
        two.wait(execution_id)
    last = two.begin("echo", TEXT)
    seen = feed.until("EXECUTION_COMPLETED", last)
    feed.close()
    logs = by_execution(seen)
    assert {execution_id: logs[execution_id] for execution_id in ids} == {id: log_of(two, id) for id in ids}
    assert [order(event) for event in seen] == sorted({order(event) for event in seen})


def test_a_cursor_goes_on_behind_its_event_in_any_process(pair: tuple[Member, Member]) -> None:
    one, two = pair
    feed = Feed(one, filter=FLOW)
    begin = feed.cursor
    execution_id = one.begin("echo", TEXT)
    seen = feed.until("EXECUTION_COMPLETED", execution_id)
    feed.close()
    for member in pair:
        for place, cursor in enumerate([begin, *(event.id for event in seen[:-1])]):
            again = Feed(member, cursor, filter=FLOW)
            assert again.until("EXECUTION_COMPLETED", execution_id) == seen[place:]
            again.close()
    assert [event.json["event"] for event in seen] == log_of(two, execution_id)


def test_oldest_begins_with_what_is_kept(crew: Crew) -> None:
    execution_id = crew.begin("echo", TEXT, labels={"oldest": "yes"})
    crew.wait(execution_id)
    feed = Feed(crew, cursor="oldest", filter='labels.oldest = "yes"')
    assert [event.json["event"] for event in feed.until("EXECUTION_COMPLETED", execution_id)] == log_of(
        crew, execution_id
    )
    feed.close()


def test_filter_and_types_choose(crew: Crew) -> None:
    feeds = {
        "status": Feed(crew, filter='status = "FAILED"'),
        "types": Feed(crew, types=["NODE_STARTED", "EXECUTION_COMPLETED"], filter='flow = "echo" OR flow = "refuse"'),
        "labels": Feed(crew, filter='labels.team = "blue" AND status:*'),
        "class": Feed(crew, filter='failure_class = "POLICY"'),
    }
    good = crew.begin("echo", TEXT, labels={"team": "blue"})
    crew.wait(good)
    bad = crew.begin("refuse", TEXT)
    crew.wait(bad)
    end = crew.begin("echo", TEXT, labels={"team": "blue"})
    crew.wait(end)

    def kinds(name: str, kind: str, last: str) -> list[tuple[str, str]]:
        events = feeds[name].until(kind, last)
        feeds[name].close()
        return [(event.json["execution_id"], event.json["event"]["type"]) for event in events]

    assert kinds("status", "EXECUTION_FAILED", bad) == [(bad, "EXECUTION_FAILED")]
    assert kinds("class", "EXECUTION_FAILED", bad) == [(bad, "EXECUTION_FAILED")]
    assert kinds("types", "EXECUTION_COMPLETED", end) == [
        (good, "NODE_STARTED"),
        (good, "EXECUTION_COMPLETED"),
        (bad, "NODE_STARTED"),
        (end, "NODE_STARTED"),
        (end, "EXECUTION_COMPLETED"),
    ]
    assert {execution_id for execution_id, _ in kinds("labels", "EXECUTION_COMPLETED", end)} == {good, end}


def test_events_say_where_they_led_and_of_which_flow(crew: Crew) -> None:
    feed = Feed(crew, filter='flow = "above" OR flow = "echo"')
    execution_id = crew.begin("above", TEXT, labels={"team": "blue"})
    seen = [event.json for event in feed.until("EXECUTION_COMPLETED", execution_id)]
    feed.close()
    mine = [each for each in seen if each["execution_id"] == execution_id]
    assert [each["status"] for each in mine if "status" in each] == ["QUEUED", "RUNNING", "COMPLETED"]
    assert {(each["flow"], each["version"], each["labels"]["team"]) for each in mine} == {("above", 1, "blue")}
    children = {each["execution_id"] for each in seen if each.get("parent_execution_id") == execution_id}
    assert len(children) == 2


def test_nothing_is_lost_or_comes_twice_when_processes_are_killed(crew: Crew, tmp_path: Path) -> None:
    chosen = 'flow = "echo" OR flow = "hold"'
    killed, other = crew.all()
    feed = Feed(killed, filter=chosen)
    gate = tmp_path / "gate"
    begun = [member.begin("echo", TEXT) for _ in range(10) for member in (killed, other)]
    begun.append(killed.begin("hold", {"text": str(gate)}))
    seen = feed.until("EXECUTION_ACCEPTED", begun[-1])
    os.kill(killed.pid, signal.SIGKILL)
    feed.close()
    gate.touch()
    # The one that is started in its place goes on with what it left behind.
    assert {other.wait(execution_id)["status"] for execution_id in begun} == {"COMPLETED"}
    feed = Feed(other, seen[-1].id, filter=chosen)
    seen += feed.until("EXECUTION_COMPLETED", other.begin("echo", TEXT))
    feed.close()
    logs = by_execution(seen)
    assert {id: logs[id] for id in begun} == {id: log_of(other, id) for id in begun}
    assert len({event.id for event in seen}) == len(seen)


def test_a_transaction_that_commits_late_is_not_passed_over(
    crew: Crew, connection: psycopg.Connection[tuple[object, ...]]
) -> None:
    """It began before others that are committed already: what they wrote waits for it."""
    feed = Feed(crew, filter=FLOW)
    with connection.transaction():
        connection.execute("select pg_current_xact_id()")
        execution_id = crew.begin("echo", TEXT)
        crew.wait(execution_id)
        begin = feed.cursor
        again = Feed(crew, begin, filter=FLOW)
        assert again.cursor == begin
        again.close()
    assert [event.json["event"] for event in feed.until("EXECUTION_COMPLETED", execution_id)] == log_of(
        crew, execution_id
    )
    feed.close()


def test_the_faces_give_the_same(crew: Crew, channel: grpc.Channel) -> None:
    feed = Feed(crew, filter=FLOW)
    cursor = feed.cursor
    execution_id = crew.begin("echo", TEXT, labels={"face": "all"})
    seen = feed.until("EXECUTION_COMPLETED", execution_id)
    feed.close()
    metadata = (("authorization", f"Bearer {crew.key}"),)
    request = WatchExecutionsRequest(cursor=cursor, filter=FLOW)
    call = ExecutionServiceStub(channel).WatchExecutions(request, metadata=metadata)
    by_grpc: list[Any] = []
    for update in call:
        if update.HasField("recorded"):
            by_grpc.append((update.cursor, as_json(update.recorded)))
        if len(by_grpc) == len(seen):
            call.cancel()
            break
    assert by_grpc == [(event.id, event.json) for event in seen]
    lines = by_command(crew, len(seen), "--flow", "echo", "--after", cursor, "--output", "json")
    assert [(line["cursor"], line["recorded"]) for line in map(json.loads, lines)] == by_grpc
    lines = by_command(crew, len(seen), "--flow", "echo", "--after", cursor)
    assert [line.split()[5] for line in lines] == [each["event"]["type"] for _, each in by_grpc]


def by_command(crew: Crew, count: int, *words: str) -> list[str]:
    """The first lines of `penstock executions watch`, which is then stopped."""
    environment = {**os.environ, "PENSTOCK_URL": crew.info["http_url"], "PENSTOCK_API_KEY": crew.key}
    command = [sys.executable, "-m", "penstock.cli", "executions", "watch", *words]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(count)]
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
    return lines


def test_another_account_sees_nothing(crew: Crew) -> None:
    stranger = crew.command_line("keys", "create", "stranger", "--account", "strange").strip()
    headers = {"Authorization": f"Bearer {stranger}"}
    stream = crew.stream("GET", f"{WATCH}?cursor=oldest", headers=headers)
    assert next(stream).name == "bookmark"
    crew.wait(crew.begin("echo", TEXT))
    stream.close()
    first = crew.stream("GET", f"{WATCH}?cursor=oldest")
    assert [next(first).name for _ in range(2)] == ["bookmark", "recorded"]
    first.close()


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("cursor=nonsense", "cursor: expected the cursor of an answer, 'oldest' or nothing, got 'nonsense'"),
        (f"cursor=ffffffffffff-{'0' * 32}-0", "cursor: expected one of this server, got"),
        ("filter=colour+%3D+red", "filter: position 1: expected one of status, "),
        ("types=NOTHING", "types"),
    ],
)
def test_what_cannot_be_followed_is_refused(crew: Crew, query: str, error: str) -> None:
    answer = crew.request("GET", f"{WATCH}?{query}")
    assert answer.status == 400
    assert answer.json["error"].startswith(error), answer.json["error"]


def test_a_cursor_that_is_older_than_what_is_kept_is_refused(
    crew: Crew, connection: psycopg.Connection[tuple[object, ...]]
) -> None:
    feed = Feed(crew, filter=FLOW)
    cursor = feed.cursor
    execution_id = crew.begin("echo", TEXT)
    last = feed.until("EXECUTION_COMPLETED", execution_id)[-1]
    feed.close()
    xid = int(last.id.partition("-")[0], 16)
    connection.execute("insert into removed_up_to values ('default', %s)", (xid,))
    try:
        answer = crew.request("GET", f"{WATCH}?cursor={cursor}")
        assert (answer.status, answer.json["reason"]) == (400, "CURSOR_EXPIRED")
        Feed(crew, last.id).close()
        Feed(crew, "oldest").close()
    finally:
        connection.execute("delete from removed_up_to")


def test_an_execution_that_waited_for_a_place_starts_once(
    crew: Crew, connection: psycopg.Connection[tuple[object, ...]]
) -> None:
    """Its start is a transaction of its own, which its end does not hide."""
    feed = Feed(crew, filter=FLOW)
    execution_id = crew.begin("echo", TEXT)
    seen = feed.until("EXECUTION_COMPLETED", execution_id)
    accepted, started, *_, ended = [int(event.id.partition("-")[0], 16) for event in seen]
    assert accepted == started < ended
    row = connection.execute(
        "select create_xid, start_xid, move_xid from executions where execution_id = %s", (execution_id,)
    ).fetchone()
    assert row == (accepted, None, ended)
    # As if it had been queued and had started with what its node gave.
    connection.execute("update executions set start_xid = %s where execution_id = %s", (ended, execution_id))
    again = Feed(crew, f"{accepted:x}-{'0' * 32}-0", filter=FLOW)
    found = again.until("EXECUTION_COMPLETED", execution_id)
    assert [event.json["event"] for event in found if event.json["execution_id"] == execution_id] == log_of(
        crew, execution_id
    )
    assert order(found[-1]) > order(found[0])
    feed.close()
    again.close()
