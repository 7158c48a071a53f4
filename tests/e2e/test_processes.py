"""Several engine processes behind one address: it does not matter which of them a request reaches."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import psycopg
import pytest

from penstock.engine.storage.embedded import EmbeddedPostgres
from penstock.wire.gen.invocation_service_pb2 import InvokeFlowRequest, InvokeFlowResponse
from tests.durable.stage import hooked
from tests.e2e.crew import Crew, Member, is_alive
from tests.e2e.support import cancel, eventually, gated, started, streamed, watched
from tests.harness import ROOT, open_folder

STEPS = Path(__file__).parent / "packages" / "steps"
PATIENT = hooked(lease_life_s=600)
"""No process takes over because time has passed, nor looks for work while a test runs."""


@pytest.fixture(scope="module")
def crew() -> Iterator[Crew]:
    """Two processes. A test may kill one of them; the next test finds two again."""
    folder = open_folder()
    crew = Crew(folder / "data", STEPS, environment=PATIENT).start()
    yield crew
    assert crew.end() == 0
    shutil.rmtree(folder)


@pytest.fixture
def own(folder: Path) -> Iterator[Crew]:
    """A crew of one's own, to be stopped, killed and started again."""
    crew = Crew(folder / "data", STEPS, environment=PATIENT)
    try:
        yield crew.start()
    finally:
        if crew.end() != 0:
            asyncio.run(stop_database(crew.data_dir))


async def stop_database(data_dir: Path) -> None:
    """Stops what a killed server leaves alive."""
    database = EmbeddedPostgres(data_dir)
    await database.start()
    await database.stop()


@pytest.fixture
def pair(crew: Crew) -> tuple[Member, Member]:
    one, two = crew.all()
    return one, two


def resumed_by(server: Crew | Member, execution_id: str) -> list[int]:
    """The processes that took an execution over."""
    page = server.execution(execution_id, "/events?page_size=1000")
    reasons = [event["reason"] for event in page["events"] if event["type"] == "EXECUTION_RESUMED"]
    return [int(reason.rpartition(":")[2]) for reason in reasons]


def test_every_process_takes_invocations_over_grpc(crew: Crew) -> None:
    pids: set[bytes] = set()

    def invoke() -> bool:
        with grpc.insecure_channel(crew.info["grpc_address"], (("grpc.use_local_subchannel_pool", 1),)) as channel:
            method = channel.unary_unary(
                "/penstock.v1.InvocationService/InvokeFlow",
                request_serializer=InvokeFlowRequest.SerializeToString,
                response_deserializer=InvokeFlowResponse.FromString,
            )
            request = InvokeFlowRequest(flow="which", input_bytes=b"", wait=True)
            answer = method(request, metadata=(("authorization", f"Bearer {crew.key}"),))
        pids.add(answer.result.output_bytes)
        return len(pids) == crew.count

    eventually(invoke)


def test_execution_is_looked_at_waited_for_and_followed_through_the_other_process(
    pair: tuple[Member, Member], tmp_path: Path
) -> None:
    one, two = pair
    gate = tmp_path / "gate"
    execution_id = one.begin("wait_for_file", {"text": str(gate)})
    started(two, execution_id, "wait_for_file")
    assert two.execution(execution_id)["status"] == "RUNNING"
    gate.touch()
    assert two.wait(execution_id)["status"] == "COMPLETED"
    assert list(watched(one, execution_id)) == list(watched(two, execution_id))
    assert two.execution(execution_id, "/output")["output"] == {"text": str(gate)}
    assert resumed_by(two, execution_id) == []


def test_stream_that_broke_is_resumed_through_the_other_process(pair: tuple[Member, Member], tmp_path: Path) -> None:
    one, two = pair
    given, gate = gated(tmp_path, 6, 2)
    stream = streamed(one, "count", given)
    seen = [next(stream) for _ in range(3)]
    stream.close()
    execution_id = seen[0].json["execution_id"]
    resumed = watched(two, execution_id, seen[-1].id)
    gate.touch()
    frames = seen + [event for event in resumed if event.name == "message"]
    assert [frame.json["payload"]["number"] for frame in frames[:-1]] == list(range(6))
    assert (frames[-1].json["is_final"], frames[-1].json["success"]) == (True, True)


