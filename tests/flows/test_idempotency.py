"""A request id stands for one execution, and for a request with all that it was sent with."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from tests.flows.faces import Face, Refused
from tests.harness import Server

NUMBERS = count(1)
HOOK = {"url": "http://127.0.0.1:9/results"}


@pytest.fixture(autouse=True)
def config(kit: Server) -> None:
    kit.request("POST", "/configs/v1/configs", {"config_id": "once", "flow": "napped", "values": {"greeting": "hi"}})


def request_id() -> str:
    return f"flows {next(NUMBERS)}"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"webhook": HOOK},
        {"webhook": HOOK | {"headers": {"X-Shop": "7"}}},
        {"config_id": "once"},
        {"overwrite_cache": True},
    ],
)
def test_same_request_is_the_same_execution(face: Face, fields: Any) -> None:
    key = request_id()
    first, second = (face.invoke("napped", {"value": 1}, request_id=key, **fields) for _ in range(2))
    assert first["execution_id"] == second["execution_id"]
    assert first["result"] == second["result"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"webhook": HOOK}),
        ({"webhook": HOOK}, {"webhook": {"url": "http://127.0.0.1:9/other"}}),
        ({"webhook": HOOK}, {"webhook": HOOK | {"headers": {"X-Shop": "7"}}}),
        ({}, {"config_id": "once"}),
        ({}, {"overwrite_cache": True}),
    ],
)
def test_other_options_are_another_request(face: Face, first: Any, second: Any) -> None:
    key = request_id()
    execution_id = face.invoke("napped", {"value": 1}, request_id=key, **first)["execution_id"]
    with pytest.raises(Refused, match=f"request id '{key}' was used for another request") as refused:
        face.invoke("napped", {"value": 1}, request_id=key, **second)
    assert (refused.value.status, refused.value.reason) == (409, "IDEMPOTENCY_MISMATCH")
    assert face.execution(execution_id)["status"] == "COMPLETED"


def test_execution_that_begins_with_a_pause_is_accepted_once(face: Face) -> None:
    key = request_id()
    first, second = (face.invoke("asked_first", {"value": 5}, request_id=key) for _ in range(2))
    assert (first["execution_id"], first["status"]) == (second["execution_id"], "PAUSED")
    assert face.log(first["execution_id"]) == [
        ("EXECUTION_ACCEPTED", ""),
        ("EXECUTION_STARTED", ""),
        ("NODE_WAITING", "ask"),
        ("EXECUTION_PAUSED", ""),
    ]
    face.approve(first["execution_id"], "ask")
    third = face.invoke("asked_first", {"value": 5}, request_id=key)
    assert third["result"]["output"] == {"value": 5}
