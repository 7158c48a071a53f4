"""The same invocation twice over HTTP, against a real server."""

from __future__ import annotations

import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.e2e.support import EXECUTIONS, INVOKE, refusal, refused
from tests.harness import Answer, Server


def invoke(server: Server, body: Any, **headers: str) -> Answer:
    return server.request("POST", INVOKE, body, {name.replace("_", "-"): value for name, value in headers.items()})


def identify(answer: Answer) -> str:
    """The execution id, which is 32 lower-case hex digits."""
    execution_id = str(answer.json["execution_id"])
    assert re.fullmatch("[0-9a-f]{32}", execution_id)
    return execution_id


def test_the_same_request_id_gives_the_same_execution(server: Server) -> None:
    body = {"flow": "hello", "input": {"name": "Ada"}, "wait": True}
    first = invoke(server, body, Idempotency_Key="in a header")
    assert first.json["result"]["output"] == {"greeting": "Hello, Ada!"}
    assert invoke(server, body, Idempotency_Key="in a header").body == first.body
    assert invoke(server, {**body, "request_id": "in a header"}).body == first.body


def test_a_repeat_may_wait_longer_or_not_at_all(server: Server) -> None:
    body = {"flow": "hello", "input": {"name": "Ada"}, "request_id": "patience"}
    first = invoke(server, body)
    assert invoke(server, {**body, "wait": False}).body == first.body
    waited = invoke(server, {**body, "wait": True, "timeout_seconds": 5})
    assert (identify(waited), waited.json["result"]["success"]) == (identify(first), True)


def test_a_repeat_of_a_failed_run_tells_the_same(server: Server) -> None:
    body = {"flow": "orders", "input": {"order_id": "A-1", "customer": {"name": "Ada"}}, "wait": True}
    first = invoke(server, body, Idempotency_Key="failed")
    assert first.json["result"]["error"]["code"] == "EMPTY_ORDER"
    assert invoke(server, body, Idempotency_Key="failed").body == first.body


@pytest.mark.parametrize(
    "change",
    [{"input": {"name": "Bob"}}, {"input": {}}, {"labels": {"team": "blue"}}, {"flow": "orders", "input": {}}],
)
def test_a_request_id_of_another_request_is_refused(server: Server, change: dict[str, Any]) -> None:
    key = uuid.uuid4().hex
    body = {"flow": "hello", "input": {"name": "Ada"}}
    execution_id = identify(invoke(server, body, Idempotency_Key=key))
    assert refusal(invoke(server, body | change, Idempotency_Key=key)) == (
        409,
        {
            "error": f"request id '{key}' was used for another request",
            "code": "ABORTED",
            "reason": "IDEMPOTENCY_MISMATCH",
            "details": {"execution_id": execution_id},
        },
    )


def test_a_request_id_that_comes_many_times_at_once_gives_one_execution(server: Server) -> None:
    body = {"flow": "hello", "input": {"name": "Ada"}, "wait": True, "labels": {"once": "yes"}}
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: invoke(server, body, Idempotency_Key="stampede"), range(32)))
    assert [answer.body for answer in answers] == [answers[0].body] * 32
    listed = server.request("GET", f"{EXECUTIONS}?filter=labels.once=yes").json["executions"]
    assert [execution["execution_id"] for execution in listed] == [identify(answers[0])]


@pytest.mark.parametrize("request_id", ["x" * 129, "tab\tin it", "ä"])
def test_a_request_id_is_short_and_printable(server: Server, request_id: str) -> None:
    problem = f"expected at most 128 printable ASCII characters, got {request_id[:80]!r}"
    answer = invoke(server, {"flow": "hello", "input": {}, "request_id": request_id})
    assert refusal(answer) == refused("request_id", problem, "INVALID_ARGUMENT")
