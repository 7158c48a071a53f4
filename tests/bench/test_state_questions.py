"""The history that the bench makes up is as the engine writes it, and what it says about a kill is counted right."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import psycopg
import pytest

from bench.aftermath import Marks, Tally, live_count, marks, tally
from bench.bed import Bed, Server, make_bed
from bench.crowd import EXECUTIONS, Caller, begin_many
from bench.history_data import fill, settle
from bench.own_server import own_server
from bench.questions import listing

COUNT = 240
RAN_COUNT = 6
"""Executions that `make_history` has the engine run, to be copied. They are the newest ones."""
TIMES = ("create_time", "start_time", "update_time", "complete_time", "time")


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    with make_bed(1, 0.05, with_peers=False) as made:
        yield made


@pytest.fixture(scope="module")
def history(bed: Bed) -> Iterator[Caller]:
    """A server with a history; tests share it and only read."""
    with bed.server(bed.database("history"), name="history") as server:
        listing.make_history(server, COUNT)
        settle(server.database_url)
        caller = Caller(server.http_url, server.key)
        yield caller
        caller.close()


@pytest.fixture(scope="module")
def server(bed: Bed) -> Iterator[Server]:
    """Tests share it, each with executions of its own."""
    with bed.server(bed.database("state"), name="state") as made:
        yield made


@pytest.fixture
def caller(server: Server) -> Iterator[Caller]:
    made = Caller(server.http_url, server.key)
    yield made
    made.close()


def whole_list(caller: Caller, text: str = "") -> list[Any]:
    arguments = {"page_size": "100", "filter": text}
    answer = caller.get(f"{EXECUTIONS}?{urlencode(arguments)}")
    found = answer["executions"]
    while token := answer["next_page_token"]:
        answer = caller.get(f"{EXECUTIONS}?{urlencode(arguments | {'page_token': token})}")
        found += answer["executions"]
    return list(found)


def told(caller: Caller, execution_id: str) -> Any:
    """All that the API tells of an execution, without its id and with its times counted from its acceptance."""
    path = f"{EXECUTIONS}/{execution_id}"
    execution = caller.get(path)
    parts = [execution, *(caller.get(path + rest) for rest in ("/events", "/checkpoints", "/nodes", "/output"))]
    return from_start(parts, execution_id, datetime.fromisoformat(execution["create_time"]))


def from_start(part: Any, execution_id: str, start: datetime) -> Any:
    if isinstance(part, list):
        return [from_start(item, execution_id, start) for item in part]
    if isinstance(part, dict):
        return {
            name: datetime.fromisoformat(value) - start if name in TIMES else from_start(value, execution_id, start)
            for name, value in part.items()
        }
    return "ID" if part == execution_id else part


def id_time_us(execution_id: str) -> float:
    value = UUID(execution_id).int
    return (value >> 80) * 1000 + (value >> 64 & 0xFFF) * 1000 / 4096


def test_history_is_told_like_the_executions_it_copies(history: Caller) -> None:
    found = whole_list(history)
    assert len(found) == COUNT + RAN_COUNT
    of_flow = {one["flow"]: told(history, one["execution_id"]) for one in found[:RAN_COUNT]}
    for one in found[RAN_COUNT : RAN_COUNT + len(listing.SLOTS)] + found[-1:]:
        assert told(history, one["execution_id"]) == of_flow[one["flow"]]


def test_history_has_ids_and_times_that_go_together(history: Caller) -> None:
    found = whole_list(history)
    ids = [one["execution_id"] for one in found]
    assert ids == sorted(set(ids), reverse=True)
    assert {UUID(execution_id).version for execution_id in ids} == {7}
    for one in found[RAN_COUNT:]:
        create_us = datetime.fromisoformat(one["create_time"]).timestamp() * 1e6
        assert id_time_us(one["execution_id"]) == pytest.approx(create_us, abs=2)


def test_history_goes_on_where_it_ended(server: Server, caller: Caller) -> None:
    template = caller.invoke("w3")["execution_id"]
    fill(server.database_url, [template], 0, 10, 0, 1_000_000)
    fill(server.database_url, [template], 10, 10, 1_000_000, 2_000_000)
    found = whole_list(caller, 'create_time < "1970-01-02T00:00:00Z"')
    seconds = [datetime.fromisoformat(one["create_time"]).timestamp() for one in found]
    assert seconds == pytest.approx([number / 10 for number in reversed(range(20))])


def test_pages_of_a_history_hold_what_their_filter_says(history: Caller) -> None:
    counts = Counter((one["flow"], one["status"]) for one in whole_list(history))
    assert counts == {
        ("w1", "COMPLETED"): 121,
        ("found", "COMPLETED"): 21,
        ("w3", "COMPLETED"): 53,
        ("fail", "FAILED"): 7,
        ("wait", "CANCELLED"): 3,
        ("w20", "COMPLETED"): 41,
    }
    # How many a given hour of a few hundred executions has is chance.
    filters = [text for _, text in listing.FILTERS if "hour" not in text]
    sizes = [listing.pages(history, text, 1).size for text in filters]
    assert sizes == [50, 50, 7, 0, 0, 50, 41, 0, 7, 7, 0, 7, 21, 0, 0, 1, 10, 0, 0, 0, 0, 50, 0, 50]
    assert listing.pages(history, "", 2, page=2).size == 50


def test_tally_tells_right_lost_unfinished_and_wrong_apart(server: Server, caller: Caller) -> None:
    right, lost, wrong, repeated = (caller.invoke("slow20")["execution_id"] for _ in range(4))
    [unfinished] = begin_many(server.http_url, server.key, "wait", 1)
    with psycopg.connect(server.database_url) as connection:
        connection.execute("delete from executions where execution_id = %s", (UUID(lost),))
        connection.execute("update events set payload = '' where execution_id = %s", (UUID(wrong),))
        connection.execute(
            "update events set node = 0 where execution_id = %s and type = 8 and node = 1", (UUID(repeated),)
        )
    found = tally(server.database_url, [right, lost, wrong, repeated, unfinished])
    caller.request("DELETE", f"/invocations/v1/flows/{unfinished}")
    assert found == Tally(1, [lost], [unfinished], [wrong, repeated])


def test_marks_count_from_the_restart(server: Server, caller: Caller) -> None:
    restart = float(int(time.time()))
    begun = [caller.invoke("slow20")["execution_id"] for _ in range(3)]
    with psycopg.connect(server.database_url) as connection:
        ids = [UUID(execution_id) for execution_id in begun]
        for execution_id, second in zip(ids, (3, 2), strict=False):
            connection.execute(
                """insert into events select (jsonb_populate_record(e, jsonb_build_object(
                     'type', 2, 'sequence', 1000, 'event_time', to_timestamp(%s)))).*
                   from events e where execution_id = %s limit 1""",
                (restart + second, execution_id),
            )
        connection.execute(
            "update events set event_time = to_timestamp(%s) where execution_id = any(%s) and type = 8",
            (restart + 4, ids),
        )
        connection.execute(
            "update executions set complete_time = to_timestamp(%s) where execution_id = any(%s)", (restart + 5, ids)
        )
        connection.execute("update leases set start_time = to_timestamp(%s)", (restart + 1,))
    found = marks(server.database_url, begun, restart)
    assert found.postgres < 0
    assert found == Marks(found.postgres, 1.0, 2.0, 3.0, 4.0, 5.0, in_flight=2)


def test_killed_with_everything_a_server_starts_again_with_what_it_had(bed: Bed) -> None:
    folder: Path = bed.folder / "own"
    with own_server(folder) as server:
        server.start()
        begun = begin_many(server.http_url, server.key, "wait", 5)
        server.kill_everything()
        with pytest.raises(OSError):
            Caller(server.http_url, server.key).invoke("w1")
        server.start()
        assert live_count(server.database_url) == 5
        caller = Caller(server.http_url, server.key)
        assert {one["execution_id"] for one in whole_list(caller)} == set(begun)
        caller.close()
        server.kill()
