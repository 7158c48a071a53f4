"""Many executions go on with one value: those that it fits."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from penstock.engine.rpc.acts.bulk_acts import _unless_too_late
from penstock.wire.status import Code, RpcError
from tests.bulk.conftest import HttpBulk, Penstock, chosen, counts, ended
from tests.bulk.test_bulk import begun
from tests.durable.stage import events, until
from tests.flows.faces import Refused
from tests.harness import Server

HEAVY = {"kilos": 7}
THREE_KILOS = base64.b64encode(b"\x08\x03").decode()


def paused(server: Server, flow: str, door: Path, count: int) -> list[str]:
    found = begun(server, flow, door, count)
    assert {server.wait(each)["status"] for each in found} == {"PAUSED"}
    return found


def pauses(server: Server, execution_id: str) -> list[tuple[str, str]]:
    return [(each["pause"], each["state"]) for each in server.execution(execution_id, "/pauses")["pauses"]]


def listening(server: Server, door: Path, count: int) -> list[str]:
    found = begun(server, "hears", door, count)
    for each in found:
        until(lambda each=each: any(event["type"] == "NODE_WAITING" for event in events(server, each)))
    return found


def received(server: Server, execution_id: str) -> list[Any]:
    return [event for event in events(server, execution_id) if event["type"] == "SIGNAL_RECEIVED"]


def test_pauses_go_on_with_the_value_where_it_fits(yard: Server, bulk: HttpBulk, door: Path) -> None:
    weighed, asked = paused(yard, "weighs", door, 2), paused(yard, "asks", door, 1)
    parameters = {"value": HEAVY, "comment": "on the scale"}
    end = ended(bulk, bulk.create(verb="RESUME", filter=chosen(door), parameters=parameters))
    assert (end["state"], counts(end)) == ("SUCCEEDED", (3, 2, 0, 1))
    [problem] = end["problems"]
    assert (problem["execution_id"], problem["code"]) == (asked[0], "INVALID_ARGUMENT")
    assert problem["message"].startswith("value.kilos: ")
    pause = until(lambda: yard.execution(weighed[0], "/pauses")["pauses"])[0]
    facts = {name: pause[name] for name in ("state", "comment", "decided_by", "value")}
    assert facts == {
        "state": "RESUMED",
        "comment": "on the scale",
        "decided_by": end["created_by"],
        "value": HEAVY,
    }
    # What it came to meanwhile was not open when somebody asked.
    for each in weighed:
        yard.wait(each)
        assert pauses(yard, each) == [("weigh", "RESUMED"), ("again", "OPEN")]
    assert pauses(yard, asked[0]) == [("allow", "OPEN")]
    assert bulk.get(end["operation_id"])["parameters"] == parameters | {
        name: "" for name in ("reason", "pause", "flow", "node", "signal") if name in end["parameters"]
    }


def test_value_in_protobuf_is_checked_as_well(yard: Server, bulk: HttpBulk, door: Path) -> None:
    weighed = paused(yard, "weighs", door, 1)
    asked = {"verb": "RESUME", "filter": chosen(door)}
    bad = ended(bulk, bulk.create(**asked, parameters={"value_bytes": base64.b64encode(b"\xff").decode()}))
    assert (counts(bad), bad["problems"][0]["message"]) == (
        (1, 0, 0, 1),
        "value_bytes: expected a message yard.Weight in protobuf, got other bytes",
    )
    end = ended(bulk, bulk.create(**asked, parameters={"value_bytes": THREE_KILOS, "pause": "weigh"}))
    assert counts(end) == (1, 1, 0, 0)
    assert yard.execution(weighed[0], "/pauses")["pauses"][0]["value"] == {"kilos": 3}


def test_dry_run_tells_which_would_refuse_the_value_and_why(yard: Server, bulk: HttpBulk, door: Path) -> None:
    asked, weighed = paused(yard, "asks", door, 1), paused(yard, "weighs", door, 1)
    begun(yard, "lingers", door, 1)
    request = {"verb": "RESUME", "filter": chosen(door), "dry_run": True}
    found = bulk.create(**request, parameters={"value": {"kilos": "x"}})
    assert (counts(found), found["checked"], found["operation_id"]) == ((3, 0, 1, 2), 3, "")
    assert {each["execution_id"]: each["message"][:13] for each in found["problems"]} == {
        asked[0]: "value.kilos: ",
        weighed[0]: "value.kilos: ",
    }
    assert 'expected int64, got "x"' in found["problems"][1]["message"]
    found = bulk.create(**request, parameters={"value": HEAVY, "pause": "weigh"})
    assert (counts(found), found["checked"], found["problems"]) == ((3, 0, 2, 0), 3, [])
    assert [pauses(yard, each)[0][1] for each in (*asked, *weighed)] == ["OPEN", "OPEN"]
    door.touch()


def test_signal_is_sent_once_to_each_whose_flow_takes_it(yard: Server, bulk: HttpBulk, door: Path) -> None:
    listening_ones, asked = listening(yard, door, 2), paused(yard, "asks", door, 1)
    parameters = {"signal": "go", "payload": HEAVY}
    dry = bulk.create(verb="SIGNAL", filter=chosen(door), parameters=parameters, dry_run=True)
    assert (counts(dry), dry["checked"]) == ((3, 0, 0, 1), 3)
    end = ended(bulk, bulk.create(verb="SIGNAL", filter=chosen(door), parameters=parameters))
    assert (counts(end), end["problems"]) == ((3, 2, 0, 1), dry["problems"])
    assert [(each["execution_id"], each["reason"]) for each in end["problems"]] == [(asked[0], "UNKNOWN_SIGNAL")]
    assert [len(received(yard, each)) for each in listening_ones] == [1, 1]
    assert received(yard, listening_ones[0])[0]["by"] == end["created_by"]


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [("ILLEGAL_STATE", "SKIPPED"), ("PAUSE_DECIDED", "SKIPPED"), ("TOO_MANY_SIGNALS", ""), ("MASTER_KEY", "")],
)
async def test_only_what_came_too_late_had_nothing_to_do(reason: str, outcome: str) -> None:
    async def call() -> None:
        raise RpcError(Code.FAILED_PRECONDITION, reason, "refused")

    try:
        found = (await _unless_too_late(call())).name
    except RpcError:
        found = ""
    assert found == outcome


def test_value_that_is_too_large_for_many_is_refused(bulk: HttpBulk) -> None:
    for parameters in ({"value": {"text": "a" * 65_536}}, {"value_bytes": base64.b64encode(bytes(65_537)).decode()}):
        with pytest.raises(Refused) as refused:
            bulk.create(verb="RESUME", all=True, parameters=parameters)
        assert "expected at most 65,536 bytes, got 65,5" in refused.value.message


def test_lists_leave_out_what_executions_go_on_with(bulk: HttpBulk, door: Path) -> None:
    made = bulk.create(verb="RESUME", filter=chosen(door), parameters={"value": HEAVY, "comment": "listed"})
    [listed] = bulk.list(page_size=1)["operations"]
    assert (listed["operation_id"], listed["parameters"]["comment"]) == (made["operation_id"], "listed")
    assert "value" not in listed["parameters"]


def test_command_resumes_and_signals_many(yard: Server, penstock: Penstock, door: Path) -> None:
    weighed, asked = paused(yard, "weighs", door, 2), paused(yard, "asks", door, 1)
    many = ("--filter", chosen(door))
    penstock("pauses", "resume", *many, "--value", '{"kilos": 7}', "--dry-run")
    assert f"execution {asked[0]}: value.kilos: " in penstock.said
    assert penstock.said.endswith("3 executions, 1 would refuse it; nothing was changed\n")
    said = penstock("pauses", "resume", *many, "--value", '{"kilos": 7}', "--name", "weigh")
    assert said == "2 resumed, 1 had nothing to do\n"
    assert yard.execution(weighed[0], "/pauses")["pauses"][0]["value"] == HEAVY
    for each in weighed:
        yard.wait(each)
    assert penstock("pauses", "resume", *many, "--value", "{}") == "3 resumed\n"
    [hearing] = listening(yard, door, 1)
    flow = ("--filter", f"{chosen(door)} AND flow = hears")
    assert penstock("executions", "signal", "go", *flow, "--payload", '{"kilos": 1}') == "1 signalled\n"
    assert penstock("executions", "signal", hearing, "go", "--payload", '{"kilos": 2}').startswith(f"{hearing} has it")
    assert yard.wait(hearing)["status"] == "COMPLETED"
    assert yard.execution(hearing, "/output")["output"] == {"kilos": 3}