def test_cancel_reaches_the_other_process(pair: tuple[Member, Member], tmp_path: Path) -> None:
    one, two = pair
    ended = tmp_path / "ended"
    execution_id = one.begin("wait_for_ever", {"text": str(ended)})
    started(one, execution_id, "wait_for_ever")
    cancelled = cancel(two, execution_id, "enough")
    assert (cancelled.status, cancelled.json["status"], cancelled.json["cancel_reason"]) == (200, "CANCELLED", "enough")
    eventually(ended.exists)


def test_repeated_request_finds_its_execution_through_the_other_process(
    pair: tuple[Member, Member], tmp_path: Path
) -> None:
    one, two = pair
    gate = tmp_path / "gate"
    execution_id = one.begin("wait_for_file", {"text": str(gate)}, request_id=str(gate))
    with ThreadPoolExecutor() as pool:
        repeat = pool.submit(two.invoke, "wait_for_file", {"text": str(gate)}, request_id=str(gate))
        gate.touch()
        answer = repeat.result()
    assert (answer["execution_id"], answer["result"]["output"]) == (execution_id, {"text": str(gate)})


def test_what_is_compiled_through_one_process_runs_in_the_other_at_once(pair: tuple[Member, Member]) -> None:
    compiled, ran = [], []
    for count in range(1, 9):
        here, there = pair if count % 2 else pair[::-1]
        nodes = {f"echo{number}": {"use": "steps/echo"} for number in range(count)}
        edges = [{"from": f"echo{number}", "to": f"echo{number + 1}"} for number in range(count - 1)]
        definition = {"flow": "grows", "nodes": nodes, "edges": edges}
        answer = here.request("POST", "/flows/v1/flows/grows:compile", {"definition": definition})
        assert answer.status == 200, answer.body
        compiled.append(answer.json["graph_id"])
        ran.append(there.execution(there.begin("grows", {"text": "x"}))["graph_id"])
    assert ran == compiled

    assert pair[0].request("DELETE", "/flows/v1/flows/grows").status == 200
    assert pair[1].request("POST", "/invocations/v1/flows/invoke", {"flow": "grows", "input": {}}).status == 404


def test_a_package_that_both_processes_get_at_once_is_the_same_in_both(crew: Crew, folder: Path) -> None:
    package = folder / "twice"
    shutil.copytree(STEPS, package)
    (package / "flows" / "echo.yaml").write_text("flow: twice\nnodes:\n  echo: {use: twice/echo}\n")
    for file in package.glob("flows/*.yaml"):
        if file.name != "echo.yaml":
            file.unlink()
    (package / "penstock.yaml").write_text('name: twice\nversion: "1"\ndescription: Comes twice.\n')
    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(crew.command_line, "compile", str(package), "--output", "json") for _ in range(4)]:
            assert '"problems": []' in done.result()
    for member in crew.all():
        assert member.invoke("twice", {"text": "x"})["result"]["output"] == {"text": "x"}


def test_executions_of_a_killed_process_go_on_in_the_one_that_is_started_in_its_place(
    crew: Crew, tmp_path: Path
) -> None:
    killed, other = crew.all()
    gate = tmp_path / "gate"
    begun = [killed.begin("wait_for_file", {"text": str(gate)}) for _ in range(20)]
    elsewhere = other.begin("wait_for_file", {"text": str(gate)})
    os.kill(killed.pid, signal.SIGKILL)
    eventually(lambda: all(resumed_by(other, execution_id) for execution_id in begun))
    [fresh] = [member.pid for member in crew.all() if member.pid != other.pid]
    gate.touch()
    assert {other.wait(execution_id)["status"] for execution_id in [*begun, elsewhere]} == {"COMPLETED"}
    assert {tuple(resumed_by(other, execution_id)) for execution_id in begun} == {(fresh,)}
    assert resumed_by(other, elsewhere) == []


