"""Splits and deprecations as callers see them through a gateway in a process of its own."""

from __future__ import annotations

from penstock.wire.share import share_of
from tests.e2e.support import INVOKE
from tests.e2e.test_versions import change, compiled, point, version
from tests.harness import Server


def test_split_is_sticky_by_request_id_and_a_move_is_followed_at_once(lab: Server) -> None:
    compiled(lab, "splits_apart", "one")
    compiled(lab, "splits_apart", "two")
    for weights in ({"v1": 60, "v2": 40}, {"v1": 20, "v2": 80}, {"v2": 100}):
        point(lab, "splits_apart", **weights)
        ids = [f"apart-{weights['v2']}-{number}" for number in range(8)]
        expected = [1 if share_of(request_id) < 100 - weights["v2"] else 2 for request_id in ids]
        assert [version(lab, "splits_apart", request_id=request_id) for request_id in ids] == expected
    point(lab, "splits_apart", v1=50, v2=50)
    # 60 that all go to one of two have 2 chances in 2 to the 60.
    assert {version(lab, "splits_apart") for _ in range(60)} == {1, 2}


def test_deprecation_is_told_and_retirement_refuses(lab: Server) -> None:
    graph_id = compiled(lab, "fades_apart", "one")
    assert change(lab, graph_id, "deprecate").status == 200
    request = {"flow": "fades_apart", "input": {"text": "x"}, "wait": True}
    answer = lab.request("POST", INVOKE, request)
    assert (answer.status, answer.headers["Deprecation"][:1], "deprecation" in answer.json) == (202, "@", True)
    compiled(lab, "fades_apart", "two")
    assert change(lab, graph_id, "retire").status == 200
    answer = lab.request("POST", INVOKE, {"graph_id": graph_id, "input": {"text": "x"}})
    assert (answer.status, answer.json["reason"]) == (409, "RETIRED")
