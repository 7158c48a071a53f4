"""Aliases, splits and retired artifacts with two processes: all of them agree at once, and so do all faces."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from penstock.wire.share import share_of
from tests.e2e.crew import Crew, Member
from tests.e2e.support import INVOKE
from tests.e2e.test_processes import PATIENT, STEPS, stop_database
from tests.harness import Answer, Server, open_folder

FLOWS = "/flows/v1/flows"
ARTIFACTS = "/flows/v1/artifacts"
RETIRED = (409, "RETIRED")


@pytest.fixture(scope="module")
def crew() -> Iterator[Crew]:
    """Two processes that all tests share."""
    folder = open_folder()
    crew = Crew(folder / "data", STEPS, environment=PATIENT).start()
    yield crew
    assert crew.end() == 0
    shutil.rmtree(folder)


@pytest.fixture
def pair(crew: Crew) -> tuple[Member, Member]:
    one, two = crew.all()
    return one, two


def compiled(server: Server, flow: str, node: str, use: str = "steps/echo") -> str:
    """The graph_id of a version that differs from the others in the name of its node."""
    definition = {"flow": flow, "nodes": {node: {"use": use}}}
    answer = server.request("POST", f"{FLOWS}/{flow}:compile", {"definition": definition})
    assert answer.status == 200, answer.body
    return str(answer.json["graph_id"])


def point(server: Server, flow: str, **weights: int) -> None:
    """point(server, "hello", v3=90, v4=10) moves `live`."""
    targets = [{"version": int(name[1:]), "weight": weight} for name, weight in weights.items()]
    answer = server.request("PUT", f"{FLOWS}/{flow}/aliases/live", {"targets": targets})
    assert answer.status == 200, answer.body


def version(server: Server, flow: str, **fields: Any) -> int:
    """The version that an invocation runs."""
    answer = server.invoke(flow, {"text": "x"}, **fields)
    return int(server.execution(answer["execution_id"])["version"])


def change(server: Server, graph_id: str, verb: str, reason: str = "") -> Answer:
    return server.request("POST", f"{ARTIFACTS}/{graph_id}:{verb}", {"reason": reason} if reason else {})


def refusal(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["reason"]


def key(server: Server) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {server.key}"),)


def listed(server: Server) -> set[str]:
    """The services that reflection lists."""
    question = reflection_pb2.ServerReflectionRequest(list_services="")
    with grpc.insecure_channel(server.info["grpc_address"]) as channel:
        ask = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo
        [answer] = ask(iter([question]), metadata=key(server), timeout=30)
    return {service.name for service in answer.list_services_response.service}


def is_serving(server: Server, service: str) -> bool:
    with grpc.insecure_channel(server.info["grpc_address"]) as channel:
        try:
            request = health_pb2.HealthCheckRequest(service=service)
            health_pb2_grpc.HealthStub(channel).Check(request, metadata=key(server), timeout=30)
        except grpc.RpcError as error:
            assert error.code() is grpc.StatusCode.NOT_FOUND
            return False
    return True


def test_alias_that_is_moved_through_one_process_is_followed_by_the_other_at_once(pair: tuple[Member, Member]) -> None:
    compiled(pair[0], "moves", "one")
    compiled(pair[1], "moves", "two")
    ran = []
    for step in range(8):
        here, there = pair if step % 2 else pair[::-1]
        point(here, "moves", **{f"v{1 + step % 2}": 100})
        ran.append(version(there, "moves"))
    assert ran == [1, 2] * 4
    moves = pair[0].request("GET", f"{FLOWS}/moves/aliases/live/moves").json["moves"]
    assert [move["number"] for move in moves] == list(range(10, 0, -1))
    assert {move["key_id"] for move in moves} == {pair[0].key.split("_")[1]}


def test_split_is_sticky_by_request_id_in_every_process_and_on_every_face(pair: tuple[Member, Member]) -> None:
    here, there = pair
    compiled(here, "splits", "one")
    compiled(here, "splits", "two")
    point(here, "splits", v1=60, v2=40)
    for number in range(12):
        expected = 1 if share_of(f"splits-{number}") < 60 else 2
        for server in (here, there):
            # The second is a repetition: it finds the execution of the first.
            assert version(server, "splits", request_id=f"splits-{number}") == expected
        pinned = there.request("GET", f"{ARTIFACTS}/splits?request_id=splits-{number}").json
        assert pinned["version"] == expected
    with grpc.insecure_channel(here.info["grpc_address"]) as channel:
        for number in range(12):
            request_id = f"typed-{number}"
            metadata = (*key(here), ("idempotency-key", request_id))
            _, call = channel.unary_unary("/flows.splits.Splits/Invoke").with_call(b"", metadata=metadata, timeout=30)
            execution_id = dict(call.trailing_metadata())["penstock-execution-id"]
            assert there.execution(execution_id)["version"] == (1 if share_of(request_id) < 60 else 2)


def test_split_without_request_ids_reaches_every_target(pair: tuple[Member, Member]) -> None:
    here, there = pair
    compiled(here, "spreads", "one")
    compiled(here, "spreads", "two")
    point(there, "spreads", v1=50, v2=50)
    # 60 that all go to one of two have 2 chances in 2 to the 60.
    assert {version(here, "spreads") for _ in range(60)} == {1, 2}


def test_execution_stays_with_its_artifact_when_the_alias_moves(pair: tuple[Member, Member], tmp_path: Any) -> None:
    here, there = pair
    gate = tmp_path / "gate"
    compiled(here, "stays", "one", "steps/wait_for_file")
    execution_id = here.begin("stays", {"text": str(gate)})
    compiled(there, "stays", "two")
    gate.touch()
    ended = there.wait(execution_id)
    assert (ended["version"], ended["status"]) == (1, "COMPLETED")


def test_deprecated_artifact_is_called_with_a_warning(pair: tuple[Member, Member]) -> None:
    here, there = pair
    graph_id = compiled(here, "fades", "one")
    changed = change(here, graph_id, "deprecate", "use another").json
    assert (changed["state"], changed["state_change"]["reason"]) == ("DEPRECATED", "use another")
    answer = there.request("POST", INVOKE, {"flow": "fades", "input": {"text": "x"}, "wait": True})
    assert (answer.status, answer.json["deprecation"]) == (202, changed["state_change"])
    assert answer.headers["Deprecation"].startswith("@1")
    assert change(there, graph_id, "restore").status == 200
    answer = here.request("POST", INVOKE, {"flow": "fades", "input": {"text": "x"}, "wait": True})
    assert (answer.status, "Deprecation" in answer.headers, "deprecation" in answer.json) == (202, False, False)


def test_retired_artifact_takes_nothing_in_any_process_and_its_service_is_gone(pair: tuple[Member, Member]) -> None:
    here, there = pair
    old = compiled(here, "ends", "one")
    assert refusal(change(here, old, "retire")) == (409, "ALIAS_POINTS_AT_IT")
    compiled(here, "ends", "two")
    service = "flows.ends.v1.Ends"
    assert (service in listed(here), is_serving(here, service)) == (True, True)
    assert change(here, old, "retire", "it was wrong").json["state"] == "RETIRED"
    for member in pair:
        answer = member.request("POST", INVOKE, {"graph_id": old, "input": {}})
        assert refusal(answer) == RETIRED
        assert answer.json["error"] == "version 1 of flow ends is retired: it was wrong"
    assert listed(here) & {service, "flows.ends.v2.Ends", "flows.ends.Ends"} == {
        "flows.ends.v2.Ends",
        "flows.ends.Ends",
    }
    assert not is_serving(here, service)
    answer = there.request("PUT", f"{FLOWS}/ends/aliases/live", {"targets": [{"version": 1}]})
    assert refusal(answer) == RETIRED
    assert change(there, old, "restore").json["state"] == "ACTIVE"
    assert here.request("POST", INVOKE, {"graph_id": old, "input": {}}).status == 202
    assert service in listed(there)


def test_what_runs_goes_on_after_its_artifact_was_retired_and_all_processes_were_killed(tmp_path: Any) -> None:
    folder = open_folder()
    own = Crew(folder / "data", STEPS, environment=PATIENT)
    gate = tmp_path / "gate"
    try:
        own.start()
        old = compiled(own, "lasts", "one", "steps/wait_for_file")
        begun = [member.begin("lasts", {"text": str(gate)}) for member in own.all()]
        compiled(own, "lasts", "two")
        assert change(own, old, "retire").status == 200
        own.kill()
        own.start()
        assert refusal(own.request("POST", INVOKE, {"graph_id": old, "input": {}})) == RETIRED
        gate.touch()
        ended = [own.wait(execution_id) for execution_id in begun]
        assert [(one["version"], one["status"]) for one in ended] == [(1, "COMPLETED")] * 2
    finally:
        if own.end() != 0:
            asyncio.run(stop_database(own.data_dir))
        shutil.rmtree(folder)
