"""Saved queries, against a scripted server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Penstock, environment, penstock, server  # noqa: F401
from tests.cli.fake_server import Answer, FakeServer

LIST = "/invocations/v1/executions"
EMPTY = Answer({"executions": [], "next_page_token": ""})


@pytest.fixture(autouse=True)
def config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config"


def test_saved_query_is_listed_used_and_deleted(server: FakeServer, penstock: Penstock, config: Path) -> None:  # noqa: F811
    outcome = penstock("queries", "list")
    assert outcome.out == "No query is saved. Save one: penstock queries save failed --filter 'status = FAILED'\n"
    outcome = penstock("queries", "save", "slow", "--filter", "status = FAILED", "--order-by", "duration desc")
    assert (outcome.code, outcome.out) == (0, "saved slow: penstock executions list --query slow\n")
    saved = {"slow": {"filter": "status = FAILED", "order_by": "duration desc"}}
    assert json.loads((config / "penstock" / "queries.json").read_text()) == saved
    assert penstock("queries", "list").out.splitlines() == [
        "QUERY  ORDER          FILTER",
        "slow   duration desc  status = FAILED",
    ]
    assert json.loads(penstock("queries", "list", "--output", "json").out) == {
        "queries": [{"name": "slow", **saved["slow"]}]
    }
    server.on(f"GET {LIST}", EMPTY, EMPTY)
    outcome = penstock("executions", "list", "--query", "slow")
    assert (outcome.code, outcome.err) == (0, "No execution is so: status = FAILED\n")
    penstock("executions", "list", "--query", "slow", "--filter", "flow = a OR flow = b", "--order-by", "create_time")
    assert [request.query for request in server.requests] == [
        {"filter": "status = FAILED", "order_by": "duration desc", "page_size": "50"},
        {"filter": "flow = a OR flow = b AND status = FAILED", "order_by": "create_time", "page_size": "50"},
    ]
    assert penstock("queries", "delete", "slow").out == "deleted slow\n"
    outcome = penstock("queries", "delete", "slow")
    assert (outcome.code, outcome.err) == (2, "penstock: there is no saved query slow; none is saved\n")


def test_query_of_nodes(server: FakeServer, penstock: Penstock) -> None:  # noqa: F811
    penstock("queries", "save", "charges", "--filter", "node = charge")
    server.on(f"GET {LIST}/-/nodes", Answer({"nodes": [], "next_page_token": ""}))
    outcome = penstock("executions", "nodes", "--query", "charges")
    assert (outcome.code, outcome.err) == (0, "No node execution is so: node = charge\n")
    assert server.requests[0].query == {"filter": "node = charge", "page_size": "50"}


def test_unknown_query_names_those_that_there_are(penstock: Penstock) -> None:  # noqa: F811
    penstock("queries", "save", "slow", "--filter", "duration > 10s")
    outcome = penstock("executions", "list", "--query", "fast")
    assert (outcome.code, outcome.err) == (2, "penstock: there is no saved query fast; there is slow\n")
    assert penstock("queries", "save", "No", "--filter", "x").code == 2


def test_file_that_holds_something_else_is_left_alone(penstock: Penstock, config: Path) -> None:  # noqa: F811
    file = config / "penstock" / "queries.json"
    file.parent.mkdir(parents=True)
    file.write_text("[1, 2]")
    outcome = penstock("queries", "save", "slow", "--filter", "duration > 10s")
    said = f"penstock: {file}: expected saved queries, got something else; correct or remove it\n"
    assert (outcome.code, outcome.err) == (2, said)
    assert file.read_text() == "[1, 2]"


def test_settings_folder_is_that_of_the_user(
    penstock: Penstock,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "not/absolute")
    monkeypatch.setenv("HOME", str(tmp_path))
    penstock("queries", "save", "slow", "--filter", "duration > 10s")
    assert (tmp_path / ".config" / "penstock" / "queries.json").exists()


def test_list_says_how_many_there_are(server: FakeServer, penstock: Penstock) -> None:  # noqa: F811
    counted = Answer({"executions": [], "next_page_token": "", "total_size": 1_200_000, "total_size_exact": False})
    server.on(f"GET {LIST}", EMPTY, counted)
    outcome = penstock("executions", "list", "--total")
    assert outcome.err == "No executions yet. Start one: penstock invoke FLOW --input '{…}'\n0 of about 1,200,000\n"
    assert server.requests[1].query == {"page_size": "1", "with_total_size": "true"}
