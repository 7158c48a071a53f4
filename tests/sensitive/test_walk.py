"""A word that was put into sensitive fields comes back to no key without the scope, whatever is asked for."""

from __future__ import annotations

import base64
from itertools import islice
from typing import Any

import grpc
import pytest

from penstock.gateway.gen.routes import ROUTES
from penstock.openapi.artifact.documents import KINDS
from tests.keys.test_walk import path_of
from tests.keys.walk import Things, furnish
from tests.keys.ward import METHODS, WORD, Refused, Ward

EXECUTIONS = "/invocations/v1/executions"
INVOKE = "/invocations/v1/flows/invoke"
GIVEN = {
    "text": WORD,
    "open": "seen",
    "pin": 918273645,
    "raw": base64.b64encode(WORD.encode()).decode(),
    "words": [WORD],
    "by_name": {WORD: WORD},
    "inner": {"number": WORD, "holder": WORD},
    "inners": [{"number": WORD, "holder": "Ada"}],
}
SHOWN = {
    "text": "[redacted]",
    "open": "seen",
    "pin": 0,
    "raw": "",
    "words": [],
    "by_name": {},
    "inners": [{"number": "[redacted]", "holder": "Ada"}],
}
PARTS = (
    "",
    "/events",
    "/checkpoints",
    "/nodes",
    "/output",
    "/timeline",
    "/pauses",
    "/gates",
    "/stream",
    "/logs",
    "/frames",
    "/children",
    "/payloads/input",
    "/payloads/output",
    ":explain",
    ":export",
)
FLOWS = ("hello", "pay_rent", "spell", "each", "pay_badly", "misfit", "hear", "branch", "echo")
FORMS = (WORD, base64.b64encode(WORD.encode()).decode().rstrip("=")[:-1], WORD.encode().hex(), "918273645")


@pytest.fixture(scope="module")
def things(vault: Ward) -> Things:
    return furnish(vault)


@pytest.fixture(scope="module")
def runs(vault: Ward) -> dict[str, str]:
    """Flow -> an execution of it, which has ended."""
    made = {}
    for flow in FLOWS:
        given = {"flow": flow, "input": GIVEN}
        if flow in ("spell", "echo"):
            stream = vault.http("POST", f"{INVOKE}/stream", given)
            made[flow] = stream.body.decode().split('"execution_id":"')[1][:32]
            continue
        answer = vault.http("POST", INVOKE, given | {"wait": flow not in ("hear", "pay_rent")})
        assert answer.status == 202, answer.body
        made[flow] = answer.json["execution_id"]
    sent = vault.http("POST", f"{EXECUTIONS}/{made['hear']}/signals/hear", GIVEN)
    assert sent.status == 200, sent.body
    vault.http("GET", f"{EXECUTIONS}/{made['pay_rent']}:wait")
    approved = vault.http("POST", f"{EXECUTIONS}/{made['pay_rent']}/pauses/approve:approve", {"value": GIVEN})
    assert approved.status == 200, approved.body
    for flow in ("hear", "pay_rent"):
        vault.http("GET", f"{EXECUTIONS}/{made[flow]}:wait")
    return made


def found_in(text: str) -> list[str]:
    """Forms of the values that stand in a text."""
    return [form for form in FORMS if form in text]


@pytest.mark.parametrize("flow", FLOWS)
def test_no_part_of_an_execution_shows_it(vault: Ward, blind: str, runs: dict[str, str], flow: str) -> None:
    shown = set()
    for part in PARTS:
        path = f"{EXECUTIONS}/{runs[flow]}{part}"
        hidden, whole = (vault.http("GET", path, key=key) for key in (blind, vault.admin))
        assert hidden.status == whole.status, (path, hidden.body, whole.body)
        assert found_in(hidden.body.decode()) == [], (path, hidden.body)
        if WORD in whole.body.decode():
            shown.add(part)
    # Nobody finds it in documents, logs and errors.
    assert shown & {"", ":export", "/logs", "/nodes", "/events", ":explain"} == set()
    assert "/payloads/input" in shown
    assert ("/output" in shown, "/frames" in shown) == {
        "hello": (True, True),
        "pay_rent": (True, True),
        "each": (True, True),
        "spell": (False, True),
        "echo": (False, True),
    }.get(flow, (False, False))


