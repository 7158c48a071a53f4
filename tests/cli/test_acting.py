"""`penstock executions cancel, recover, relaunch, fork` against a scripted server."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.conftest import Penstock
from tests.cli.fake_server import Answer, Break, Events, FakeServer, event, refusal
from tests.cli.samples import FAILURE, ID, PATH, STARTED, execution, frame, node

LIST = "/invocations/v1/executions"
OPERATIONS = "/bulk/v1/operations"
NEW = "f" * 32
NEW_PATH = f"{LIST}/{NEW}"


def made(status: str, **more: object) -> dict[str, Any]:
    return execution(status, execution_id=NEW, source_execution_id=ID, source="RECOVER", **more)


def ended(status: str = "COMPLETED", **more: object) -> str:
    return event(made(status, **more), 4, "status")


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
        (f"relaunch {ID} --dry-run", "--limit and --dry-run go along with --filter or --all"),
        ("relaunch --all --filter flow=hello", "argument --filter: not allowed with argument --all"),
        (f"fork {ID}", "the following arguments are required: --node"),
        (f"fork {ID} --node a --mask b", "--mask needs a --patch whose fields it names"),
    ],
)
def test_command_line_that_says_too_much_or_too_little_is_refused(penstock: Penstock, words: str, message: str) -> None:
    outcome = penstock("executions", *words.split())
    assert (outcome.code, message in outcome.err) == (2, True), outcome.err


def operation(state: str, done: int, revision: int, **more: object) -> dict[str, Any]:
    counts = {"matched": 3, "done": done, "skipped": 0, "failed": 0}
    fixed = {
        "operation_id": NEW,
        "verb": "RECOVER",
        "filter": "flow = hello",
        "all": False,
        "problems": [],
        "error": "",
    }
    return {**fixed, **counts, "state": state, "revision": revision, "error": "", **more}


def changed(operation: dict[str, Any]) -> str:
    return event(operation, operation["revision"], "operation")


def test_many_are_left_to_the_server_and_followed(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {OPERATIONS}", Answer(operation("PENDING", 0, 1)))
    updates = changed(operation("RUNNING", 1, 2)) + changed(operation("SUCCEEDED", 3, 3))
    server.on(f"GET {OPERATIONS}/{NEW}/stream", Events(updates))
    outcome = penstock("executions", "recover", "--filter", "flow = hello", "--limit", "3", "--request-id", "r1")
    assert (outcome.code, outcome.out, outcome.err) == (0, "3 recovered\n", "")
    wanted = {"verb": "RECOVER", "parameters": {}, "filter": "flow = hello", "limit": 3, "request_id": "r1"}
    assert server.requests[0].body == wanted


def test_operation_is_followed_over_a_connection_that_breaks(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {OPERATIONS}", Break(), Answer(operation("PENDING", 0, 1)))
    failed = [{"execution_id": ID, "code": "FAILED_PRECONDITION", "reason": "RETIRED", "message": "it is retired"}]
    end = operation("SUCCEEDED", 1, 3, skipped=1, failed=1, problems=failed)
    server.on(f"GET {OPERATIONS}/{NEW}/stream", Events(changed(operation("RUNNING", 1, 2))), Events(changed(end)))
    server.on(f"GET {OPERATIONS}/{NEW}", Answer(operation("RUNNING", 1, 2)))
    outcome = penstock("executions", "recover", "--all")
    assert (outcome.code, outcome.out) == (1, "1 recovered, 1 had nothing to do, 1 failed\n")
    assert outcome.err == f"execution {ID}: it is retired\n"
    first, second = (request.body for request in server.requests if request.method == "POST")
    assert first == second
    after = [request.after for request in server.requests if request.path.endswith("/stream")]
    assert after == ["1", "2"]


def test_operation_that_failed_is_the_exit_code(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {OPERATIONS}", Answer(operation("FAILED", 0, 2, error="the key is not good any more")))
    outcome = penstock("executions", "recover", "--all")
    assert (outcome.code, outcome.out) == (1, "0 recovered\n")
    assert outcome.err == f"penstock: bulk operation {NEW} FAILED: the key is not good any more\n"


def test_empty_list_says_how_to_begin(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"GET {OPERATIONS}", Answer({"operations": [], "next_page_token": ""}))
    assert "--dry-run" in penstock("bulk", "list").out
    server.on("GET /invocations/v1/imports", Answer({"imports": [], "next_page_token": ""}))
    assert "penstock executions import" in penstock("imports", "list").out


def test_bad_filter_is_refused_before_anything_happens(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {OPERATIONS}", refusal("filter: unknown field colour", "INVALID_ARGUMENT", 400))
    outcome = penstock("executions", "cancel", "--filter", "colour = red")
    assert (outcome.code, outcome.err) == (1, "penstock: filter: unknown field colour\n")
