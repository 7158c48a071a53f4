"""What filters find, the same through every face."""

from __future__ import annotations

import pytest

from tests.find.faces import EXECUTIONS, Face, HttpFace, Refused
from tests.find.sales import GIVEN, Sales
from tests.harness import Server

ALL = list(GIVEN)[::-1]

FOUND = {
    "": ALL,
    "flow = sale": ["refused", "bare", "huge", "gold"],
    "flow = sale AND status = COMPLETED": ["bare", "huge", "gold"],
    "flow = sale OR flow = note": ["note", "refused", "bare", "huge", "gold"],
    "NOT flow = sale": ["note", "paused"],
    "status = FAILED OR status = PAUSED": ["paused", "refused"],
    "alias = live": ALL,
    'alias = "note@live"': ["note"],
    "alias != live": [],
    "alias = nobody": [],
    "error.code = BELOW_ZERO": ["refused"],
    "error.code != BELOW_ZERO": ["note", "paused", "bare", "huge", "gold"],
    'error.code = "BELOW*"': ["refused"],
    "error.node = price": ["refused"],
    "error.node:*": ["refused"],
    "error.class = LOGIC AND flow = sale": ["refused"],
    "classification = LOGIC_BUG": ["refused"],
    "classification = APPROVAL_PENDING": ["paused"],
    "classification != APPROVAL_PENDING": ["note", "refused", "bare", "huge", "gold"],
    "classification:*": ["paused", "refused"],
    "node.ran = check": ["bare", "huge", "gold"],
    "node.ran = price": ["paused", "refused", "bare", "huge", "gold"],
    "node.ran != price": ["note"],
    "node.ran = nowhere": [],
    "node.waiting = approve": ["paused"],
    "node.waiting = price": [],
    "duration < 1h": ALL,
    "duration >= 1s AND NOT status = PAUSED": [],
    "labels.sale = bare OR labels.sale = huge": ["bare", "huge"],
    "labels.sale = gold AND flow = sale": ["gold"],
    "start_time > 2026-01-01T00:00:00Z": ALL,
    "update_time < 2026-01-01T00:00:00Z": [],
    "create_time > 2999-01-01T00:00:00Z": [],
    "create_time > 0001-01-01T00:00:00Z AND create_time < 9999-12-31T23:59:59Z": ALL,
    "complete_time:* AND complete_time > 2026-01-01T00:00:00Z": ["note", "refused", "bare", "huge", "gold"],
    "input.customer.id = c1": ["paused", "refused", "gold"],
    'input.customer.id = "c1" AND output.total > 100': ["gold"],
    'input.customer.id = "c*"': ["paused", "refused", "huge", "gold"],
    "input.customer.id > c1": ["huge"],
    "input.customer.id = ''": [],
    "input.customer.id:* AND flow = sale": ["refused", "huge", "gold"],
    "NOT input.customer.id:*": ["note", "bare"],
    "input.customer.nickname:*": ["gold"],
    "input.customer.nickname != Goldie": ["note", "paused", "refused", "bare", "huge"],
    "input.customer.tier = GOLD": ["refused", "gold"],
    "input.weight = 0.1": ["gold"],
    "input.weight >= 0.1": ["huge", "gold"],
    "input.express = true": ["gold"],
    "input.express = false AND flow = sale": ["refused", "bare", "huge"],
    "input.due < 2026-02-01T12:00:00+01:00": ["gold"],
    "input.due = 2026-02-01T10:00:00.5Z": ["gold"],
    "input.number = 7": ["note", "gold"],
    "input.number = -3": ["huge"],
    "output.total = 9007199254740993": ["huge"],
    "output.total = 9007199254740992": [],
    "output.total > 4e3 AND output.total < 4.1e3": ["gold"],
    "NOT output.total:*": ["note", "paused", "refused"],
    "input.customer.id = c1 AND NOT (status = FAILED OR output.total = 4050)": ["paused"],
}


@pytest.mark.parametrize("text", FOUND)
def test_filter_finds(faces: dict[str, Face], sales: Sales, text: str) -> None:
    assert sales.names(faces["http"].executions(text)) == FOUND[text]


@pytest.mark.parametrize("text", ["input.customer.id = c1 AND output.total > 100", "node.waiting = approve", ""])
def test_every_face_gives_the_same(faces: dict[str, Face], sales: Sales, text: str) -> None:
    lists = [
        face.executions(f"NOT status = PAUSED AND {text}" if text else "complete_time:*") for face in faces.values()
    ]
    assert lists[0] == lists[1] == lists[2]


def test_graph_id_finds_the_executions_of_one_version(faces: dict[str, Face], sales: Sales) -> None:
    [execution] = faces["http"].executions("flow = note")
    text = f'graph_id = "{execution["graph_id"]}"'
    assert sales.names(faces["http"].executions(text)) == ["note"]
    assert sales.names(faces["http"].executions(f"NOT {text}")) == [name for name in ALL if name != "note"]


