"""Nodes that raise or give the wrong thing: the execution fails and says why, everybody else goes on."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from tests.e2e.failing import IN_NODES, by_the_node, failure, goes_on, last_frame
from tests.e2e.support import cancel
from tests.harness import Server

DEEP_DOWN = (
    IN_NODES + r'{node}\n    raise_deep_down\(\)\n  File "deep\.py", line \d+, in raise_deep_down\n'
    r'    raise ValueError\("deep down"\)\nValueError: deep down\n'
)


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
