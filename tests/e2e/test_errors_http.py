"""The contract's table of errors against a real server."""

from __future__ import annotations

import json
from typing import Any

import pytest

from penstock.engine.domain.limits import PAYLOAD_BYTES_MAX
from penstock.gateway.limits import BODY_BYTES_MAX
from penstock.wire.gen.invocation_service_pb2 import InvokeFlowRequest
from tests.e2e.rawhttp import head, wire
from tests.e2e.support import (
    EXECUTIONS,
    INVOKE,
    NOBODY,
    PROTOBUF,
    STREAM,
    not_found,
    refusal,
    refused,
)
from tests.harness import Answer, Server

ORDER: dict[str, Any] = {"order_id": "A-1", "customer": {"name": "Ada"}, "lines": [{"sku": "POT-IRON"}]}


def invoke(server: Server, body: Any, **headers: str) -> Answer:
    return server.request("POST", INVOKE, body, {name.replace("_", "-"): value for name, value in headers.items()})


def with_input(given: Any) -> bytes:
    return json.dumps({"flow": "orders", "input": given}).encode()


# Who calls.

PROTECTED = [
    ("POST", INVOKE),
    ("POST", STREAM),
    ("GET", EXECUTIONS),
    ("GET", f"{EXECUTIONS}/{NOBODY}"),
    ("GET", f"{EXECUTIONS}/{NOBODY}/stream"),
    ("GET", f"{EXECUTIONS}/{NOBODY}:wait"),
    ("DELETE", f"/invocations/v1/flows/{NOBODY}"),
    ("GET", "/flows/v1/artifacts"),
    ("GET", "/flows/v1/flows"),
    ("GET", "/packages/v1/packages"),
]


@pytest.mark.parametrize(("method", "path"), PROTECTED)
@pytest.mark.parametrize("key", [None, "psk_", "psk_0123456789ab_wrong", "wrong", "psk_\xff_x"])
def test_no_key_and_a_bad_key_are_unauthorized(server: Server, method: str, path: str, key: str | None) -> None:
    answer = server.request(method, path, key=key)
    status, body = refusal(answer)
    assert (status, body["error"], body["code"], body["details"]) == (401, "unauthorized", "UNAUTHENTICATED", {})
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_key_with_another_secret_is_unauthorized(server: Server) -> None:
    prefix, _, secret = server.key.rpartition("_")
    for wrong in f"{prefix}_{secret[::-1]}", f"{prefix}_", prefix, server.key + "0", server.key.upper():
        assert server.request("GET", EXECUTIONS, key=wrong).status == 401


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/docs", "/openapi.json"])
def test_health_and_docs_need_no_key(server: Server, path: str) -> None:
    assert server.request("GET", path, key=None).status == 200


# What is not there.


@pytest.mark.parametrize(
    ("method", "path", "sentence"),
    [
        ("GET", f"{EXECUTIONS}/{NOBODY}", f"there is no execution {NOBODY}"),
        ("DELETE", f"/invocations/v1/flows/{NOBODY}", f"there is no execution {NOBODY}"),
        ("GET", "/flows/v1/artifacts/01J00000000000000000000000", "there is no artifact 01J00000000000000000000000"),
        ("GET", "/flows/v1/artifacts/nobody", "there is no flow nobody@live"),
        ("GET", "/flows/v1/flows/nobody", "there is no flow nobody"),
        ("GET", "/packages/v1/packages/nobody", "there is no package nobody"),
    ],
)
def test_what_is_unknown_is_not_found(server: Server, method: str, path: str, sentence: str) -> None:
    assert refusal(server.request(method, path)) == not_found(sentence)


def test_a_path_that_is_none_is_not_found(server: Server) -> None:
    assert refusal(server.request("GET", "/nowhere")) == not_found("no such path: /nowhere", "NO_SUCH_PATH")


def test_another_method_is_refused_with_those_that_work(server: Server) -> None:
    answer = server.request("PUT", EXECUTIONS, {})
    assert answer.headers["Allow"] == "GET"
    assert refusal(answer) == (
        405,
        {
            "error": f"{EXECUTIONS}: expected GET, got PUT",
            "code": "UNIMPLEMENTED",
            "reason": "METHOD_NOT_ALLOWED",
            "details": {},
        },
    )


# Bodies.


