"""`penstock executions cancel, recover, relaunch, fork` against a scripted server."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.conftest import Penstock
from tests.cli.fake_server import Answer, Break, Events, FakeServer, event, refusal
from tests.cli.samples import FAILURE, ID, PATH, STARTED, execution, frame, node

LIST = "/invocations/v1/executions"
NEW = "f" * 32
NEW_PATH = f"{LIST}/{NEW}"
STOPPED = "(status = FAILED OR status = CANCELLED OR status = TIMED_OUT)"


def made(status: str, **more: object) -> dict[str, Any]:
    return execution(status, execution_id=NEW, source_execution_id=ID, source="RECOVER", **more)


def ended(status: str = "COMPLETED", **more: object) -> str:
    return event(made(status, **more), 4, "status")


def one(number: int, **more: object) -> dict[str, Any]:
    return execution("FAILED", error=FAILURE, **more) | {"execution_id": f"{number:032x}"}


def listed(server: FakeServer, *executions: dict[str, Any], token: str = "") -> None:
    server.on(f"GET {LIST}", Answer({"executions": list(executions), "next_page_token": token}))


def test_recover_is_followed_to_its_output(server: FakeServer, penstock: Penstock) -> None:
    recovered = event(node("NODE_RECOVERED", 3, 5), 3, "node")
    server.on(f"POST {PATH}:recover", Answer(made("RUNNING")))
    server.on(f"GET {NEW_PATH}/stream", Events(recovered + event(frame(0, {"greeting": "hi"}), 3) + ended()))
    server.on(f"GET {NEW_PATH}/output", Answer({"output": {"greeting": "hi"}}))
    outcome = penstock("executions", "recover", ID)
    assert (outcome.code, json.loads(outcome.out)) == (0, {"greeting": "hi"})
    assert outcome.err.splitlines() == [
        f"execution {NEW} goes on where it stopped: {ID}",
        "greet was recovered",
        "hello v3 COMPLETED after 1.0 s",
    ]


def test_recover_without_waiting_prints_the_new_id(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {PATH}:recover", *[Answer(made("RUNNING"))] * 2)
    assert penstock("executions", "recover", ID, "--no-wait", "--request-id", "r1").out == f"{NEW}\n"
    assert server.requests[0].body == {"request_id": "r1"}
    outcome = penstock("executions", "recover", ID, "--no-wait", "--output", "json")
    assert json.loads(outcome.out) == made("RUNNING")


def test_recover_asks_again_under_the_same_request_id(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {PATH}:recover", Break(), Answer(made("RUNNING")))
    assert penstock("executions", "recover", ID, "--no-wait").code == 0
    first, second = (request.body["request_id"] for request in server.requests)
    assert first == second


def test_recovered_execution_that_stops_again_is_the_exit_code(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {PATH}:recover", *[Answer(made("RUNNING"))] * 2)
    server.on(f"GET {NEW_PATH}/stream", *[Events(STARTED + ended("FAILED", error=FAILURE))] * 2)
    outcome = penstock("executions", "recover", ID)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.endswith(f"penstock: execution {NEW} FAILED: greet: card refused (CARD_REFUSED)\n")
    outcome = penstock("executions", "recover", ID, "--output", "json")
    assert (outcome.code, json.loads(outcome.out)) == (1, made("FAILED", error=FAILURE))


def test_recovered_execution_that_pauses_is_not_waited_for(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {PATH}:recover", Answer(made("RUNNING")))
    server.on(f"GET {NEW_PATH}/stream", Events(ended("PAUSED")))
    outcome = penstock("executions", "recover", ID)
    assert outcome.code == 1
    assert f"execution {NEW} is PAUSED until a person decides" in outcome.err


def test_relaunched_pipeline_prints_its_frames(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {PATH}:relaunch", Answer(made("RUNNING", mode="PIPELINE")))
    frames = event(frame(0, {"n": 1}), 3) + event(frame(1, {"n": 2}), 4) + event(frame(2), 5)
    server.on(f"GET {NEW_PATH}/stream", Events(frames + ended(mode="PIPELINE")))
    outcome = penstock("executions", "relaunch", ID, "--flow", "hello@live")
    assert (outcome.code, outcome.out) == (0, '{"n":1}\n{"n":2}\n')
    assert server.requests[0].body["flow"] == "hello@live"


def test_fork_takes_a_patch_and_a_mask(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {PATH}:fork", Answer(made("RUNNING")))
    outcome = penstock(
        *("executions", "fork", ID, "--node", "greet", "--patch", '{"a": {"b": 1}, "c": 2}'),
        *("--mask", "a.b", "--request-id", "r1", "--no-wait"),
    )
    assert (outcome.code, outcome.out) == (0, f"{NEW}\n")
    wanted = {"request_id": "r1", "node": "greet", "patch": {"a": {"b": 1}, "c": 2}, "update_mask": "a.b"}
    assert server.requests[0].body == wanted


def test_source_stands_in_get(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"GET {NEW_PATH}", Answer(made("COMPLETED")))
    server.on(f"GET {NEW_PATH}/nodes", Answer({"nodes": []}))
    assert f"made from:     {ID} (RECOVER)" in penstock("executions", "get", NEW).out.splitlines()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("recover", "executions recover: expected either an ID or one of --filter and --all"),
        (f"cancel {ID} --all", "executions cancel: expected either an ID or one of --filter and --all"),
        (f"relaunch {ID} --dry-run", "--until, --limit and --dry-run go along with --filter or --all"),
        ("relaunch --all --filter flow=hello", "argument --filter: not allowed with argument --all"),
        ("cancel --all --until tomorrow", "expected a time such as 2026-01-31T12:00:00Z"),
        (f"fork {ID}", "the following arguments are required: --node"),
        (f"fork {ID} --node a --mask b", "--mask needs a --patch whose fields it names"),
    ],
)
def test_command_line_that_says_too_much_or_too_little_is_refused(penstock: Penstock, words: str, message: str) -> None:
    outcome = penstock("executions", *words.split())
    assert (outcome.code, message in outcome.err) == (2, True), outcome.err


def test_dry_run_only_lists(server: FakeServer, penstock: Penstock) -> None:
    listed(server, one(1), one(2, parent_execution_id=ID))
    outcome = penstock("executions", "recover", "--filter", "flow = hello", "--dry-run")
    assert (outcome.code, outcome.out.splitlines()[1].split()[:4]) == (0, [f"{1:032x}", "hello", "v3", "FAILED"])
    assert outcome.err == "1 execution, 1 sub-flow left to their parents\n"
    assert [request.query["filter"] for request in server.requests] == [f"flow = hello AND {STOPPED}"]
    listed(server, one(1))
    outcome = penstock("executions", "cancel", "--all", "--dry-run", "--output", "json")
    assert json.loads(outcome.out) == {"executions": [one(1)]}
    assert server.requests[-1].query["filter"] == "NOT complete_time:*"


def test_many_are_recovered_page_after_page_up_to_the_limit(server: FakeServer, penstock: Penstock) -> None:
    listed(server, one(1), one(2), token="t1")
    listed(server, one(3), one(4))
    for number in (1, 2, 3):
        server.on(f"POST {LIST}/{number:032x}:recover", Answer(made("RUNNING")))
    outcome = penstock("executions", "recover", "--all", "--limit", "3")
    assert (outcome.code, outcome.out, outcome.err) == (0, "3 recovered\n", "")
    keys = {request.body["request_id"] for request in server.requests if request.method == "POST"}
    assert {key.rpartition("-")[2] for key in keys} == {f"{number:032x}" for number in (1, 2, 3)}
    assert len({key.rpartition("-")[0] for key in keys}) == 1


def test_same_command_has_the_same_request_ids_and_another_one_has_others(
    server: FakeServer, penstock: Penstock
) -> None:
    commands = (
        ("--all",),
        ("--all", "--until", "2026-01-31T12:00:00Z"),
        ("--all", "--flow", "hello@next"),
        ("--filter", "flow = hello"),
        ("--all", "--request-id", "mine"),
    )
    for words in commands:
        listed(server, one(1))
        server.on(f"POST {LIST}/{1:032x}:relaunch", Answer(made("RUNNING")))
        assert penstock("executions", "relaunch", *words).out == "1 run again\n"
    first, until, *others = [request.body["request_id"] for request in server.requests if request.method == "POST"]
    assert first == until
    assert len({first, *others}) == 4
    assert others[-1] == f"mine-{1:032x}"


def test_those_that_are_refused_are_told_and_the_rest_goes_on(server: FakeServer, penstock: Penstock) -> None:
    listed(server, one(1), one(2))
    server.on(f"POST {LIST}/{1:032x}:recover", refusal("its artifact is retired", "FAILED_PRECONDITION", 409))
    server.on(f"POST {LIST}/{2:032x}:recover", Answer(made("RUNNING")))
    outcome = penstock("executions", "recover", "--all")
    assert (outcome.code, outcome.out) == (1, "1 recovered, 1 refused\n")
    assert outcome.err == f"execution {1:032x}: its artifact is retired\n"


def test_cancel_of_many_counts_those_that_ended_first(server: FakeServer, penstock: Penstock) -> None:
    listed(server, one(1), one(2))
    path = "/invocations/v1/flows"
    server.on(f"DELETE {path}/{1:032x}", refusal("it is COMPLETED", "FAILED_PRECONDITION", 409, reason="ILLEGAL_STATE"))
    server.on(f"DELETE {path}/{2:032x}", Answer(one(2) | {"status": "CANCELLED"}))
    outcome = penstock("executions", "cancel", "--all", "--reason", "a flood")
    assert (outcome.code, outcome.out, outcome.err) == (0, "1 cancelled, 1 had ended\n", "")
    assert {request.query["reason"] for request in server.requests if request.method == "DELETE"} == {"a flood"}


def test_server_that_breaks_or_has_no_room_is_asked_again(server: FakeServer, penstock: Penstock) -> None:
    listed(server, one(1))
    full = refusal("no room", "RESOURCE_EXHAUSTED", 429, reason="OVERLOADED")
    server.on(f"POST {LIST}/{1:032x}:recover", Break(), full, Answer(made("RUNNING")))
    outcome = penstock("executions", "recover", "--all", "--output", "json")
    assert (outcome.code, json.loads(outcome.out)) == (0, {"execution_id": f"{1:032x}", "new_execution_id": NEW})
    posts = [request.body for request in server.requests if request.method == "POST"]
    assert len(posts) == 3
    assert posts == posts[:1] * 3


def test_broken_command_says_how_to_go_on(server: FakeServer, penstock: Penstock) -> None:
    listed(server, one(1))
    server.on(f"POST {LIST}/{1:032x}:recover", *[Break()] * 4)
    outcome = penstock("executions", "recover", "--all")
    assert (outcome.code, outcome.out) == (3, "0 recovered\n")
    assert outcome.err.endswith("; the same command with --until 2026-01-02T03:04:05Z goes on from there\n")
    listed(server)
    assert penstock("executions", "recover", "--all", "--until", "2026-01-02T03:04:05Z").out == "0 recovered\n"
    assert server.requests[-1].query["filter"] == f'{STOPPED} AND create_time <= "2026-01-02T03:04:05Z"'


def test_bad_filter_is_refused_before_anything_happens(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"GET {LIST}", refusal("filter: unknown field colour", "INVALID_ARGUMENT", 400))
    outcome = penstock("executions", "cancel", "--filter", "colour = red")
    assert (outcome.code, outcome.err) == (1, "penstock: filter: unknown field colour\n")
