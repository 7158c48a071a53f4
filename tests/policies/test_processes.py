"""A policy holds in every process of a data directory as soon as its answer is there, also for what runs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.e2e.crew import Crew
from tests.harness import open_folder
from tests.policies.conftest import PACKAGES
from tests.policies.rules import ORDER, POLICIES

TIMES = 20
"""Calls, each of a connection of its own: some of them reach the other process."""


@pytest.fixture
def crew() -> Iterator[Crew]:
    folder = open_folder()
    crew = Crew(folder / "data", PACKAGES)
    crew.start()
    yield crew
    crew.end()
    shutil.rmtree(folder)


def test_it_holds_at_once_wherever_the_next_call_goes(crew: Crew) -> None:
    assert {ending(crew) for _ in range(TIMES)} == {"COMPLETED"}
    policy = {"policy_id": "bar", "flow": "paying", "node": "charge", "point": "BEFORE", "block": {}}
    assert crew.request("POST", POLICIES, policy).status == 200
    assert {ending(crew) for _ in range(TIMES)} == {"POLICY_BLOCKED"}
    assert crew.request("DELETE", f"{POLICIES}/bar").status == 200
    assert {ending(crew) for _ in range(TIMES)} == {"COMPLETED"}


def ending(crew: Crew) -> str:
    result = crew.invoke("paying", ORDER)["result"]
    return str(result["error"]["code"]) if "error" in result else "COMPLETED"
