"""Nodes that never come back, and nodes that try to take the server with them: it stays up, everybody else goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.conftest import PACKAGES
from tests.e2e.failing import IN_NODES, by_the_node, failure, goes_on, last_frame
from tests.e2e.support import cancel
from tests.harness import END_S_MAX, Server, running

# Never coming back.


@pytest.mark.parametrize("flow", ["waits_for_ever", "sleeps_for_ever"])
def test_a_node_that_blocks_for_ever_times_out(lab: Server, flow: str) -> None:
    sentence = f"node {flow} took longer than its timeout of 0.3 s"
    expected = by_the_node("NODE_TIMEOUT", sentence, flow, **{"class": "TIMEOUT", "retryable": True})
    assert failure(lab, flow, "TIMED_OUT") == expected


def test_others_go_on_while_nodes_block(lab: Server, tmp_path: Path) -> None:
    flows = ("wait_for_ever", "sleep_for_ever") * 10
    blocked = [lab.begin(flow, {"text": str(tmp_path / str(number))}) for number, flow in enumerate(flows)]
    assert goes_on(lab)
    assert {lab.execution(execution_id)["status"] for execution_id in blocked} == {"RUNNING"}
    assert {cancel(lab, execution_id).json["status"] for execution_id in blocked} == {"CANCELLED"}


@pytest.mark.parametrize("flow", ["sleeps_in_the_loop", "spins_in_the_loop"])
def test_an_async_node_that_blocks_the_loop_is_interrupted(lab: Server, flow: str) -> None:
    """Slow: the watchdog waits for 5 to 10 s before it interrupts."""
    with ThreadPoolExecutor(1) as pool:
        blocking = pool.submit(failure, lab, flow, timeout_s=25)
        # Whoever comes meanwhile waits, and is served.
        assert goes_on(lab)
        error = blocking.result()
    traceback = error.pop("traceback")
    assert error == by_the_node(
        "NODE_BLOCKED",
        "the node blocked the event loop for 5 s:"
        " await what it waits for, or write it as a plain def, which runs in a thread",
        flow,
    )
    assert re.match(r"Traceback \(most recent call last\):\n" + IN_NODES + flow + "\n", traceback)
    assert [file for file in re.findall(r'File "([^"]*)"', traceback) if file != "nodes.py"] == []


# What may take the server with it.


class Victim:
    """A server, and another one in its place when it was brought down: each test fails for itself alone."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._server: Server | None = None

    def server(self) -> Server:
        if self._server is None or not _is_ready(self._server):
            self._stack.close()
            self._server = self._stack.enter_context(running(PACKAGES))
        return self._server


def _is_ready(server: Server) -> bool:
    try:
        return server.request("GET", "/readyz").status == 200
    except OSError:
        return False


@pytest.fixture(scope="module")
def victims() -> Iterator[Victim]:
    with ExitStack() as stack:
        yield Victim(stack)


@pytest.fixture
def victim(victims: Victim) -> Server:
    return victims.server()


@pytest.mark.parametrize(
    ("flow", "code"),
    [
        ("exits_in_a_task", "NODE_EXITED"),
        ("interrupts_in_a_task", "NODE_RAISED"),
        ("raises_what_exits_when_printed", "NODE_RAISED"),
    ],
)
def test_a_node_that_exits_by_the_back_door_does_not_take_the_server_with_it(
    victim: Server, flow: str, code: str
) -> None:
    assert failure(victim, flow)["code"] == code


@pytest.mark.parametrize(
    ("flow", "code", "node"),
    [
        ("exits_after_one", "NODE_EXITED", "exits_after_one"),
        ("interrupts_after_one", "NODE_RAISED", "interrupts_after_one"),
        ("exits_when_closed", "NODE_RAISED", "check"),
        ("exits_when_closed_in_a_thread", "NODE_RAISED", "check"),
    ],
)
def test_a_generator_that_exits_does_not_take_the_server_with_it(
    victim: Server, flow: str, code: str, node: str
) -> None:
    _, final = last_frame(victim, flow)
    error = victim.execution(final["execution_id"])["error"]
    assert (error["code"], error["node"]) == (code, node)


@pytest.mark.parametrize("flow", ["swallows_cancellation", "sleeps_in_the_executor"])
def test_a_node_that_does_not_heed_its_cancellation_keeps_nobody_and_no_server(victim: Server, flow: str) -> None:
    assert failure(victim, flow, "TIMED_OUT")["code"] == "NODE_TIMEOUT"
    execution_id = victim.begin(flow, {"text": ""})
    assert cancel(victim, execution_id).json["status"] == "CANCELLED"
    assert goes_on(victim)
    assert victim.stop(END_S_MAX) == 0
