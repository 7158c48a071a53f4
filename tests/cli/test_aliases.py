"""`penstock aliases` and `penstock artifacts list|deprecate|retire|restore` against a scripted server."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.cli.conftest import Penstock
from tests.cli.fake_server import Answer, FakeServer, refusal

ALIASES = "/flows/v1/flows/hello/aliases"
ARTIFACTS = "/flows/v1/artifacts"
GRAPH_ID = "01KTESTARTF000000000000003"
TIME = "2026-01-02T03:04:05.123456Z"


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables show local time."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def targets(**weights: int) -> list[dict[str, Any]]:
    """targets(v3=90, v4=10)."""
    return [{"graph_id": GRAPH_ID, "version": int(name[1:]), "weight": weight} for name, weight in weights.items()]


def alias(name: str, **weights: int) -> dict[str, Any]:
    return {
        "flow": "hello",
        "alias": name,
        "targets": targets(**weights),
        "update_time": TIME,
        "key_id": "",
        "etag": "2",
    }


def move(number: int, before: list[dict[str, Any]], after: list[dict[str, Any]], key_id: str = "") -> dict[str, Any]:
    where = {"flow": "hello", "alias": "live", "number": number}
    return where | {"before": before, "after": after, "key_id": key_id, "move_time": TIME}


def test_list_says_what_each_alias_stands_for(server: FakeServer, penstock: Penstock) -> None:
    canary = alias("canary", v3=90, v4=10) | {"key_id": "a1b2c3"}
    server.on(f"GET {ALIASES}", Answer({"aliases": [canary, alias("live", v3=100)], "next_page_token": ""}))
    outcome = penstock("aliases", "list", "hello")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        "ALIAS   STANDS FOR        MOVED                BY KEY",
        "canary  v3 90 %, v4 10 %  2026-01-02 03:04:05  a1b2c3",
        "live    v3                2026-01-02 03:04:05  the server",
    ]


def test_set_sends_versions_and_weights(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"PUT {ALIASES}/live", Answer({"alias": alias("live", v3=90, v4=10), "diffs": []}))
    outcome = penstock("aliases", "set", "hello", "live", "v3=90", "v4=10", "--etag", "7")
    assert (outcome.code, outcome.out) == (0, "hello@live stands for v3 90 %, v4 10 %\n")
    assert server.requests[0].body == {
        "targets": [{"version": 3, "weight": 90}, {"version": 4, "weight": 10}],
        "validate_only": False,
        "allow_breaking": False,
        "etag": "7",
    }


def test_set_takes_one_version_or_a_graph_id_alone(server: FakeServer, penstock: Penstock) -> None:
    answer = Answer({"alias": alias("live", v3=100), "diffs": []})
    server.on(f"PUT {ALIASES}/live", answer, answer)
    assert penstock("aliases", "set", "hello", "live", "v3").out == "hello@live stands for v3\n"
    assert penstock("aliases", "set", "hello", "live", GRAPH_ID, "--validate-only").out == (
        "hello@live would stand for v3\n"
    )
    assert [request.body["targets"] for request in server.requests] == [[{"version": 3}], [{"graph_id": GRAPH_ID}]]
    assert [request.body["validate_only"] for request in server.requests] == [False, True]


def test_set_tells_what_an_allowed_move_breaks(server: FakeServer, penstock: Penstock) -> None:
    change = {
        "rule": "FIELD_SAME_NAME",
        "levels": ["JSON", "SOURCE"],
        "path": "input.name",
        "message": "was called who",
    }
    diffs = [{"changes": [change]}, {"changes": [change]}]
    server.on(f"PUT {ALIASES}/live", Answer({"alias": alias("live", v4=100), "diffs": diffs}))
    outcome = penstock("aliases", "set", "hello", "live", "v4", "--allow-breaking")
    assert outcome.out.splitlines() == [
        "breaks JSON, SOURCE: input.name: was called who",
        "hello@live stands for v4",
    ]
    assert server.requests[0].body["allow_breaking"] is True


def test_set_that_would_break_callers_says_how_to_do_it_nevertheless(server: FakeServer, penstock: Penstock) -> None:
    violations = (("input.name", "was called who: breaks JSON callers"),)
    server.on(
        f"PUT {ALIASES}/live",
        refusal("callers of hello@live would break", "FAILED_PRECONDITION", 409, violations, "BREAKING_CHANGE"),
    )
    outcome = penstock("aliases", "set", "hello", "live", "v4")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.splitlines() == [
        "hello@live: input.name: was called who: breaks JSON callers",
        "penstock: callers of hello@live would break: --allow-breaking moves it nevertheless",
    ]


def test_other_refusals_are_the_sentence_of_the_server(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"PUT {ALIASES}/live", refusal("version 1 is retired", "FAILED_PRECONDITION", 409, reason="RETIRED"))
    outcome = penstock("aliases", "set", "hello", "live", "v1")
    assert (outcome.code, outcome.err) == (1, "penstock: version 1 is retired\n")


@pytest.mark.parametrize("target", ["3", "v0", "v3=", "v3=x", "v3=1000", "v-3", "hello"])
def test_target_that_is_none_is_wrong_usage(penstock: Penstock, target: str) -> None:
    outcome = penstock("aliases", "set", "hello", "live", target)
    assert outcome.code == 2
    assert f'expected a version and its percents such as v3=90, got "{target}"' in outcome.err


def test_delete_removes_an_alias(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"DELETE {ALIASES}/canary", Answer({}), Answer({}))
    assert penstock("aliases", "delete", "hello", "canary", "--etag", "2").out == "hello@canary is gone\n"
    assert penstock("aliases", "delete", "hello", "canary", "--output", "json").out == "{}\n"
    assert [request.query for request in server.requests] == [{"etag": "2"}, {}]


def test_history_says_who_moved_it_when(server: FakeServer, penstock: Penstock) -> None:
    moves = [
        move(3, targets(v1=90, v2=10), [], "d4e5f6"),
        move(2, targets(v1=100), targets(v1=90, v2=10), "a1b2c3"),
        move(1, [], targets(v1=100)),
    ]
    server.on(f"GET {ALIASES}/-/moves", Answer({"moves": moves, "next_page_token": ""}))
    outcome = penstock("aliases", "history", "hello")
    assert outcome.out.splitlines() == [
        "MOVED                ALIAS  FROM              TO                BY KEY",
        "2026-01-02 03:04:05  live   v1 90 %, v2 10 %  nothing           d4e5f6",
        "2026-01-02 03:04:05  live   v1                v1 90 %, v2 10 %  a1b2c3",
        "2026-01-02 03:04:05  live   nothing           v1                the server",
    ]


def test_history_of_one_alias_as_json(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"GET {ALIASES}/live/moves", Answer({"moves": [move(1, [], [])], "next_page_token": ""}))
    outcome = penstock("aliases", "history", "hello", "live", "--limit", "1", "--output", "json")
    assert json.loads(outcome.out) == {"moves": [move(1, [], [])]}
    assert server.requests[0].query == {"page_size": "1"}


def artifact(version: int, state: str, reason: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {
        "graph_id": GRAPH_ID,
        "flow": "hello",
        "version": version,
        "state": state,
        "create_time": TIME,
    }
    return found | ({"state_change": {"change_time": TIME, "key_id": "a1b2c3", "reason": reason}} if reason else {})


def test_artifacts_are_listed_with_their_states(server: FakeServer, penstock: Penstock) -> None:
    artifacts = [artifact(2, "ACTIVE"), artifact(1, "DEPRECATED", "use v2")]
    server.on(f"GET {ARTIFACTS}", Answer({"artifacts": artifacts, "next_page_token": ""}))
    outcome = penstock("artifacts", "list", "hello")
    assert outcome.out.splitlines() == [
        "ARTIFACT                    VERSION   STATE       COMPILED             REASON",
        f"{GRAPH_ID}  hello v2  ACTIVE      2026-01-02 03:04:05",
        f"{GRAPH_ID}  hello v1  DEPRECATED  2026-01-02 03:04:05  use v2",
    ]
    assert server.requests[0].query == {"flow": "hello", "page_size": "50"}


@pytest.mark.parametrize(("verb", "state"), [("deprecate", "DEPRECATED"), ("retire", "RETIRED")])
def test_artifact_is_deprecated_and_retired_with_a_reason(
    server: FakeServer, penstock: Penstock, verb: str, state: str
) -> None:
    server.on(f"POST {ARTIFACTS}/{GRAPH_ID}:{verb}", Answer(artifact(1, state, "use v2")))
    outcome = penstock("artifacts", verb, GRAPH_ID, "--reason", "use v2")
    assert (outcome.code, outcome.out) == (0, f"hello v1 is {state}\n")
    assert server.requests[0].body == {"reason": "use v2"}


def test_artifact_is_restored(server: FakeServer, penstock: Penstock) -> None:
    server.on(f"POST {ARTIFACTS}/{GRAPH_ID}:restore", Answer(artifact(1, "ACTIVE")))
    assert json.loads(penstock("artifacts", "restore", GRAPH_ID, "--output", "json").out) == artifact(1, "ACTIVE")
    assert server.requests[0].body == {}


def test_what_is_no_graph_id_is_wrong_usage(penstock: Penstock) -> None:
    outcome = penstock("artifacts", "retire", "hello@live")
    assert (outcome.code, 'expected the 26 characters of a graph_id, got "hello@live"' in outcome.err) == (2, True)
