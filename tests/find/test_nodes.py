"""Node executions of all executions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.find.faces import EXECUTIONS, Face, HttpFace, Refused
from tests.find.sales import Sales

FOUND = {
    "flow = sale AND status = SUCCEEDED AND node = check": [("bare", "check"), ("huge", "check"), ("gold", "check")],
    "status = FAILED": [("refused", "price")],
    "status = WAITING": [("paused", "approve")],
    "node = approve": [("paused", "approve")],
    'node = "pri*" AND NOT flow = sale': [("paused", "price")],
    "error.code = BELOW_ZERO": [("refused", "price")],
    "error.class = LOGIC AND flow = sale": [("refused", "price")],
    "error.class = PROVIDER": [],
    "status = SKIPPED": [("refused", "check")],
    "use = market/read": [("note", "read")],
    "duration > 1h": [],
    "attempt_count > 1": [],
    "complete_time < 2026-01-01T00:00:00Z": [],
    "NOT complete_time:*": [("paused", "approve"), ("refused", "check")],
    "node = nowhere": [],
    "flow = note": [("note", "read")],
}


def named(sales: Sales, nodes: list[Any]) -> list[tuple[str, str]]:
    known = {execution_id: name for name, execution_id in sales.ids.items()}
    return [(known[node["execution_id"]], node["node"]) for node in nodes if node["execution_id"] in known]


@pytest.mark.parametrize("text", FOUND)
def test_filter_finds_nodes_of_all_executions(faces: dict[str, Face], sales: Sales, text: str) -> None:
    assert named(sales, faces["http"].nodes(text)) == FOUND[text]


def test_every_face_gives_the_same_nodes(faces: dict[str, Face], sales: Sales) -> None:
    lists = [face.nodes("flow = sale") for face in faces.values()]
    assert lists[0] == lists[1] == lists[2]
    assert len(lists[0]) == 8


def test_node_of_a_list_is_that_of_its_execution(faces: dict[str, Face], sales: Sales) -> None:
    http = faces["http"]
    assert isinstance(http, HttpFace)
    of_one = http.ask(f"{EXECUTIONS}/{sales.ids['refused']}/nodes")["nodes"]
    of_all = [node for node in http.nodes("flow = sale") if node["execution_id"] == sales.ids["refused"]]
    beside = {"execution_id": sales.ids["refused"], "flow": "sale", "version": 1}
    assert of_all == [node | beside for node in of_one]
    assert http.ask(f"{EXECUTIONS}/{sales.ids['refused']}/nodes", filter="status = FAILED")["nodes"] == of_one[:1]


def test_pages_of_nodes_are_the_whole_list_in_pieces(faces: dict[str, Face], sales: Sales) -> None:
    http = faces["http"]
    assert isinstance(http, HttpFace)
    for path in (f"{EXECUTIONS}/-/nodes", f"{EXECUTIONS}/{sales.ids['gold']}/nodes"):
        found, token = [], ""
        while True:
            page = http.ask(path, filter="flow = sale", page_size=1, page_token=token)
            found += page["nodes"]
            token = page["next_page_token"]
            if not token:
                break
        assert found == http.ask(path, filter="flow = sale", page_size=1000)["nodes"]


def test_what_is_no_filter_over_nodes_is_refused(faces: dict[str, Face]) -> None:
    with pytest.raises(Refused) as caught:
        faces["http"].nodes("labels.team = blue")
    assert str(caught.value) == (
        "filter: position 1: expected one of node, status, flow, graph_id, version, execution_id, create_time, use, "
        'start_time, complete_time, duration, attempt_count, error.class, error.code, got "labels.team"'
    )