def test_everything_goes_on_after_all_processes_were_killed(own: Crew, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    before = own.pids
    begun = [member.begin("wait_for_file", {"text": str(gate)}) for member in own.all() for _ in range(5)]
    own.kill()
    # At once: the processes of the killed supervisor may still be on their way to their end.
    own.start()
    assert [pid for pid in before if is_alive(pid)] == []
    gate.touch()
    assert {own.wait(execution_id)["status"] for execution_id in begun} == {"COMPLETED"}
    takers = [resumed_by(own, execution_id) for execution_id in begun]
    assert {len(pids) for pids in takers} == {1}
    assert {pids[0] for pids in takers} <= set(own.pids)


def test_what_runs_ends_in_good_order_before_the_processes_do(own: Crew, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    pids = own.pids
    begun = [member.begin("wait_for_file", {"text": str(gate)}) for member in own.all()]
    assert own.process is not None
    own.process.send_signal(signal.SIGTERM)
    assert own.next_line() == "penstock: stopping, what runs may finish (10 s; once more stops at once)\n"
    gate.touch()
    assert own.stop() == 0
    assert (own.rest_of_log(), [pid for pid in pids if is_alive(pid)]) == ("", [])
    own.start()
    for execution_id in begun:
        assert (own.execution(execution_id)["status"], resumed_by(own, execution_id)) == ("COMPLETED", [])


def test_second_signal_stops_all_processes_at_once(own: Crew, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    pids = own.pids
    begun = [member.begin("wait_for_file", {"text": str(gate)}) for member in own.all()]
    process = own.process
    assert process is not None

    def signal_again() -> bool:
        process.send_signal(signal.SIGTERM)
        return process.poll() is not None

    # Two signals that come together are one.
    eventually(signal_again)
    assert process.returncode == -signal.SIGKILL
    eventually(lambda: not any(map(is_alive, pids)))
    gate.touch()
    own.start()
    assert {own.wait(execution_id)["status"] for execution_id in begun} == {"COMPLETED"}


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("what", ["http", "grpc"])
def test_ports_are_shared_with_nobody_else(crew: Crew, folder: Path, what: str, count: int) -> None:
    taken = crew.info["http_url"].removeprefix("http://") if what == "http" else crew.info["grpc_address"]
    other = Crew(folder / "data", count=count)
    command = [*other.command(), f"--{what}", taken]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    name = {"http": "HTTP", "grpc": "gRPC"}[what]
    [line] = done.stderr.splitlines()
    assert (done.returncode, line.startswith(f"penstock: cannot listen on {taken} for {name}: ")) == (1, True)
    assert line.lower().endswith("address already in use")


def test_a_killed_process_is_told_of_and_the_others_serve_on(own: Crew) -> None:
    killed, other = own.all()
    os.kill(killed.pid, signal.SIGKILL)
    line = own.next_line()
    told = "WARNING penstock.cli.serving.supervisor: a process ended and is started again action=process_ended slot="
    assert told in line
    assert line.endswith(f" pid={killed.pid} exit_status=-9 delay_s=0.0\n")
    assert other.invoke("echo", {"text": "x"})["result"]["output"] == {"text": "x"}
    assert len(own.all()) == 2
    assert own.stop() == 0
    assert "HTTP on" not in own.rest_of_log()


def test_a_server_none_of_whose_processes_can_start_says_so_and_ends(folder: Path) -> None:
    (folder / "database").mkdir()
    postgres = EmbeddedPostgres(folder / "database")
    url = asyncio.run(postgres.start())
    command = [sys.executable, "-m", "penstock.cli"]
    try:
        subprocess.run([*command, "migrate", "--database-url", url], check=True, capture_output=True, cwd=ROOT)
        with psycopg.connect(url, autocommit=True) as connection:
            # Enough for the migrations, one after the other, and for no engine.
            connection.execute("create role narrow login connection limit 1")
            connection.execute("grant all on schema public to narrow")
            connection.execute("grant all on all tables in schema public to narrow")
        narrow = url.replace("penstock@", "narrow@")
        crew = Crew(folder / "data", environment={"PENSTOCK_DATABASE_URL": narrow})
        environment = {**os.environ, **crew.environment}
        done = subprocess.run(
            crew.command(), env=environment, capture_output=True, text=True, cwd=ROOT, check=False, timeout=60
        )
    finally:
        asyncio.run(postgres.stop())
    last = done.stderr.splitlines()[-1]
    assert done.returncode == 1
    assert last == "penstock: no process serves: one ended 3 times at its start, exit status 1 at last"
    assert "HTTP on" not in done.stderr


def test_more_processes_than_the_embedded_database_has_room_for_are_refused(folder: Path) -> None:
    command = Crew(folder / "data", count=9).command()
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    [line] = done.stderr.splitlines()
    assert (done.returncode, line) == (
        2,
        "penstock: --processes: expected at most 8 with the embedded Postgres, got 9; --database-url names another one",
    )


def test_ports_are_kept_while_no_process_runs(own: Crew) -> None:
    host, _, port = own.info["http_url"].removeprefix("http://").partition(":")
    for pid in own.pids:
        os.kill(pid, signal.SIGKILL)
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind((host, int(port)))
