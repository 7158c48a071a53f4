"""The cache: an output that is known is not computed again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from tests.flows.faces import Face

NUMBERS = count(1)


@pytest.fixture
def number() -> int:
    """One that no other test uses."""
    return next(NUMBERS)


def test_same_input_is_computed_once(face: Face, number: int) -> None:
    first, second = (face.invoke("cached", {"value": number}) for _ in range(2))
    assert first["result"]["output"] == second["result"]["output"] == {"value": 1}
    assert face.output("cached", {"value": -number}) == {"value": 1}
    assert "cache_hit" not in face.nodes(first["execution_id"])["kept"]
    node = face.nodes(second["execution_id"])["kept"]
    assert (node["status"], node["cache_hit"]) == ("SUCCEEDED", True)
    end = next(event for event in face.events(second["execution_id"]) if event["type"] == "NODE_SUCCEEDED")
    assert end["cache_hit"] is True


def test_two_at_once_compute_once(face: Face, number: int) -> None:
    with ThreadPoolExecutor(5) as pool:
        outputs = list(pool.map(lambda _: face.output("cached", {"value": number}), range(5)))
    assert outputs == [{"value": 1}] * 5


def test_another_version_is_computed_anew(face: Face, number: int) -> None:
    assert face.output("cached", {"value": number}) == {"value": 1}
    assert face.output("cached_anew", {"value": number}) == {"value": 2}


def test_what_is_kept_can_be_overwritten(face: Face, number: int) -> None:
    assert face.output("cached", {"value": number}) == {"value": 1}
    assert face.output("cached", {"value": number}, overwrite_cache=True) == {"value": 2}
    assert face.output("cached", {"value": number}) == {"value": 2}


def test_computing_that_was_cancelled_or_failed_leaves_nobody_waiting(face: Face, number: int) -> None:
    execution_id = face.begin("cached_hung", {"value": 1000 + number})
    face.until_node(execution_id, "kept", "RUNNING")
    waiting = face.begin("cached_hung", {"value": 1000 + number})
    face.cancel(execution_id)
    assert face.wait(waiting)["status"] == "COMPLETED"
    _, error = face.failed("cached_failing", {"value": 2000 + number})
    assert error["code"] == "FIRST"
    assert face.output("cached_failing", {"value": 2000 + number}) == {"value": 2}