def test_the_rest_of_a_message_is_shown(vault: Ward, blind: str, runs: dict[str, str]) -> None:
    where = f"{EXECUTIONS}/{runs['hello']}"
    assert vault.http("GET", f"{where}/output", key=blind).json["output"] == SHOWN
    assert vault.http("GET", f"{where}/payloads/input", key=blind).json == SHOWN
    assert vault.http("GET", f"{where}/output").json["output"]["by_name"] == {WORD: WORD}
    over_grpc = vault.ask(
        "ExecutionService.GetOutput", key=blind, execution_id=runs["hello"], payload_bytes=True
    ).output_bytes
    assert b"seen" in over_grpc
    assert found_in(over_grpc.decode("latin-1")) == []


def test_a_key_of_some_flows_sees_what_is_sensitive_there(vault: Ward, runs: dict[str, str]) -> None:
    key = vault.key("executions:read", "payloads:read", "payloads:sensitive:hel*")
    assert WORD in vault.http("GET", f"{EXECUTIONS}/{runs['hello']}/output", key=key).body.decode()
    assert WORD not in vault.http("GET", f"{EXECUTIONS}/{runs['each']}/output", key=key).body.decode()


def test_who_invokes_does_not_get_it_back(vault: Ward, runs: dict[str, str]) -> None:
    given = {"flow": "hello", "input": GIVEN, "wait": True}
    answers = {}
    for scopes in (("invoke",), ("invoke", "payloads:sensitive")):
        answers[scopes] = vault.http("POST", INVOKE, given, key=vault.key(*scopes)).json["result"]["output"]
    assert answers["invoke",] == SHOWN
    assert answers["invoke", "payloads:sensitive"]["text"] == WORD
    stream = vault.http("POST", f"{INVOKE}/stream", {"flow": "spell", "input": GIVEN}, key=vault.key("invoke"))
    assert (stream.body.decode().count("[redacted]"), found_in(stream.body.decode())) == (4, [])
    again = given | {"request_id": "once"}
    assert vault.http("POST", INVOKE, again).json["result"]["output"]["text"] == WORD
    assert vault.http("POST", INVOKE, again, key=vault.key("invoke")).json["result"]["output"] == SHOWN


@pytest.mark.parametrize(("flow", "method"), [("Hello", "Invoke"), ("Hello", "Stream"), ("Spell", "Stream")])
def test_typed_services_do_not_give_it_either(vault: Ward, runs: dict[str, str], flow: str, method: str) -> None:
    metadata = (("authorization", f"Bearer {vault.key('invoke')}"),)
    with grpc.insecure_channel(vault.engine.grpc_address) as channel:
        make = channel.unary_stream if method == "Stream" else channel.unary_unary
        made: Any = make(f"/flows.{flow.lower()}.{flow}/{method}")
        answer = made(b"\n\x09" + WORD.encode(), metadata=metadata, timeout=20)
        told = b"".join(answer) if method == "Stream" else answer
    assert b"[redacted]" in told
    assert found_in(told.decode("latin-1")) == []


def test_the_feed_of_everything_and_pages_of_pauses_do_not_show_it(
    vault: Ward, blind: str, runs: dict[str, str]
) -> None:
    waiting = vault.invoke("pay_rent", input=GIVEN)["execution_id"]
    listed = vault.http("GET", f"{EXECUTIONS}/-/pauses", key=blind)
    assert (waiting in listed.body.decode(), found_in(listed.body.decode())) == (True, [])
    with vault.events(f"{EXECUTIONS}/{waiting}/stream", blind) as events:
        assert found_in(str(list(islice(events, 3)))) == []
    approved = vault.http("POST", f"{EXECUTIONS}/{waiting}/pauses/approve:approve", {"value": GIVEN}, key=blind)
    assert (approved.status, approved.json["input"]["text"]) == (200, "[redacted]")
    assert found_in(approved.body.decode()) == []


def test_who_forks_may_put_in_what_it_may_not_see(vault: Ward, blind: str, runs: dict[str, str]) -> None:
    where = f"{EXECUTIONS}/{runs['pay_rent']}:fork"
    forked = vault.http("POST", where, {"node": "before", "patch": {"text": f"{WORD}-2"}}, key=blind)
    assert (forked.status, found_in(forked.body.decode())) == (200, []), forked.body
    waited = vault.http("GET", f"{EXECUTIONS}/{forked.json['execution_id']}/pauses")
    assert waited.json["pauses"][0]["input"]["text"] == f"{WORD}-2"


