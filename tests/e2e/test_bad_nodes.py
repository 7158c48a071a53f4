"""Nodes and packages that misbehave: whatever they do, the server stays up and everybody else goes on."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import PACKAGES, STOP_S_MAX, running
from tests.e2e.support import cancel, streamed
from tests.harness import Server

IN_NODES = r'  File "nodes\.py", line \d+, in '
DEEP_DOWN = (
    IN_NODES + r'{node}\n    raise_deep_down\(\)\n  File "deep\.py", line \d+, in raise_deep_down\n'
    r'    raise ValueError\("deep down"\)\nValueError: deep down\n'
)


def goes_on(server: Server) -> bool:
    return bool(server.invoke("echo", {"text": "well"})["result"]["output"] == {"text": "well"})


def failure(server: Server, flow: str, status: str = "FAILED", timeout_s: float = 5) -> dict[str, Any]:
    """The error of a waiting invocation, which is also the one of the execution, of its node and of its attempt."""
    answer = server.invoke(flow, {"text": "x"}, timeout_seconds=timeout_s)
    assert answer.get("result", {}).get("success") is False, answer
    error = answer["result"]["error"]
    execution = server.execution(answer["execution_id"])
    assert (execution["status"], execution["error"], error["node"]) == (status, error, flow)
    [node] = server.execution(answer["execution_id"], "/nodes")["nodes"]
    [attempt] = server.execution(answer["execution_id"], f"/nodes/{flow}/attempts")["attempts"]
    assert (node["status"], node["error"]) == (status, error)
    assert (attempt["status"], attempt["error"]) == ("FAILED", error)
    assert goes_on(server)
    return dict(error)


def by_the_node(code: str, message: str, node: str, **more: Any) -> dict[str, Any]:
    return {
        "code": code,
        "message": message,
        "kind": "USER",
        "node": node,
        "class": "LOGIC",
        "attempt": 1,
        "retryable": False,
    } | more


# Raising.


@pytest.mark.parametrize(
    ("flow", "code", "message", "traceback"),
    [
        ("raises", "NODE_RAISED", "ValueError: deep down", DEEP_DOWN),
        ("raises_in_a_thread", "NODE_RAISED", "ValueError: deep down", DEEP_DOWN),
        (
            "raises_a_base_exception",
            "NODE_RAISED",
            "Stop: no exception",
            IN_NODES + r'{node}\n    raise Stop\("no exception"\)\n[\w.]*Stop: no exception\n',
        ),
        (
            "raises_keyboard_interrupt",
            "NODE_RAISED",
            "KeyboardInterrupt",
            IN_NODES + r"{node}\n    raise KeyboardInterrupt\nKeyboardInterrupt\n",
        ),
        (
            "raises_cancelled",
            "NODE_RAISED",
            "CancelledError",
            IN_NODES + r"{node}\n    raise asyncio\.CancelledError\nasyncio\.exceptions\.CancelledError\n",
        ),
        (
            "exits",
            "NODE_EXITED",
            "node exits called sys.exit(3)",
            IN_NODES + r"{node}\n    sys\.exit\(3\)\nSystemExit: 3\n",
        ),
        (
            "exits_in_a_thread",
            "NODE_EXITED",
            "node exits_in_a_thread called sys.exit('bye')",
            IN_NODES + r'{node}\n    sys\.exit\("bye"\)\nSystemExit: bye\n',
        ),
    ],
)
def test_what_a_node_raises_fails_the_execution_with_its_traceback(
    lab: Server, flow: str, code: str, message: str, traceback: str
) -> None:
    error = failure(lab, flow)
    shown = error.pop("traceback")
    assert error == by_the_node(code, message, flow)
    assert re.fullmatch(r"Traceback \(most recent call last\):\n" + traceback.replace("{node}", flow), shown)


@pytest.mark.parametrize(
    ("flow", "message"),
    [
        ("raises_stop_iteration", "RuntimeError: coroutine raised StopIteration"),
        ("raises_stop_iteration_in_a_thread", "RuntimeError: the function raised StopIteration"),
        ("cancels_its_task", "CancelledError"),
        ("recurses", "RecursionError: maximum recursion depth exceeded"),
        ("recurses_in_a_thread", "RecursionError: maximum recursion depth exceeded"),
    ],
)
def test_what_python_makes_of_a_node_fails_the_execution(lab: Server, flow: str, message: str) -> None:
    error = failure(lab, flow)
    assert error.pop("traceback").endswith(f"{message}\n")
    assert error == by_the_node("NODE_RAISED", message, flow)


def test_a_recursion_is_shown_once_and_counted(lab: Server) -> None:
    traceback = failure(lab, "recurses_in_a_thread")["traceback"]
    assert re.search(r"\n  \[Previous line repeated \d+ more times\]\n", traceback)
    assert traceback.count("\n") == 12


def test_a_traceback_through_a_library_has_no_folder_of_this_machine(lab: Server) -> None:
    traceback = failure(lab, "raises_in_a_library")["traceback"]
    files = re.findall(r'File "([^"]*)"', traceback)
    assert files[:2] == ["nodes.py", "json/__init__.py"]
    assert [file for file in files if file.startswith(("/", "\\"))] == []


def test_what_an_error_was_raised_from_is_in_its_traceback(lab: Server) -> None:
    error = failure(lab, "raises_from")
    assert error["message"] == "LookupError: on top"
    first, _, second = error["traceback"].partition(
        "\nThe above exception was the direct cause of the following exception:\n\n"
    )
    assert first.endswith("ValueError: deep down\n")
    assert second.endswith("LookupError: on top\n")


def test_a_long_message_is_shortened(lab: Server) -> None:
    error = failure(lab, "raises_a_novel")
    assert error["message"] == "ValueError: " + "x" * (4096 - 13) + "…"
    assert len(error["traceback"]) <= 16_384


@pytest.mark.parametrize(
    ("flow", "code", "message"),
    [
        ("raises_the_unprintable", "NODE_RAISED", "Unprintable"),
        ("raises_with_a_surrogate", "NODE_RAISED", "ValueError: half a character: "),
        ("raises_a_wrong_code", "7", "its code is a number"),
        ("raises_of_no_class", "USER_ERROR", "of no class"),
    ],
)
def test_an_error_that_cannot_be_put_down_as_it_is_fails_the_execution_too(
    lab: Server, flow: str, code: str, message: str
) -> None:
    error = failure(lab, flow, timeout_s=1)
    assert (error["code"], error["message"][: len(message)], error["node"]) == (code, message, flow)


# Giving the wrong thing.


@pytest.mark.parametrize(
    ("flow", "message"),
    [
        ("gives_text", "gives_text returned str, expected Reply"),
        ("gives_text_in_a_thread", "gives_text_in_a_thread returned str, expected Reply"),
        ("gives_none", "gives_none returned None, expected Reply"),
        ("gives_a_wrong_field", "gives_a_wrong_field returned Reply with text: expected str, got int"),
        (
            "gives_a_surrogate",
            "gives_a_surrogate returned Reply with text: expected text, got a lone surrogate, which is no character",
        ),
    ],
)
def test_a_wrong_output_fails_the_execution_and_says_what_was_expected(lab: Server, flow: str, message: str) -> None:
    error = failure(lab, flow)
    assert "/" not in error.pop("traceback", "")
    assert error == by_the_node("WRONG_OUTPUT", message, flow)


def test_what_a_node_prints_does_no_harm(lab: Server) -> None:
    text = "printed by a node\n" * 20_000
    assert lab.invoke("prints", {"text": text})["result"]["output"] == {"text": "printed"}
    assert goes_on(lab)


# Pipelines.


def last_frame(server: Server, flow: str, **fields: Any) -> tuple[list[Any], dict[str, Any]]:
    """The payloads of a stream, and its final frame."""
    *frames, final = (event.json for event in streamed(server, flow, {"text": "x"}, **fields))
    assert goes_on(server)
    return [frame["payload"] for frame in frames], final


@pytest.mark.parametrize("flow", ["yields_nothing", "yields_nothing_in_a_thread"])
def test_a_pipeline_that_yields_nothing_completes_without_frames(lab: Server, flow: str) -> None:
    payloads, final = last_frame(lab, flow)
    execution_id = final["execution_id"]
    assert payloads == []
    assert final == {"execution_id": execution_id, "frame_index": 0, "is_final": True, "success": True}
    assert lab.execution(execution_id)["status"] == "COMPLETED"


@pytest.mark.parametrize(
    ("flow", "payloads", "code", "message"),
    [
        ("yields_text", [{"number": 0}], "WRONG_OUTPUT", "yields_text yielded str, expected Item"),
        (
            "yields_text_in_a_thread",
            [{"number": 0}],
            "WRONG_OUTPUT",
            "yields_text_in_a_thread yielded str, expected Item",
        ),
        ("raises_after_three", [{"number": n} for n in range(3)], "NODE_RAISED", "ValueError: deep down"),
        ("raises_after_three_in_a_thread", [{"number": n} for n in range(3)], "NODE_RAISED", "ValueError: deep down"),
    ],
)
def test_a_pipeline_that_fails_keeps_the_frames_before(
    lab: Server, flow: str, payloads: list[Any], code: str, message: str
) -> None:
    given, final = last_frame(lab, flow)
    assert (given, final["frame_index"], final["success"]) == (payloads, len(payloads), False)
    assert final["error"] == message
    execution = lab.execution(final["execution_id"])
    error = execution["error"]
    del error["traceback"]
    assert (execution["status"], error) == ("FAILED", by_the_node(code, message, flow))
    assert lab.execution(final["execution_id"], "/output")["frame_count"] == len(payloads)


@pytest.mark.parametrize("flow", ["waits_after_one", "sleeps_after_one"])
def test_a_pipeline_that_blocks_times_out_and_keeps_the_frames_before(lab: Server, flow: str) -> None:
    payloads, final = last_frame(lab, flow)
    sentence = f"node {flow} took longer than its timeout of 0.3 s"
    assert (payloads, final["error"]) == ([{"number": 0}], sentence)
    execution = lab.execution(final["execution_id"])
    expected = by_the_node("NODE_TIMEOUT", sentence, flow, **{"class": "TIMEOUT", "retryable": True})
    assert (execution["status"], execution["failure_class"], execution["error"]) == ("TIMED_OUT", "TIMEOUT", expected)


def test_a_generator_that_never_closes_does_not_keep_a_failure_back(lab: Server) -> None:
    payloads, final = last_frame(lab, "never_closes", timeout_seconds=2)
    if not final["error"].startswith("ValueError"):
        cancel(lab, final["execution_id"])
    assert (payloads, final["error"]) == ([{"number": 0}, {"number": 1}], "ValueError: not the third")
    error = lab.execution(final["execution_id"])["error"]
    assert (error["code"], error["node"]) == ("NODE_RAISED", "check")


def test_a_plain_generator_that_never_closes_does_not_block_the_others(lab: Server) -> None:
    before = time.monotonic()
    payloads, final = last_frame(lab, "never_closes_in_a_thread")
    assert (payloads, final["error"]) == ([{"number": 0}, {"number": 1}], "ValueError: not the third")
    assert time.monotonic() - before < 2


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


@pytest.fixture(scope="module")
def sturdy() -> Iterator[Server]:
    with running(PACKAGES) as server:
        yield server


@pytest.fixture
def victim(sturdy: Server) -> Server:
    """Started again when a test has brought it down, so that each test fails for itself alone."""
    try:
        is_ready = sturdy.request("GET", "/readyz").status == 200
    except OSError:
        is_ready = False
    if not is_ready:
        sturdy.end(1)
        sturdy.start()
    return sturdy


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
    assert victim.stop(STOP_S_MAX) == 0


# Packages that do not load.

HEAD = "from dataclasses import dataclass\nfrom penstock.sdk import node\n"
WORKS = HEAD + "@dataclass\nclass Text:\n    text: str\n\n@node\ndef same(text: Text) -> Text:\n    return text\n"
BROKEN = {
    "fails_to_import": "import nowhere_to_be_found\n",
    "raises_at_import": WORKS + "raise LookupError('no luck')\n",
    "exits_at_import": WORKS + "import sys\nsys.exit(1)\n",
    "has_a_syntax_error": WORKS + "def broken(:\n",
    "misses_types": HEAD + "@node\ndef untyped(text):\n    return text\n",
    "has_a_bad_field": HEAD
    + "@dataclass\nclass Bad:\n    value: complex\n\n@node\ndef bad(given: Bad) -> Bad:\n    return given\n",
    "declares_nothing": "x = 1\n",
}


def write_package(folder: Path, name: str, nodes: str, node: str = "same") -> None:
    package = folder / name
    (package / "flows").mkdir(parents=True)
    (package / "penstock.yaml").write_text(f"name: {name}\n")
    (package / "nodes.py").write_text(nodes)
    (package / "flows" / f"{name}.yaml").write_text(f"flow: {name}\nnodes:\n  only: {{use: {name}/{node}}}\n")


def test_packages_that_do_not_load_are_reported_and_the_others_work(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    write_package(tmp_path, "works", WORKS)
    for name, nodes in BROKEN.items():
        write_package(tmp_path, name, nodes)
    write_package(tmp_path, "uses_nothing", WORKS, "nobody")
    (tmp_path / "works" / "flows" / "malformed.yaml").write_text("flow: malformed\nnodes: [\n")
    server = serve(tmp_path)
    assert list(server.info["flows"]) == ["works"]
    assert server.invoke("works", {"text": "x"})["result"]["output"] == {"text": "x"}
    reports = [line for line in server.log.splitlines() if line.startswith("penstock:")]
    folders = {name: next((line for line in reports if name in line), "") for name in (*BROKEN, "uses_nothing")}
    assert {name: told for name, told in folders.items() if not told} == {}
    assert "Traceback" not in server.log
    expected = {
        "fails_to_import": "nodes.py:1: there is no module nowhere_to_be_found",
        "raises_at_import": "nodes.py:10: LookupError: no luck",
        "exits_at_import": "nodes.py:11: it called sys.exit(1) while it was imported",
        "has_a_syntax_error": "nodes.py:10: SyntaxError: invalid syntax",
        "misses_types": "nodes.py:3: node untyped: the parameter text has no annotation",
        "has_a_bad_field": "Bad.value",
        "declares_nothing": "nodes.py: it declares no node",
        "uses_nothing": "nobody",
    }
    assert {name: text for name, text in expected.items() if text not in folders[name]} == {}
    assert any("malformed.yaml" in line and "line 3" in line for line in reports)
