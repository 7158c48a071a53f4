"""`penstock executions` against a scripted server."""

from __future__ import annotations

import json
import time

import pytest

from tests.cli.conftest import Penstock
from tests.cli.fake_server import Answer, Break, Events, FakeServer, event, refusal
from tests.cli.samples import FAILED, FAILURE, ID, PATH, STARTED, SUCCEEDED, execution, frame, node

LIST = "/invocations/v1/executions"
ENDED = event(execution("COMPLETED"), 4, "status")


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables show local time."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def test_list_is_a_table(server: FakeServer, penstock: Penstock) -> None:
    executions = [execution("COMPLETED"), execution("FAILED", error=FAILURE)]
    server.on(f"GET {LIST}", Answer({"executions": executions, "next_page_token": ""}))
    outcome = penstock("executions", "list")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        "EXECUTION                         FLOW      STATUS     ACCEPTED             DURATION  ERROR",
        f"{ID}  hello v3  COMPLETED  2026-01-02 03:04:05  1.0 s",
        f"{ID}  hello v3  FAILED     2026-01-02 03:04:05  1.0 s     greet: card refused (CARD_REFUSED)",
    ]
    assert server.requests[0].query == {"page_size": "50"}


def test_list_goes_from_page_to_page_up_to_the_limit(server: FakeServer, penstock: Penstock) -> None:
    page = [execution("COMPLETED")]
    server.on(
        f"GET {LIST}",
        Answer({"executions": page * 1000, "next_page_token": "t1"}),
        Answer({"executions": page * 200, "next_page_token": "t2"}),
    )
    outcome = penstock(
        *("executions", "list", "--output", "json", "--limit", "1200"),
        *("--filter", "status = COMPLETED", "--order-by", "create_time asc"),
    )
    assert json.loads(outcome.out) == {"executions": page * 1200}
    asked = {"filter": "status = COMPLETED", "order_by": "create_time asc"}
    assert [request.query for request in server.requests] == [
        {**asked, "page_size": "1000"},
        {**asked, "page_size": "200", "page_token": "t1"},
    ]


def test_bad_filter_is_the_sentence_of_the_server(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"GET {LIST}", refusal("filter: unknown field colour", "INVALID_ARGUMENT", 400))
    outcome = penstock("executions", "list", "--filter", "colour = red")
    assert (outcome.code, outcome.out, outcome.err) == (1, "", "penstock: filter: unknown field colour\n")


def test_get_shows_the_execution_its_nodes_and_the_traceback(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"GET {PATH}", Answer(execution("FAILED", error=FAILURE, labels={"b": "2", "a": "1"})))
    greet = {"node": "greet", "status": "FAILED", "use": "hello/greet", "attempt_count": 1, "duration": "0.25s"}
    nodes = [greet | {"error": FAILURE, "fallback": True}]
    server.on(f"GET {PATH}/nodes", Answer({"nodes": nodes}))
    outcome = penstock("executions", "get", ID)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        f"execution:     {ID}",
        "flow:          hello v3 (01K00000000000000000000000)",
        "status:        FAILED",
        "accepted:      2026-01-02 03:04:05",
        "ended:         2026-01-02 03:04:06",
        "duration:      1.0 s",
        "labels:        a=1, b=2",
        "error:         greet: card refused (CARD_REFUSED)",
        "",
        "NODE   STATUS  USES         ATTEMPTS  DURATION  DETAIL",
        "greet  FAILED  hello/greet  1         250 ms    fallback; card refused (CARD_REFUSED)",
        "",
        "Traceback:",
        "  boom",
    ]