def test_an_input_is_not_taken_to_a_flow_that_would_show_it(vault: Ward, blind: str, runs: dict[str, str]) -> None:
    where = f"{EXECUTIONS}/{runs['hello']}:relaunch"
    refused = vault.http("POST", where, {"flow": "plain"}, key=blind)
    assert (refused.status, refused.json["error"]) == (
        400,
        "flow: text is sensitive in flow hello and not in version 1 of flow plain: that takes a key with the scope"
        " payloads:sensitive",
    )
    assert vault.http("POST", where, {"flow": "plain"}).status == 200


def test_a_policy_does_not_find_it_out(vault: Ward, blind: str, runs: dict[str, str]) -> None:
    def holds(key: str) -> bool:
        tested = {
            "policy": {"point": "BEFORE", "block": {"reason": "no"}, "when": f'input.text == "{WORD}"'},
            "execution_id": runs["hello"],
            "node": "say",
        }
        answer = vault.http("POST", "/policies/v1/policies:test", tested, key=key)
        assert answer.status == 200, answer.body
        return bool(answer.json["holds"])

    assert (holds(vault.admin), holds(blind)) == (True, False)


def test_what_many_executions_are_given_is_not_shown(vault: Ward, blind: str, runs: dict[str, str]) -> None:
    asked = {"verb": "FORK", "filter": "flow = none", "parameters": {"node": "before", "patch": {"text": WORD}}}
    made = vault.http("POST", "/bulk/v1/operations", asked)
    assert made.json["parameters"]["patch"] == {"text": WORD}
    for path in (f"/bulk/v1/operations/{made.json['operation_id']}", "/bulk/v1/operations"):
        assert found_in(vault.http("GET", path, key=blind).body.decode()) == []
    seen = vault.http("GET", f"/bulk/v1/operations/{made.json['operation_id']}", key=blind)
    assert (seen.status, seen.json["parameters"]["patch"]) == (200, {"text": "[redacted]"})


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"text": 918273645}, "input.text: expected string, got another value"),
        ({"text": "[redacted]"}, "input.text: expected a value, not what stands in its place, got another value"),
        ({"pin": WORD}, "input.pin: expected int64, got another value"),
        ({"inners": [{"number": [WORD]}]}, "input.inners[0].number: expected string, got another value"),
        ({"by_name": {WORD: 1}}, "input.by_name: expected string, got another value"),
    ],
)
def test_a_refusal_does_not_repeat_it(vault: Ward, given: Any, problem: str) -> None:
    answer = vault.http("POST", INVOKE, {"flow": "hello", "input": given}, key=vault.key("invoke"))
    assert (answer.status, answer.json["error"]) == (400, problem)


def test_documents_say_so(vault: Ward, runs: dict[str, str]) -> None:
    where = "/flows/v1/artifacts/hello"
    documents = {kind: vault.http("GET", f"{where}/{kind}") for kind in KINDS}
    for name in ("openapi.json", "schema.json"):
        schemas = documents[name].json
        schemas = schemas["components"]["schemas"] if name == "openapi.json" else schemas["$defs"]
        marked = {"format": "password", "x-penstock-sensitive": True}
        note = schemas["vault.Note"]["properties"]
        assert {key: note["text"].get(key) for key in marked} == marked
        assert [field for field in note if "x-penstock-sensitive" in note[field]] == [
            field for field in GIVEN if field not in ("open", "inners")
        ]
    assert "string text = 1 [debug_redact = true];" in documents["proto"].body.decode()
    assert "- `text` (string, sensitive)" in documents["llms.txt"].body.decode()
    assert "x-penstock-sensitive" in documents["mcp.json"].body.decode()


# Last: they change what there is.


def test_no_method_shows_what_is_sensitive(vault: Ward, blind: str, things: Things, runs: dict[str, str]) -> None:
    for name in sorted(METHODS):
        own = getattr(things.request(name), "execution_id", "")
        for execution_id in (own, runs["pay_rent"], runs["pay_badly"]) if own else ("",):
            request = things.request(name)
            if own:
                request.execution_id = execution_id
            try:
                told = str(vault.ask(name, request, blind))
            except Refused as refused:
                told = str(refused)
            assert found_in(told) == [], (name, told)


def test_no_route_shows_what_is_sensitive(vault: Ward, blind: str, things: Things) -> None:
    for route in ROUTES:
        if route.method == "watch_executions":
            continue
        path = path_of(route, things)
        answer = vault.http(route.http_method, path, None if route.http_method == "GET" else {}, key=blind)
        assert found_in(answer.body.decode()) == [], (path, answer.body)
