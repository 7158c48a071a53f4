"""`penstock artifacts diff` against a scripted server."""

from __future__ import annotations

import json

import pytest

from penstock.cli.changes import sentences
from tests.cli.conftest import Penstock
from tests.cli.fake_server import Answer, FakeServer, refusal

A, B = "01KA0000000000000000000000", "01KB0000000000000000000000"
DIFF = "GET /flows/v1/artifacts:diff"
WHAT = "field shop.Order.item (number 1) was string and is int32"


def diff(**members: object) -> dict[str, object]:
    nothing = {"wire_breaking": False, "json_breaking": False, "source_breaking": False}
    return {"before": A, "after": B, **nothing, "changes": [], "graph_changes": [], "pinned": [], **members}


def change(rule: str, *levels: str, what: str = WHAT) -> dict[str, object]:
    return {"rule": rule, "levels": list(levels), "path": "input.item", "message": what}


BROKEN = diff(
    wire_breaking=True,
    json_breaking=True,
    source_breaking=True,
    changes=[
        change("FIELD_SAME_TYPE", "SOURCE"),
        change("FIELD_WIRE_COMPATIBLE_TYPE", "WIRE"),
        change("FIELD_WIRE_JSON_COMPATIBLE_TYPE", "JSON"),
        change("FIELD_SAME_JSTYPE", "SOURCE", what="something else"),
    ],
    graph_changes=[{"kind": "ADDED", "subject": "node label", "message": "is shop/label"}],
    pinned=[{"graph_id": A, "version": 3, "execution_count": 12}],
)


def test_a_thing_that_breaks_by_several_rules_is_one_row(server: FakeServer, penstock: Penstock) -> None:
    server.on(DIFF, Answer(BROKEN))
    outcome = penstock("artifacts", "diff", A, "shop@live")
    assert (outcome.code, outcome.err) == (1, "")
    assert outcome.out.splitlines() == [
        f"{A} -> {B} breaks WIRE, JSON, SOURCE",
        "",
        "BREAKS              PATH        WHAT",
        f"WIRE, JSON, SOURCE  input.item  {WHAT}",
        "SOURCE              input.item  something else",
        "",
        "INSIDE  SUBJECT     WHAT",
        "ADDED   node label  is shop/label",
        "",
        "PINNED                      VERSION  EXECUTIONS",
        f"{A}  3        12",
    ]
    assert server.requests[0].query == {"before": A, "after": "shop@live"}


@pytest.mark.parametrize(("levels", "code"), [((), 0), (("source",), 0), (("json",), 1), (("wire",), 1)])
def test_the_exit_code_says_whether_callers_break(
    server: FakeServer, penstock: Penstock, levels: tuple[str, ...], code: int
) -> None:
    server.on(DIFF, Answer(diff(**{f"{level}_breaking": True for level in levels})))
    outcome = penstock("artifacts", "diff", A, B)
    broken = ", ".join(levels).upper() or "nobody"
    assert (outcome.code, outcome.out) == (code, f"{A} -> {B} breaks {broken}\n")


def test_json_is_the_answer_of_the_server(server: FakeServer, penstock: Penstock) -> None:
    server.on(DIFF, Answer(BROKEN))
    assert json.loads(penstock("artifacts", "diff", A, B, "--output", "json").out) == BROKEN


def test_an_artifact_that_is_not_there_is_one_line(server: FakeServer, penstock: Penstock) -> None:
    server.on(DIFF, refusal("there is no flow shop@live", "NOT_FOUND", 404))
    outcome = penstock("artifacts", "diff", A, "shop")
    assert (outcome.code, outcome.out, outcome.err) == (1, "", "penstock: there is no flow shop@live\n")


def test_sentences_are_none_without_a_diff() -> None:
    assert sentences({}) == []