def test_get_shows_what_nodes_wait_for_and_what_they_told(server: FakeServer, penstock: Penstock) -> None:
    due = {"due_time": "2026-01-02T04:00:00Z"}
    usage = {"provider": "maps", "model": "large", "input_tokens": 15, "output_tokens": 3, "cost_usd": 0.75}
    told = {"progress": {"fraction": 0.25, "message": "packed"}, "usage": [usage]}
    items = {"item_count": 3, "items_succeeded": 1, "items_failed": 1}
    nodes = [
        {"node": "ask", "status": "WAITING", "attempt_count": 0, "wait": "PAUSE", **due},
        {"node": "rest", "status": "WAITING", "attempt_count": 0, "wait": "SLEEP", **due},
        {"node": "book", "status": "WAITING", "attempt_count": 1, "wait": "RETRY", **due},
        {"node": "meet", "status": "WAITING", "attempt_count": 0, "wait": "GATE"},
        {"node": "hear", "status": "WAITING", "attempt_count": 1, "wait": "SIGNAL", "signal": "visa"},
        {"node": "inner", "status": "WAITING", "attempt_count": 1, "wait": "FLOW", "child_execution_id": ID},
        {"node": "ride", "status": "RUNNING", "attempt_count": 1, **items, **told},
        {"node": "scan", "status": "SUCCEEDED", "attempt_count": 1, "frame_count": 1, "cache_hit": True},
    ]
    above = {"parent_execution_id": ID, "parent_node": "inner", "config_id": "night"}
    deadline = {"deadline_time": "2026-01-02T05:04:05Z"}
    server.on(f"GET {PATH}", Answer(execution("RUNNING", **above, **deadline)))
    server.on(f"GET {PATH}/nodes", Answer({"nodes": [{"use": "", **node} for node in nodes]}))
    assert penstock("executions", "get", ID).out.splitlines()[4:] == [
        "deadline:      2026-01-02 05:04:05",
        "duration:      1.0 s",
        "config:        night",
        f"parent:        {ID} (inner)",
        "",
        "NODE   STATUS     USES  ATTEMPTS  DURATION  DETAIL",
        "ask    WAITING          0                   waits for a person until 2026-01-02 04:00:00",
        "rest   WAITING          0                   waits until 2026-01-02 04:00:00",
        "book   WAITING          1                   waits for its next attempt until 2026-01-02 04:00:00",
        "meet   WAITING          0                   waits for the rest of its branches",
        "hear   WAITING          1                   waits for the signal visa",
        f"inner  WAITING          1                   waits for execution {ID}",
        "ride   RUNNING          1                   3 items; 1 done; 1 failed; 25% packed;"
        " maps large, 15 + 3 tokens, 0.75 USD",
        "scan   SUCCEEDED        1                   1 frame; cached",
    ]


def test_get_as_json_is_the_answer_of_the_server(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"GET {PATH}", Answer(execution("RUNNING")))
    assert json.loads(penstock("executions", "get", ID, "--output", "json").out) == execution("RUNNING")


def test_unknown_execution_is_the_sentence_of_the_server(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"GET {PATH}", refusal(f"execution {ID} does not exist", "NOT_FOUND", 404))
    outcome = penstock("executions", "watch", ID)
    assert (outcome.code, outcome.out, outcome.err) == (1, "", f"penstock: execution {ID} does not exist\n")


def test_events_are_a_table(server: FakeServer, penstock: Penstock) -> None:
    events = [
        node("FRAME_EMITTED", 3, 5, frame_index=0),
        node("NODE_FAILED", 4, 6, error=FAILURE),
        {"sequence": 5, "type": "EXECUTION_CANCELLED", "time": "2026-01-02T03:04:07Z", "reason": "wrong order"},
    ]
    server.on(
        f"GET {PATH}/events", Answer({"events": events[:1], "next_page_token": "3"}), Answer({"events": events[1:]})
    )
    outcome = penstock("executions", "events", ID, "--after", "2", "--node", "greet")
    assert outcome.out.splitlines() == [
        "SEQUENCE  TIME                 TYPE                 NODE   DETAIL",
        "3         2026-01-02 03:04:05  FRAME_EMITTED        greet  frame 0",
        "4         2026-01-02 03:04:06  NODE_FAILED          greet  card refused (CARD_REFUSED)",
        "5         2026-01-02 03:04:07  EXECUTION_CANCELLED         wrong order",
    ]
    asked = {"after_sequence": "2", "node": "greet", "page_size": "1000"}
    assert [request.query for request in server.requests] == [asked, {**asked, "page_token": "3"}]


