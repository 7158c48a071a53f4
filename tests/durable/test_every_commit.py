"""The process dies after any commit of an execution, again and again, and the end is the one of an undisturbed run.

A kill -9 for each commit of each capability would take an hour. So many executions run at once, each freezes at a
commit of its own, as if the process had died right there, and then it does.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from tests.durable.acts import ENDS, Acts, children_of, core
from tests.durable.stage import Stage, events, executions, until
from tests.harness import Server

IN_ORDER = [
    "retrying",
    "falling",
    "choosing",
    "calling",
    "calling_asking",
    "asking",
    "expiring",
    "rejecting",
    "napping",
    "undoing",
    "caching",
    "configured",
    "telling",
    "secretive",
    "guarded",
    "barred",
]
IN_ANY_ORDER = ["joining", "racing", "finishing", "mapping", "listening", "cancelling"]
"""Flows whose branches, items or visitors come as they like."""
FLOWS = [*IN_ORDER, *IN_ANY_ORDER, "bounded"]
"""The deadline of `bounded` passes while nobody runs it: what it did before depends on when that was."""

CONFIG = "acts_rates"
SECRET = "sesame-open"
POLICIES: dict[str, dict[str, Any]] = {
    "ask": {"flow": "guarded", "node": "asked", "point": "BEFORE", "require_approval": {"message": "Go on?"}},
    "note": {"flow": "guarded", "node": "asked", "point": "BEFORE", "block": {}, "dry_run": True},
    "hold": {"flow": "guarded", "node": "held", "point": "AFTER", "require_approval": {}},
    "mask": {"flow": "guarded", "node": "held", "point": "AFTER", "redact": {"fields": ["number"]}},
    "let": {"flow": "guarded", "node": "last", "point": "BEFORE", "allow": {}},
    "bar": {"flow": "barred", "node": "barred", "point": "AFTER", "block": {"reason": "no"}},
}
PARENTS = {"calling", "calling_asking"}
POINTS_MIN = 3
"""Commits of the shortest of these flows."""


@pytest.fixture
def acts(stage: Stage) -> Acts:
    stage.server.request("PUT", "/configs/v1/secrets/acts_token", {"value": SECRET})
    config = {"config_id": CONFIG, "flow": "configured", "values": {"rate": 7}}
    stage.server.request("POST", "/configs/v1/configs", config)
    for policy_id, policy in POLICIES.items():
        path = f"/policies/v1/policies/{policy_id}?allow_missing=true"
        answer = stage.server.request("PATCH", path, policy)
        assert answer.status == 200, answer.body
    lines = stage.new_path()
    lines.touch()
    return Acts(stage, lines)


def begin(acts: Acts, flow: str, freeze_after: int = 0) -> None:
    # Each has an input of its own: none finds the output of another in the cache.
    number = freeze_after if flow == "caching" else 0
    acts.begin(flow, number, freeze_after, **({"config_id": CONFIG} if flow == "configured" else {}))


def outcome(server: Server, row: Any) -> Any:
    """Status, and output or error, of an execution that has ended."""
    found = server.execution(row["execution_id"], "/output")
    point = int(row["labels"]["freeze_after"]) if row["flow"] == "caching" else 0
    number = found["output"]["number"] - point if "output" in found else None
    return row["status"], number, found.get("error", {}).get("code")


def comparable(flow: str, log: list[Any]) -> Any:
    """What has to be equal in all executions of a flow."""
    if flow == "bounded":
        return log[-1]["type"]
    # Whether somebody has to be waited for depends on when they come.
    found = [one for one in core(log) if one[:2] != ("NODE_WAITING", "ear")]
    return found if flow in IN_ORDER else (sorted(found), log[-1]["type"])


def test_after_every_commit_an_execution_ends_as_if_undisturbed(stage: Stage, acts: Acts) -> None:
    server = acts.server
    with acts.tended():
        for flow in FLOWS:
            begin(acts, flow)
        until(lambda: len(acts.rows()) == len(FLOWS) and {row["status"] for row in acts.rows()} <= ENDS)
    wanted, logs = {}, {}
    for row in acts.rows():
        logs[row["flow"]] = log = events(server, row["execution_id"])
        wanted[row["flow"]] = (outcome(server, row), comparable(row["flow"], log))

    frozen = stage.new_path()
    acts = Acts(stage, acts.lines)
    stage.kill()
    stage.start(freeze=frozen)
    with acts.tended():
        # A step has one event at least: no execution has more commits than events.
        points = [(flow, point) for flow in FLOWS for point in range(1, len(logs[flow]) + 1)]
        for flow, point in points:
            begin(acts, flow, point)
        acts.settle(len(points), frozen)
    first_frozen = set(frozen.read_text().split())
    stage.kill()
    # What the first process left is left again by the second, one commit later.
    again = stage.new_path()
    stage.start(freeze=again, freeze_resumed=1)
    change_config(server)
    with acts.tended():
        acts.settle(len(points), again)
    stage.kill()
    stage.start()
    with acts.tended():
        until(lambda: {row["status"] for row in executions(server)} <= ENDS)

    rows = {row["execution_id"]: row for row in acts.rows()}
    frozen_by_flow = Counter(rows[execution_id]["flow"] for execution_id in first_frozen)
    assert {flow: count for flow, count in frozen_by_flow.items() if count < POINTS_MIN} == {}
    assert len(frozen_by_flow) == len(FLOWS)
    assert again.read_text() != ""
    found = {one: events(server, one) for one in rows}
    assert {one: (outcome(server, row), comparable(row["flow"], found[one])) for one, row in rows.items()} == {
        one: wanted[row["flow"]] for one, row in rows.items()
    }
    found |= children(server, rows)
    assert [one for one, log in found.items() if [e["sequence"] for e in log] != list(range(1, len(log) + 1))] == []
    assert [
        one for one, log in found.items() if (most := Counter(successes(log)).most_common(1)) and most[0][1] > 1
    ] == []
    assert acts.breaches(found) == []
    assert SECRET not in json.dumps(found) + server.log


def change_config(server: Server) -> None:
    """Executions that were accepted before keep what they had."""
    answer = server.request("PATCH", f"/configs/v1/configs/{CONFIG}", {"values": {"rate": 9}})
    assert answer.status == 200, answer.body


def children(server: Server, rows: dict[str, Any]) -> dict[str, list[Any]]:
    """The logs of the children: one a sub-flow that was reached, and no other."""
    accepted: dict[str, list[str]] = {}
    for row in executions(server):
        if (parent := row.get("parent_execution_id")) in rows:
            accepted.setdefault(parent, []).append(row["execution_id"])
    assert {one: children_of(server, one) for one, row in rows.items() if row["flow"] in PARENTS} == accepted
    found = {child: events(server, child) for (child,) in accepted.values()}
    assert {log[-1]["type"] for log in found.values()} == {"EXECUTION_COMPLETED"}
    return found


def successes(log: list[Any]) -> list[tuple[str, int]]:
    kinds = ("NODE_SUCCEEDED", "ITEM_SUCCEEDED")
    return [(event["node"], event.get("item", -1)) for event in log if event["type"] in kinds]
