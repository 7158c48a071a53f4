"""Where no key helps: what nodes say, what leaves the installation, and flows that would show what is marked."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from penstock.engine.compiler.flow_file import read_flow
from penstock.engine.domain.errors import FlowDoesNotCompile
from penstock.engine.runtime.running.redaction import redactor
from penstock.engine.storage.records import ExecutionRow
from penstock.engine.webhooks.message import message_body
from tests.keys.ward import ACCOUNT, WORD, Ward
from tests.sensitive.test_walk import EXECUTIONS, FLOWS, GIVEN, INVOKE, found_in


def run(vault: Ward, flow: str, **fields: Any) -> Any:
    answer = vault.http("POST", INVOKE, {"flow": flow, "input": GIVEN, "wait": True} | fields)
    assert answer.status == 202, answer.body
    return answer.json


def test_an_error_says_what_went_wrong_without_the_value(vault: Ward) -> None:
    failed = run(vault, "pay_badly")["result"]["error"]
    assert failed["message"] == "ValueError: no luck with [redacted], b'[redacted]' and [redacted]"
    misfit = run(vault, "misfit")["result"]["error"]
    assert misfit["message"] == "misfit returned Note with pin: expected int, got str"
    branch = run(vault, "branch")["result"]["error"]
    assert branch["message"] == "an edge of node say cannot be evaluated: Key not found in map"


def test_the_servers_log_holds_none_of_it(vault: Ward, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for flow in FLOWS:
            if flow not in ("hear", "spell", "echo"):
                run(vault, flow)
        vault.http("POST", f"{INVOKE}/stream", {"flow": "echo", "input": GIVEN})
        vault.http("POST", INVOKE, {"flow": "hello", "input": {"pin": WORD}})
    said = caplog.text + str([vars(record) for record in caplog.records])
    assert "said [redacted]" in said
    assert found_in(said) == []


def test_metrics_hold_none_of_it(vault: Ward) -> None:
    assert found_in(vault.http("GET", "/metrics", key=vault.key(account="default")).body.decode()) == []


def test_an_export_holds_none_of_it_and_can_be_imported(vault: Ward) -> None:
    execution_id = run(vault, "hello")["execution_id"]
    document = vault.http("GET", f"{EXECUTIONS}/{execution_id}:export?signed=true")
    assert (json.loads(document.body)["input"]["text"], found_in(document.body.decode())) == ("[redacted]", [])
    imported = vault.http("POST", f"{EXECUTIONS}:import", document.body)
    assert (imported.status, imported.json["imported"]["signature"]) == (200, "GENUINE")
    where = f"{EXECUTIONS}/{imported.json['imported']['execution']['execution_id']}"
    for part in ("/output", "/checkpoints", "/stream"):
        assert found_in(vault.http("GET", f"{where}{part}").body.decode()) == []


def test_the_body_of_a_webhook_holds_none_of_it(vault: Ward) -> None:
    execution_id = run(vault, "hello")["execution_id"]
    runtime = vault.engine.face._runtime

    async def body() -> bytes:
        row: ExecutionRow = await runtime.executions.get(execution_id, ACCOUNT)
        program = await runtime.catalog.program(ACCOUNT, row.graph_id)
        checkpoint = await runtime.executions.checkpoint(execution_id, program.graph.terminal)
        assert checkpoint is not None
        return message_body(row, program, checkpoint.payload)

    sent = json.loads(vault.run(body()))
    assert sent["data"]["result"]["output"]["text"] == "[redacted]"
    assert found_in(json.dumps(sent)) == []


def test_values_are_found_in_texts_in_every_form_unless_there_are_too_many() -> None:
    hide = redactor({}, [lambda: ["swordfish", 4242424, b"\xff\x00key", True, "ab"]])
    assert hide is not None
    assert hide("swordfish c3dvcmRmaXNo 4,242,424 4242424 ff006b6579 True ab") == " ".join(
        ["[redacted]"] * 5 + ["True ab"]
    )
    many = redactor({}, [lambda: range(10_000, 11_000)])
    assert many is not None
    assert many("anything") == "[redacted]"


LOST = "is sensitive in {} and not in {}; mark it there, or map what may be seen"


@pytest.mark.parametrize(
    ("nodes", "problem"),
    [
        (
            "searchable: [input.text]\nnodes: {say: {use: vault/say}}",
            "searchable input.text: input.text is sensitive, so its values are not kept for lists",
        ),
        (
            "searchable: [output.inner.holder]\nnodes: {say: {use: vault/say}}",
            "searchable output.inner.holder: output.inner is sensitive, so its values are not kept for lists",
        ),
        (
            "nodes: {say: {use: vault/say}, show: {use: vault/show}}\nedges: [say -> show]",
            "text " + LOST.format("what say gives", "what show takes"),
        ),
        (
            "nodes: {show: {use: vault/show, fallback: vault/hush}}",
            "text " + LOST.format("what its fallback gives", "what the node gives"),
        ),
        (
            "nodes: {spread: {use: vault/spread}, end: {use: vault/unseal},"
            " each: {map: {over: output.notes, use: vault/each}, output: vault.Sealed}}\n"
            "edges: [spread -> each, each -> end]",
            "vault.Sealed.notes is sensitive as a whole, and results are shown one by one",
        ),
    ],
)
def test_a_flow_that_would_show_it_is_refused(vault: Ward, nodes: str, problem: str) -> None:
    flow = read_flow(f"flow: shows\n{nodes}".encode())
    with pytest.raises(FlowDoesNotCompile) as refused:
        vault.run(vault.engine.face.publisher.compile(ACCOUNT, flow, validate_only=True, allow_breaking=False))
    assert [found.message for found in refused.value.problems] == [problem]


def test_a_map_says_what_may_be_seen(vault: Ward) -> None:
    flow = read_flow(
        b"flow: shows\nnodes: {say: {use: vault/say}, show: {use: vault/show}}\n"
        b"edges: [{from: say, to: show, map: {text: output.open}}]"
    )
    vault.run(vault.engine.face.publisher.compile(ACCOUNT, flow, validate_only=True, allow_breaking=False))