def test_events_tell_what_they_hold(server: FakeServer, penstock: Penstock) -> None:
    due = {"due_time": "2026-01-02T04:00:00Z"}
    usage = {"provider": "maps", "model": "large", "input_tokens": 0, "output_tokens": 0, "cost_usd": 0.5}
    told = [{"log": {"level": "INFO", "message": "packing"}}, {"progress": {"fraction": 0.5, "message": ""}}]
    events = [
        node("NODE_STARTED", 3, 5, attempt=2, item_count=3),
        node("NODE_ATTEMPT_FAILED", 4, 5, item=1, error=FAILURE, wait="RETRY", **due),
        node("ITEM_SUCCEEDED", 5, 5, item=1),
        *(node("NODE_REPORTED", 6, 5, report=report) for report in (*told, {"usage": usage})),
        node("NODE_SUCCEEDED", 7, 5, branch="ask", cache_hit=True, fallback=True),
        node("NODE_WAITING", 8, 5, wait="SIGNAL", signal="visa"),
        {"sequence": 9, "type": "SIGNAL_RECEIVED", "time": "2026-01-02T03:04:05Z", "signal": "visa", "by": "Ada (k1)"},
        node("PAUSE_DECIDED", 10, 5, decision="REJECTED", by="Ada (k1)", comment="too dear"),
        node("PAUSE_DECIDED", 11, 5, decision="APPROVED"),
        node("FRAME_EMITTED", 12, 5, frame_index=4, provisional=True),
        node("FRAMES_ROLLED_BACK", 13, 5, frame_index=4),
        {"sequence": 14, "type": "EXECUTION_COMPENSATING", "time": "2026-01-02T03:04:05Z", "ends_as": "CANCELLED"},
    ]
    server.on(f"GET {PATH}/events", Answer({"events": events, "next_page_token": ""}))
    rows = [
        line.split("2026-01-02 03:04:05  ")[1] for line in penstock("executions", "events", ID).out.splitlines()[1:]
    ]
    assert [row.split(maxsplit=2)[2] for row in rows if "greet" in row] == [
        "attempt 2; 3 items",
        "item 1; card refused (CARD_REFUSED); next attempt 2026-01-02 04:00:00",
        "item 1",
        "INFO packing",
        "50%",
        "maps large, 0.5 USD",
        "to ask; cached; fallback",
        "waits for the signal visa",
        "REJECTED by Ada (k1): too dear",
        "APPROVED by its timeout",
        "frame 4; provisional",
        "frames from 4 on",
    ]
    assert [row.split(maxsplit=1)[1] for row in rows if "greet" not in row] == ["visa by Ada (k1)", "ends as CANCELLED"]


def test_watch_follows_to_the_end(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"GET {PATH}", Answer(execution("RUNNING")))
    server.on(f"GET {PATH}/stream", Events(STARTED, breaks=True), Events(SUCCEEDED + ENDED))
    outcome = penstock("executions", "watch", ID)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        "hello v3 RUNNING",
        "greet started",
        "greet succeeded after 250 ms",
        "hello v3 COMPLETED after 1.0 s",
    ]
    assert [request.after for request in server.requests[1:]] == [None, "2"]