@pytest.mark.parametrize(
    ("given", "path", "problem", "reason"),
    [
        ({"nome": 1}, "input.nome", "unknown field, expected one of order_id, customer, lines", "UNKNOWN_FIELD"),
        ({"order_id": 7}, "input.order_id", "expected string, got 7", "WRONG_TYPE"),
        ({"customer": []}, "input.customer", "expected object, got array", "WRONG_TYPE"),
        ({"customer": {"tier": "TIN"}}, "input.customer.tier", 'expected one of STANDARD, GOLD, got "TIN"', None),
        ({"lines": {}}, "input.lines", "expected array, got object", "WRONG_TYPE"),
        (
            {"lines": [{"quantity": 1}, {"quantity": 2}, {"quantity": "x"}]},
            "input.lines[2].quantity",
            'expected int32, got "x"',
            "WRONG_TYPE",
        ),
        (
            {"lines": [{"quantity": 2**31}]},
            "input.lines[0].quantity",
            "expected int32 (-2147483648 to 2147483647), got 2147483648",
            "OUT_OF_RANGE",
        ),
        ("text", "input", 'expected object, got "text"', "WRONG_TYPE"),
        (["a"], "input", "expected object, got array", "WRONG_TYPE"),
    ],
)
@pytest.mark.parametrize("path_of_api", [INVOKE, STREAM])
def test_a_wrong_input_is_refused_with_its_path(
    server: Server, path_of_api: str, given: Any, path: str, problem: str, reason: str | None
) -> None:
    answer = server.request("POST", path_of_api, {"flow": "orders", "input": given})
    status, body = refusal(answer)
    assert (status, body) == refused(path, problem, reason or body["reason"])


@pytest.mark.parametrize(
    ("body", "path", "problem", "reason"),
    [
        ({"flow": "hello", "inptu": {}}, "inptu", "unknown field", "UNKNOWN_FIELD"),
        ({"flow": 7}, "flow", "expected string, got 7", "WRONG_TYPE"),
        ({"flow": "hello", "wait": "yes"}, "wait", 'expected bool, got "yes"', "WRONG_TYPE"),
        ({"flow": "hello", "timeout_seconds": "x"}, "timeout_seconds", 'expected double, got "x"', "WRONG_TYPE"),
        ({"flow": "hello", "labels": {"a": 1}}, "labels.a", "expected string, got 1", "WRONG_TYPE"),
        ([], "", "expected object, got array", "WRONG_TYPE"),
        ("text", "", 'expected object, got "text"', "WRONG_TYPE"),
    ],
)
def test_a_wrong_request_is_refused_with_its_path(
    server: Server, body: Any, path: str, problem: str, reason: str
) -> None:
    status, answer = refusal(invoke(server, body))
    [violation] = answer["details"]["violations"]
    assert (status, answer["reason"], violation["field"]) == (400, reason, path)
    assert answer["error"].startswith(f"{path}: {problem}" if path else problem)


def test_a_missing_body_is_refused(server: Server) -> None:
    assert refusal(invoke(server, None)) == refused("body", "expected a message, got nothing", "BODY_MISSING")
    assert refusal(invoke(server, b"")) == refused("body", "expected a message, got nothing", "BODY_MISSING")


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b"{", "line 1, column 2"),
        (b'{"flow": "hello",}', "line 1, column 17"),
        (b'{"flow":\n "hello" "input": {}}', "line 2, column 10"),
        (b'{"flow": NaN}', "line 1, column 10"),
        (b"{'flow': 'hello'}", "line 1, column 2"),
        (b'{"flow": "\xff"}', "line 1, column 1"),
        (b'{"flow": "hello"} x', "line 1, column 19"),
        (b"flow=hello", "line 1, column 1"),
    ],
)
def test_malformed_json_is_refused_with_its_place(server: Server, body: bytes, place: str) -> None:
    status, answer = refusal(invoke(server, body, Content_Type="application/json"))
    assert (status, answer["code"], answer["reason"]) == (400, "INVALID_ARGUMENT", "MALFORMED_JSON")
    assert answer["error"].startswith(f"malformed JSON at {place}: ")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b'{"flow": "hello", "flow": "orders"}', "flow"),
        (b'{"flow": "orders", "input": {"order_id": "a", "order_id": "b"}}', "input.order_id"),
        (b'{"flow": "orders", "input": {"lines": [{}, {"sku": "a", "sku": "a"}]}}', "input.lines[1].sku"),
        (b'{"flow": "hello", "labels": {"team": "a", "te\\u0061m": "b"}}', "labels.team"),
    ],
)
def test_a_key_that_stands_twice_is_refused(server: Server, body: bytes, path: str) -> None:
    answer = invoke(server, body, Content_Type="application/json")
    assert refusal(answer) == refused(path, "duplicate key", "DUPLICATE_KEY")


@pytest.mark.parametrize("depth", [101, 100_000, 5_000_000])
def test_deep_json_is_refused_before_anything_recurses(server: Server, depth: int) -> None:
    body = b'{"flow": "hello", "input": ' + b"[" * depth + b"]" * depth + b"}"
    status, answer = refusal(invoke(server, body, Content_Type="application/json"))
    assert (status, answer["reason"]) == (400, "TOO_DEEP")
    assert answer["error"].startswith("expected at most 100 levels, got more at line 1, column ")


def test_bytes_that_are_no_protobuf_are_refused(server: Server) -> None:
    answer = invoke(server, b"\xff\xff\xff", Content_Type=PROTOBUF)
    problem = "expected penstock.v1.InvokeFlowRequest in protobuf, got something else"
    assert refusal(answer) == refused("body", problem, "MALFORMED_PROTOBUF")


