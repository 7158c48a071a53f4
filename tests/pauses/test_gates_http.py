"""Gates over HTTP: which branches have come, and which are still to come."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.e2e.support import NOBODY, cancel, eventually, masked, not_found, refusal
from tests.harness import Server
from tests.pauses.people import EXECUTIONS, QUOTE, decided, output, paused, receipt


def gate(server: Server, execution_id: str) -> Any:
    [found] = server.execution(execution_id, "/gates")["gates"]
    return masked(found)


def join(state: str, required: int = 2, **names: Any) -> dict[str, Any]:
    return {"gate": "join", "state": state, "required": required, "arrived": [], "missing": [], "skipped": []} | names


def test_gate_waits_for_the_rest_and_passes(desk: Server) -> None:
    execution_id = paused(desk, "both")
    assert gate(desk, execution_id) == join("PENDING", missing=["left", "right"])
    decided(desk, execution_id, "approve", "right")
    assert gate(desk, execution_id) == join("WAITING", arrived=["right"], missing=["left"])
    decided(desk, execution_id, "approve", "left")
    output(desk, execution_id)
    assert gate(desk, execution_id) == join("PASSED", arrived=["left", "right"], pass_time="TIME")


def test_gate_that_waits_for_any_passes_with_the_first(desk: Server) -> None:
    execution_id = paused(desk, "either")
    assert gate(desk, execution_id) == join("PENDING", 1, missing=["left", "right"])
    decided(desk, execution_id, "approve", "right")
    output(desk, execution_id)
    assert gate(desk, execution_id) == join("PASSED", 1, arrived=["right"], pass_time="TIME")


def test_branch_that_was_not_taken_is_not_waited_for(desk: Server, folder: Path) -> None:
    path = folder / "gate"
    execution_id = desk.begin("branches", QUOTE | {"gate": str(path)})
    expected = join("WAITING", 2, arrived=["cheap"], missing=["left"], skipped=["dear"])
    eventually(lambda: gate(desk, execution_id) == expected)
    path.touch()
    assert output(desk, execution_id) == receipt(5, "joined", "joined")
    assert gate(desk, execution_id) == expected | {
        "state": "PASSED",
        "arrived": gate(desk, execution_id)["arrived"],
        "missing": [],
        "pass_time": "TIME",
    }
    assert sorted(gate(desk, execution_id)["arrived"]) == ["cheap", "left"]


def test_gate_whose_branch_failed_has_failed(desk: Server, folder: Path) -> None:
    execution_id = desk.begin("broken", QUOTE | {"gate": str(folder / "gate")})
    assert desk.wait(execution_id)["status"] == "FAILED"
    assert gate(desk, execution_id) == join("FAILED")


def test_gate_of_a_cancelled_execution_is_cancelled(desk: Server) -> None:
    execution_id = paused(desk, "both")
    decided(desk, execution_id, "approve", "right")
    assert cancel(desk, execution_id).status == 200
    assert gate(desk, execution_id) == join("CANCELLED", arrived=["right"])


def test_flow_without_gates_has_none(desk: Server) -> None:
    assert desk.execution(paused(desk, "buy"), "/gates") == {"gates": []}
    assert refusal(desk.request("GET", f"{EXECUTIONS}/{NOBODY}/gates")) == not_found(f"there is no execution {NOBODY}")
