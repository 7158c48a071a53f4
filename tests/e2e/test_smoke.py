"""The main job over HTTP against a real server."""

from __future__ import annotations

from tests.harness import Server


def test_a_waiting_invocation_answers_with_the_output(server: Server) -> None:
    answer = server.invoke("hello", {"name": "Ada"})
    assert answer["result"]["output"] == {"greeting": "Hello, Ada!"}
    assert answer["result"]["success"] is True