def test_an_input_that_is_no_protobuf_is_refused(server: Server) -> None:
    body = InvokeFlowRequest(flow="hello", input_bytes=b"\xff\xff").SerializeToString()
    status, answer = refusal(invoke(server, body, Content_Type=PROTOBUF))
    assert (status, answer["code"]) == (400, "INVALID_ARGUMENT")
    assert answer["error"] == "input_bytes: expected a message hello.GreetRequest in protobuf, got other bytes"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "multipart/form-data", "application/json; charset=latin-1"]
)
def test_another_kind_of_body_is_refused(server: Server, kind: str) -> None:
    answer = invoke(server, b'{"flow": "hello"}', Content_Type=kind)
    assert refusal(answer) == (
        415,
        {
            "error": f"Content-Type: expected application/json or application/x-protobuf, got {kind}",
            "code": "INVALID_ARGUMENT",
            "reason": "UNSUPPORTED_MEDIA_TYPE",
            "details": {},
        },
    )


def test_a_body_over_the_limit_is_refused_with_the_limit(server: Server) -> None:
    # It is refused for what its head says; nobody has to send it first.
    with wire(server) as connection:
        connection.sendall(head(server, INVOKE, f"Content-Length: {BODY_BYTES_MAX + 1}"))
        answer = connection.recv(65536)
    start, _, body = answer.partition(b"\r\n\r\n")
    assert start.startswith(b"HTTP/1.1 413 ")
    assert json.loads(body) == {
        "error": f"body: expected at most {BODY_BYTES_MAX} bytes, got more",
        "code": "RESOURCE_EXHAUSTED",
        "reason": "PAYLOAD_TOO_LARGE",
        "details": {"limit_bytes": str(BODY_BYTES_MAX)},
    }


def test_an_input_over_the_limit_is_refused_with_the_limit(server: Server) -> None:
    status, answer = refusal(invoke(server, {"flow": "hello", "input": {"name": "x" * PAYLOAD_BYTES_MAX}}))
    limit = str(PAYLOAD_BYTES_MAX)
    assert (status, answer["code"], answer["reason"]) == (413, "RESOURCE_EXHAUSTED", "PAYLOAD_TOO_LARGE")
    assert answer["details"]["limit_bytes"] == limit
    # A tag and a length stand before the text.
    assert answer["error"] == f"input: expected at most {limit} bytes, got {PAYLOAD_BYTES_MAX + 5}"


def test_an_input_at_the_limit_is_taken(lab: Server) -> None:
    text = "x" * (PAYLOAD_BYTES_MAX - 5)
    assert lab.invoke("echo", {"text": text})["result"]["output"] == {"text": text}


def test_text_of_every_kind_goes_through(server: Server) -> None:
    for name in "Zoë", "名前", "🦆", "a\0b", '"\\\n\t', "\u2028", "e\u0301", "\ufeff":
        assert server.invoke("hello", {"name": name})["result"]["output"] == {"greeting": f"Hello, {name}!"}


def test_half_a_character_is_refused(server: Server) -> None:
    status, answer = refusal(invoke(server, b'{"flow": "hello", "input": {"name": "\\ud800"}}'))
    assert (status, answer["reason"]) == (400, "MALFORMED_JSON")


# A flow that does not compile.


def test_a_flow_that_does_not_compile_is_refused_with_every_problem(server: Server) -> None:
    definition = {
        "nodes": {"price": {"use": "orders/price"}, "greet": {"use": "hello/greet"}, "pay": {"use": "orders/chrage"}},
        "edges": [{"from": "price", "to": "greet"}, {"from": "greet", "to": "nobody"}],
    }
    answer = server.request("POST", "/flows/v1/flows/broken:compile", {"definition": definition})
    status, body = refusal(answer)
    assert (status, body["code"], body["reason"]) == (400, "INVALID_ARGUMENT", "FLOW_DOES_NOT_COMPILE")
    assert body["error"].startswith("flow broken does not compile: ")
    fields = [violation["field"] for violation in body["details"]["violations"]]
    assert any("pay" in field for field in fields) and any("nobody" in field for field in fields)
    assert refusal(server.request("GET", "/flows/v1/flows/broken"))[0] == 404


def test_an_edge_between_other_types_is_refused_with_both(server: Server) -> None:
    definition = {
        "nodes": {"price": {"use": "orders/price"}, "greet": {"use": "hello/greet"}},
        "edges": [{"from": "greet", "to": "price"}],
    }
    status, body = refusal(server.request("POST", "/flows/v1/flows/broken:compile", {"definition": definition}))
    assert (status, body["reason"]) == (400, "FLOW_DOES_NOT_COMPILE")
    [violation] = body["details"]["violations"]
    assert "greet -> price" in violation["field"]
    assert "hello.Greeting" in violation["description"] and "orders.Order" in violation["description"]