def test_execution_made_from_another_is_found_by_its_own_values(
    market: Server, faces: dict[str, Face], sales: Sales
) -> None:
    answer = market.request("POST", f"{EXECUTIONS}/{sales.ids['note']}:relaunch", {})
    made = answer.json["execution_id"]
    assert market.wait(made)["status"] == "COMPLETED"
    found = faces["http"].executions(f"input.number = 7 AND execution_id = {made}")
    assert [each["execution_id"] for each in found] == [made]


REFUSED = {
    "input.customer.name = x": "position 1: expected one of the searchable fields input.customer.id, "
    "input.customer.nickname, input.customer.tier, input.due, input.express, input.number, input.weight, output.total, "
    'got "input.customer.name"',
    "input.weight = heavy": 'position 16: expected a number, got "heavy"',
    "input.customer.tier = SILVER": 'position 23: expected one of GOLD, STANDARD, got "SILVER"',
    "input.customer.tier > GOLD": 'position 21: expected =, !=, : after input.customer.tier, got ">"',
    "input.due = tomorrow": 'position 13: expected a time such as "2026-01-31T12:00:00Z", got "tomorrow"',
    "input.express = yes": 'position 17: expected true or false, got "yes"',
    "input. = 1": 'position 8: expected the rest of a name after input., got "="',
    "output.total": "position 13: expected a comparison such as output.total = 100, got end of text",
    "duration > soon": 'position 12: expected a length of time such as 10s, 200ms or 1h30m, got "soon"',
    "error.code EMPTY": 'position 12: expected a comparison such as error.code = "NODE_RAISED", got "EMPTY"',
    "error.kind = USER": "position 1: expected one of status, execution_id, parent_execution_id, flow, graph_id, "
    "version, alias, mode, create_time, start_time, update_time, complete_time, duration, failure_class, "
    "classification, error.class, error.code, error.node, node.ran, node.waiting, labels.<key>, input.<path>, "
    "output.<path>, "
    'got "error.kind"',
    "alias = l*": 'position 9: expected a name, got "l*"',
    "node.ran:*": 'position 10: expected a name, got "*"',
    "node.ran > a": 'position 10: expected =, !=, : after node.ran, got ">"',
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_filter_is_refused_with_its_position(faces: dict[str, Face], text: str) -> None:
    with pytest.raises(Refused) as caught:
        faces["http"].executions(text)
    assert str(caught.value) == f"filter: {REFUSED[text]}"


def test_every_face_refuses_in_the_same_words(faces: dict[str, Face]) -> None:
    said = []
    for face in faces.values():
        with pytest.raises(Refused) as caught:
            face.executions("input.nothing = 1")
        said.append(str(caught.value))
    assert len(set(said)) == 1


@pytest.mark.parametrize(
    ("order_by", "names"),
    [
        ("create_time asc", list(GIVEN)),
        ("complete_time", ["gold", "huge", "bare", "refused", "note"]),
        ("complete_time desc", ["note", "refused", "bare", "huge", "gold"]),
    ],
)
def test_order(faces: dict[str, Face], sales: Sales, order_by: str, names: list[str]) -> None:
    assert sales.names(faces["http"].executions("", order_by)) == names


def test_duration_orders_those_that_have_ended(faces: dict[str, Face], sales: Sales) -> None:
    found = faces["http"].executions("", "duration desc")
    lengths = [float(each["duration"].removesuffix("s")) for each in found]
    assert lengths == sorted(lengths, reverse=True)
    assert sorted(sales.names(found)) == sorted(set(GIVEN) - {"paused"})


@pytest.mark.parametrize("order_by", ["create_time desc", "complete_time asc", "duration desc"])
def test_pages_are_the_whole_list_in_pieces(faces: dict[str, Face], sales: Sales, order_by: str) -> None:
    http = faces["http"]
    assert isinstance(http, HttpFace)
    found, token = [], ""
    while True:
        page = http.ask(
            "/invocations/v1/executions", filter="labels:sale", order_by=order_by, page_size=2, page_token=token
        )
        found += page["executions"]
        token = page["next_page_token"]
        if not token:
            break
        assert len(page["executions"]) == 2
    assert sales.names(found) == sales.names(http.executions("labels:sale", order_by))


def test_total_size_is_given_when_it_is_asked_for(faces: dict[str, Face], sales: Sales) -> None:
    http = faces["http"]
    assert isinstance(http, HttpFace)
    path = "/invocations/v1/executions"
    page = http.ask(path, filter="input.customer.id = c1", page_size=1, with_total_size="true")
    assert (len(page["executions"]), page["total_size"], page["total_size_exact"]) == (1, 3, True)
    assert "total_size" not in http.ask(path, filter="input.customer.id = c1", page_size=1)
    page = http.ask(path, filter="flow = sale", order_by="duration", page_size=1, with_total_size="true")
    assert (page["total_size"], page["total_size_exact"]) == (4, True)
