"""`penstock invoke` against a scripted server."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from tests.cli.conftest import Penstock
from tests.cli.fake_server import Answer, Break, Events, FakeServer, Hang, Request, event, refusal
from tests.cli.samples import FAILED, FAILURE, ID, INVOKE, PATH, STARTED, SUCCEEDED, execution, frame

ACCEPTED = Answer({"accepted": True, "execution_id": ID}, 202)
COMPLETED = event(execution("COMPLETED"), 4, "status")
RESULT = {"output": {"greeting": "Hello, Ada!"}, "success": True, "completed_at": 1767323046}
FINISHED = Answer({"accepted": True, "execution_id": ID, "result": RESULT}, 202)
FAILED_RESULT = {"success": False, "completed_at": 1767323046, "error": FAILURE}
GREETING = '{\n  "greeting": "Hello, Ada!"\n}\n'
PROGRESS = "hello v3 RUNNING\ngreet started\ngreet succeeded after 250 ms\nhello v3 COMPLETED after 1.0 s\n"


def body_of(request: Request) -> dict[str, object]:
    """The body without the request id that the command made up."""
    return {key: value for key, value in request.body.items() if key != "request_id"}


def test_output_is_printed_and_progress_told_beside_it(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {INVOKE}", ACCEPTED, FINISHED)
    server.on(f"GET {PATH}/stream", Events(STARTED + SUCCEEDED + COMPLETED))
    outcome = penstock("invoke", "hello", "--input", '{"name": "Ada"}')
    assert (outcome.code, outcome.out, outcome.err) == (0, GREETING, PROGRESS)
    first, _, last = (request.body for request in server.requests)
    assert first == {"flow": "hello", "input": {"name": "Ada"}, "request_id": first["request_id"]}
    assert last == {**first, "wait": True}


def test_execution_that_failed_is_one_line_and_code_1(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {INVOKE}", ACCEPTED, Answer({"accepted": True, "execution_id": ID, "result": FAILED_RESULT}, 202))
    ended = event(execution("FAILED", error=FAILURE), 4, "status")
    server.on(f"GET {PATH}/stream", Events(STARTED + FAILED + ended))
    outcome = penstock("invoke", "hello")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.splitlines() == [
        "hello v3 RUNNING",
        "greet started",
        "greet failed after 250 ms: card refused (CARD_REFUSED)",
        "hello v3 FAILED after 1.0 s",
        f"penstock: execution {ID}: greet: card refused (CARD_REFUSED)",
    ]


def test_json_output_is_the_answer_of_the_server(server: FakeServer, penstock: Penstock) -> None:
    result = {"output": {"greeting": "Hé"}, "success": True, "completed_at": 1767323046}
    server.on(f"POST {INVOKE}", Answer({"accepted": True, "execution_id": ID, "result": result}, 202))
    outcome = penstock("invoke", "hello", "--output", "json", "--timeout", "5", "--label", "a=b", "--request-id", "r1")
    assert (outcome.code, outcome.err) == (0, "")
    assert json.loads(outcome.out) == {"accepted": True, "execution_id": ID, "result": result}
    assert server.requests[0].body == {
        "flow": "hello",
        "timeout_seconds": 5.0,
        "labels": {"a": "b"},
        "request_id": "r1",
        "wait": True,
    }


def test_json_output_of_a_failed_run_is_printed_and_code_1(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {INVOKE}", Answer({"accepted": True, "execution_id": ID, "result": FAILED_RESULT}, 202))
    outcome = penstock("invoke", "hello", "--output", "json")
    assert (outcome.code, outcome.err) == (1, f"penstock: execution {ID}: greet: card refused (CARD_REFUSED)\n")
    assert json.loads(outcome.out)["result"] == FAILED_RESULT


def test_wait_that_ran_out_says_how_to_go_on(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {INVOKE}", Answer({"accepted": True, "execution_id": ID, "status": "RUNNING"}, 202))
    outcome = penstock("invoke", "hello", "--output", "json")
    assert (outcome.code, outcome.err) == (
        1,
        f"penstock: execution {ID} did not end in time and goes on; penstock executions watch {ID} follows it\n",
    )


def test_progress_ends_at_the_timeout(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {INVOKE}", ACCEPTED)
    server.on(f"GET {PATH}/stream", Hang())
    outcome = penstock("invoke", "hello", "--timeout", "0.05")
    assert (outcome.code, outcome.err) == (
        1,
        f"penstock: execution {ID} did not end in time and goes on; penstock executions watch {ID} follows it\n",
    )


def test_no_wait_prints_the_id_alone(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {INVOKE}", ACCEPTED)
    outcome = penstock("invoke", "hello@canary", "--no-wait")
    assert (outcome.code, outcome.out, outcome.err) == (0, f"{ID}\n", "")
    assert body_of(server.requests[0]) == {"flow": "hello@canary", "wait": False}


def test_artifact_is_named_by_its_ulid(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {INVOKE}", ACCEPTED)
    penstock("invoke", "01K9ZXJ5N3QW8R7T6V5S4P3M2H", "--no-wait")
    assert body_of(server.requests[0]) == {"graph_id": "01K9ZXJ5N3QW8R7T6V5S4P3M2H", "wait": False}


def test_invocation_whose_answer_was_lost_is_repeated_with_the_same_id(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {INVOKE}", Break(), refusal("starting", "UNAVAILABLE", 503), ACCEPTED)
    outcome = penstock("invoke", "hello", "--no-wait")
    assert (outcome.code, outcome.out) == (0, f"{ID}\n")
    assert [request.body for request in server.requests] == [server.requests[0].body] * 3
    assert len(server.requests[0].body["request_id"]) == 32


def test_server_that_stays_away_is_given_up(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {INVOKE}", Break(), Break(), Break(), Break())
    outcome = penstock("invoke", "hello", "--no-wait")
    assert outcome.code == 3
    assert outcome.err == f"penstock: {server.url} broke the connection: Server disconnected\n"


def test_progress_goes_on_over_a_broken_connection(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {INVOKE}", ACCEPTED, FINISHED)
    server.on(f"GET {PATH}/stream", Events(STARTED, breaks=True), Break(), Events(SUCCEEDED + COMPLETED))
    outcome = penstock("invoke", "hello")
    assert (outcome.code, outcome.out, outcome.err) == (0, GREETING, PROGRESS)
    assert [request.after for request in server.requests[1:4]] == [None, "2", "2"]


def test_stream_prints_one_line_a_payload(server: FakeServer, penstock: Penstock) -> None:
    frames = event(frame(0, {"line": "ä"}), 3) + event(frame(1, {"line": "b"}), 4) + event(frame(2), 5)
    server.on(f"POST {INVOKE}/stream", Events(frames))
    outcome = penstock("invoke", "logs", "--stream", "--input", "{}")
    assert (outcome.code, outcome.out, outcome.err) == (0, '{"line":"ä"}\n{"line":"b"}\n', "")
    assert server.requests[0].body == {"flow": "logs", "input": {}}


def test_stream_that_breaks_is_resumed_without_gap_or_repeat(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {INVOKE}/stream", Events(event(frame(0, {"n": 0}), 3), breaks=True))
    rest = STARTED + event(frame(1, {"n": 1}), 4) + event(frame(2), 5) + COMPLETED
    server.on(f"GET {PATH}/stream", Break(), Events(rest))
    outcome = penstock("invoke", "logs", "--stream")
    assert (outcome.code, outcome.out, outcome.err) == (0, '{"n":0}\n{"n":1}\n', "")
    assert [request.after for request in server.requests] == [None, "3", "3"]


def test_stream_with_a_request_id_is_asked_for_again(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {INVOKE}/stream", Events(": ping\n\n", breaks=True), Events(event(frame(0), 2)))
    outcome = penstock("invoke", "logs", "--stream", "--request-id", "r1")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "")
    assert [request.body for request in server.requests] == [{"flow": "logs", "request_id": "r1"}] * 2


def test_stream_without_one_is_not_started_twice(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {INVOKE}/stream", Events(": ping\n\n"))
    outcome = penstock("invoke", "logs", "--stream")
    assert (outcome.code, outcome.err) == (3, "penstock: the server ended the stream before its final frame\n")


def test_failed_stream_is_code_1(server: FakeServer, penstock: Penstock) -> None:
    frames = event(frame(0, {"n": 0}), 3) + event(frame(1, success=False, error="card refused"), 4)
    server.on(f"POST {INVOKE}/stream", Events(frames))
    outcome = penstock("invoke", "logs", "--stream")
    assert (outcome.code, outcome.out, outcome.err) == (1, '{"n":0}\n', f"penstock: execution {ID}: card refused\n")


def test_stream_that_the_server_breaks_off_with_an_error_says_why(server: FakeServer, penstock: Penstock) -> None:
    body = {"error": "frame is too large", "code": "INTERNAL", "reason": "INTERNAL", "details": {}}
    server.on(f"POST {INVOKE}/stream", Events(f"event: error\ndata: {json.dumps(body)}\n\n"))
    outcome = penstock("invoke", "logs", "--stream")
    assert (outcome.code, outcome.err) == (1, "penstock: frame is too large\n")


def test_refusal_is_the_sentence_of_the_server(server: FakeServer, penstock: Penstock) -> None:
    sentence = 'input.name: expected string, got "1"'
    server.on(f"POST {INVOKE}", refusal(sentence, "INVALID_ARGUMENT", 400, (("input.name", "expected string"),)))
    outcome = penstock("invoke", "hello")
    assert (outcome.code, outcome.out, outcome.err) == (1, "", f"penstock: {sentence}\n")


def test_pipeline_is_invoked_with_stream(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {INVOKE}", refusal("POST elsewhere", "INVALID_ARGUMENT", 400, reason="IS_PIPELINE"))
    outcome = penstock("invoke", "logs")
    assert (outcome.code, outcome.err) == (1, "penstock: the flow is a pipeline; --stream prints its frames\n")


def test_key_that_is_not_known_is_said(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {INVOKE}", refusal("unauthorized", "UNAUTHENTICATED", 401))
    outcome = penstock("invoke", "hello")
    sentence = f"penstock: unauthorized: {server.url} does not know this API key (PENSTOCK_API_KEY)\n"
    assert (outcome.code, outcome.err) == (1, sentence)


def test_other_server_on_the_port_is_told_apart(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {INVOKE}", Answer("<html>", 502))
    outcome = penstock("invoke", "hello")
    sentence = f"penstock: {server.url} is not a Penstock server: {INVOKE} answered 502 text/plain\n"
    assert (outcome.code, outcome.err) == (3, sentence)


def test_no_server_is_code_3(penstock: Penstock, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:  # bound but not listening: nobody else gets the port, and nobody answers
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("PENSTOCK_URL", url)
        outcome = penstock("invoke", "hello")
    sentence = f"penstock: cannot connect to {url}: connection refused; is the server running?\n"
    assert (outcome.code, outcome.out, outcome.err) == (3, "", sentence)


@pytest.mark.parametrize("source", ["-", "@input.json"])
def test_input_comes_from_a_file_or_standard_input(source: str, server: FakeServer, penstock: Penstock) -> None:
    Path("input.json").write_text('{"name": "Ada"}')
    server.on(f"POST {INVOKE}", ACCEPTED)
    penstock("invoke", "hello", "--no-wait", "--input", source, stdin='{"name": "Ada"}')
    assert body_of(server.requests[0]) == {"flow": "hello", "input": {"name": "Ada"}, "wait": False}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "--input: not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("[1]", "--input: expected a JSON object, got [1]"),
        ('{"a": 1, "a": 2}', '--input: not JSON: "a" is there twice'),
        ('{"a": NaN}', '--input: not JSON: NaN is no JSON number; write "NaN" in quotes'),
        ("@nosuch.json", "cannot read nosuch.json: No such file or directory"),
    ],
)
def test_input_that_is_no_json_object_is_wrong_usage(text: str, problem: str, penstock: Penstock) -> None:
    outcome = penstock("invoke", "hello", "--input", text)
    assert (outcome.code, outcome.out, outcome.err) == (2, "", f"penstock: {problem}\n")


def test_input_that_is_too_deep_is_wrong_usage(penstock: Penstock) -> None:
    outcome = penstock("invoke", "hello", "--input", "[" * 100_000)
    assert (outcome.code, outcome.out, outcome.err.split(":")[:3]) == (2, "", ["penstock", " --input", " not JSON"])


def test_options_of_an_execution_go_along(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {INVOKE}", ACCEPTED)
    outcome = penstock(
        *("invoke", "hello", "--no-wait", "--config", "eu-west", "--overwrite-cache"),
        *("--webhook", "https://a.example/hook", "--webhook-header", "X-Order: 7", "--webhook-header", "X-Empty:"),
    )
    assert (outcome.code, outcome.out) == (0, f"{ID}\n")
    assert body_of(server.requests[0]) == {
        "flow": "hello",
        "config_id": "eu-west",
        "overwrite_cache": True,
        "webhook": {"url": "https://a.example/hook", "headers": {"X-Order": "7", "X-Empty": ""}},
        "wait": False,
    }


def test_header_without_a_webhook_is_wrong_usage(server: FakeServer, penstock: Penstock) -> None:
    outcome = penstock("invoke", "hello", "--webhook-header", "X-Order: 7")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == "penstock: --webhook-header needs a --webhook that it goes along with\n"
