"""A plain function that finds no thread knows its place in the queue."""

from __future__ import annotations

from pathlib import Path

from penstock.engine.domain import limits
from tests.e2e.support import cancel
from tests.explain.looks import explained_as
from tests.harness import running


def test_node_that_waits_for_a_thread_knows_its_place() -> None:
    with running(Path(__file__).parent / "packages") as server:
        blocked = [server.begin("block", {}) for _ in range(limits.THREADS_MAX + 2)]
        explanation = explained_as(server, blocked[-1], "QUEUED")
        assert explanation["status"] == "RUNNING"
        [cause] = explanation["causes"]
        assert (cause["node"], cause["reason"], cause["queue_position"], cause["queue_size"]) == (
            "block",
            "QUEUED",
            2,
            2,
        )
        assert explanation["summary"].endswith(
            f"which runs {limits.THREADS_MAX} plain functions at once: place 2 of 2 in the queue."
        )
        assert explained_as(server, blocked[0], "RUNNING_NODE")["causes"][0]["node"] == "block"
        for execution_id in blocked:
            cancel(server, execution_id)