def test_watch_as_json_is_a_line_an_update_and_tells_the_failure(server: FakeServer, penstock: Penstock) -> None:
    ended = execution("FAILED", error=FAILURE)
    server.on(f"GET {PATH}", Answer(execution("RUNNING")))
    server.on(f"GET {PATH}/stream", Events(FAILED + event(ended, 4, "status")))
    outcome = penstock("executions", "watch", ID, "--after", "2", "--output", "json")
    assert [json.loads(line) for line in outcome.out.splitlines()] == [
        {"node": node("NODE_FAILED", 3, 5.25, error=FAILURE)},
        {"status": ended},
    ]
    assert (outcome.code, outcome.err) == (
        1,
        f"penstock: execution {ID} FAILED: greet: card refused (CARD_REFUSED)\n",
    )
    assert server.requests[1].after == "2"


def test_update_that_a_resume_repeats_is_shown_once(server: FakeServer, penstock: Penstock) -> None:
    succeeded = node("NODE_SUCCEEDED", 3, 5.25)
    server.on(f"GET {PATH}", Answer(execution("RUNNING")))
    # The frame of the same event was lost with the connection, so the resume begins before both.
    server.on(f"GET {PATH}/stream", Events(STARTED + event(succeeded, 2, "node"), breaks=True))
    rest = event(succeeded, 2, "node") + event(frame(0, {"n": 1}), 3) + ENDED
    server.on(f"GET {PATH}/stream", Events(rest))
    outcome = penstock("executions", "watch", ID, "--output", "json")
    assert [next(iter(json.loads(line))) for line in outcome.out.splitlines()] == [
        "status",
        "node",
        "node",
        "frame",
        "status",
    ]


def test_frame_after_a_rollback_is_shown_though_it_has_the_same_index(server: FakeServer, penstock: Penstock) -> None:
    draft, better = frame(0, {"n": 1}, provisional=True), frame(0, {"n": 2})
    back = {"execution_id": ID, "frame_index": 0, "is_final": False, "success": True, "rollback_to": 0}
    server.on(f"GET {PATH}", Answer(execution("RUNNING")))
    server.on(f"GET {PATH}/stream", Events(event(draft, 4) + event(back, 5) + event(better, 6) + ENDED))
    outcome = penstock("executions", "watch", ID, "--output", "json")
    assert [json.loads(line)["frame"] for line in outcome.out.splitlines()[:3]] == [draft, back, better]


def test_watch_after_the_end_asks_how_it_ended(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"GET {PATH}", *[Answer(execution("COMPLETED"))] * 2)
    server.on(f"GET {PATH}/stream", Events(""))
    outcome = penstock("executions", "watch", ID, "--after", "4")
    assert (outcome.code, outcome.out) == (0, "hello v3 COMPLETED after 1.0 s\n")


def test_watch_waits_for_a_server_that_ended_the_stream_too_early(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"GET {PATH}", *[Answer(execution("RUNNING"))] * 2)
    server.on(f"GET {PATH}/stream", Events(STARTED), Break(), Events(ENDED))
    assert penstock("executions", "watch", ID).code == 0


def test_connection_that_breaks_after_the_end_matters_to_nobody(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"GET {PATH}", Answer(execution("RUNNING")))
    server.on(f"GET {PATH}/stream", Events(ENDED, breaks=True))
    assert penstock("executions", "watch", ID).code == 0


def test_cancel_tells_the_status(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"DELETE /invocations/v1/flows/{ID}", Answer(execution("CANCELLED")))
    outcome = penstock("executions", "cancel", ID, "--reason", "wrong order")
    assert (outcome.code, outcome.out, outcome.err) == (0, f"{ID} CANCELLED\n", "")
    assert server.requests[0].query == {"reason": "wrong order"}


def test_cancel_of_an_ended_execution_is_refused_with_its_status(server: FakeServer, penstock: Penstock) -> None:
    sentence = f"execution {ID} is COMPLETED"
    server.on(f"DELETE /invocations/v1/flows/{ID}", refusal(sentence, "FAILED_PRECONDITION", 409))
    outcome = penstock("executions", "cancel", ID)
    assert (outcome.code, outcome.out, outcome.err) == (1, "", f"penstock: {sentence}\n")
