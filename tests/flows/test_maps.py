"""Maps: results in order, a checkpoint and attempts of its own for each item, and how many must succeed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.faces import Face


def nums(*values: int) -> Any:
    return {"items": [{"value": value} for value in values]}


def values(output: Any) -> list[int]:
    return [item.get("value", 0) for item in output.get("items", [])]


def test_results_come_in_the_order_of_the_items(face: Face) -> None:
    # 8 fails twice and 7 hangs once, while the others go on.
    answer = face.invoke("mapped", nums(8, 1, 7, 2, 3))
    execution_id = answer["execution_id"]
    assert values(answer["result"]["output"]) == [83, 11, 72, 21, 31]
    node = face.nodes(execution_id)["each"]
    assert (node["item_count"], node["items_succeeded"], node.get("items_failed", 0)) == (5, 5, 0)
    attempts = face.attempts(execution_id, "each")
    by_item: dict[int, list[str]] = {}
    for attempt in attempts:
        if "item" in attempt:
            by_item.setdefault(attempt["item"], []).append(attempt["status"])
    assert by_item == {
        0: ["RETRYABLE_FAILED", "RETRYABLE_FAILED", "SUCCEEDED"],
        1: ["SUCCEEDED"],
        2: ["RETRYABLE_FAILED", "SUCCEEDED"],
        3: ["SUCCEEDED"],
        4: ["SUCCEEDED"],
    }
    timeout = next(attempt["error"] for attempt in attempts if attempt.get("item") == 2)
    assert timeout["code"] == "NODE_TIMEOUT"


def test_map_over_nothing_gives_nothing(face: Face) -> None:
    answer = face.invoke("mapped", {})
    assert values(answer["result"].get("output", {})) == []
    assert face.nodes(answer["execution_id"])["each"]["status"] == "SUCCEEDED"


def test_item_that_fails_for_good_fails_the_map(face: Face) -> None:
    execution_id, error = face.failed("mapped", nums(1, -5, 2))
    assert (error["code"], error["node"]) == ("MAP_ITEMS_FAILED", "each")
    assert error["message"].endswith("the last one: -5 is wrong")
    log = face.events(execution_id)
    failed = next(event for event in log if event["type"] == "ITEM_FAILED")
    assert (failed["item"], failed["error"]["code"]) == (1, "WRONG")
    assert face.statuses(execution_id) == {"each": "FAILED"}


@pytest.mark.parametrize(
    ("flow", "items", "wanted"),
    [
        pytest.param("mapped_two", (1, -1, 2, -2), [11, 21], id="number"),
        pytest.param("mapped_half", (1, -1, 2, -2), [11, 21], id="ratio"),
        pytest.param("mapped_half", (-1, 1, 2), [11, 21], id="ratio rounded up"),
    ],
)
def test_enough_items_that_succeed_are_enough(face: Face, flow: str, items: tuple[int, ...], wanted: list[int]) -> None:
    answer = face.invoke(flow, nums(*items))
    assert values(answer["result"]["output"]) == wanted
    node = face.nodes(answer["execution_id"])["each"]
    assert (node["items_succeeded"], node["items_failed"]) == (2, len(items) - 2)


@pytest.mark.parametrize(("flow", "items"), [("mapped_two", (1, -1, -2)), ("mapped_half", (-1, -2, 1))])
def test_too_few_items_that_succeed_fail_the_map(face: Face, flow: str, items: tuple[int, ...]) -> None:
    _, error = face.failed(flow, nums(*items))
    assert error["code"] == "MAP_ITEMS_FAILED"


def test_ten_thousand_items_are_no_trouble(face: Face) -> None:
    answer = face.invoke("mapped_many", {"value": 10_000})
    assert answer["result"]["output"] == {"value": sum(range(1, 10_001))}
    node = face.nodes(answer["execution_id"])["each"]
    assert (node["item_count"], node["items_succeeded"]) == (10_000, 10_000)


def test_too_many_items_are_refused(face: Face) -> None:
    execution_id, error = face.failed("mapped_many", {"value": 100_001})
    assert (error["code"], error["message"], error["node"]) == (
        "TOO_MANY_ITEMS",
        "each has 100,001 items; the limit is 100,000",
        "each",
    )
    assert ("ITEM_SUCCEEDED", "each") not in face.log(execution_id)


def test_results_that_make_no_message_fail_the_map(face: Face) -> None:
    execution_id, error = face.failed("mapped_large", {"value": 20})
    assert (error["code"], error["node"]) == ("OUTPUT_TOO_LARGE", "each")
    assert "the limit is 4,194,304" in error["message"]
    # It is given up as soon as that is clear.
    assert len([kind for kind, _ in face.log(execution_id) if kind == "ITEM_SUCCEEDED"]) <= 8
