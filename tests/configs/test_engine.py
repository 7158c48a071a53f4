"""Configs, secrets and the cache in a real server: what nodes are given, and what is seen of it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.harness import Server, open_folder

NODES = '''
import asyncio
from dataclasses import dataclass

from penstock.sdk import context, node

CALLS = 0


@dataclass
class Ask:
    text: str = ""


@dataclass
class Said:
    text: str = ""
    calls: int = 0


@node
def tell(ask: Ask) -> Said:
    """Says what the config holds under a name."""
    return Said(repr(context.config.get(ask.text)))


@node(secrets=["mail_key"])
def leak(ask: Ask) -> Said:
    key = context.secrets["mail_key"]
    context.log.info("the key is %s", key)
    raise ValueError(f"{ask.text}: {key}")


@node
async def count(ask: Ask) -> Said:
    """Says how often it ran."""
    global CALLS
    CALLS += 1
    await asyncio.sleep(0)
    if ask.text == "fail":
        raise ValueError("no")
    return Said(ask.text, CALLS)


@node
def hold(ask: Ask) -> Ask:
    """Waits until somebody writes into a pipe."""
    with open(ask.text) as pipe:
        return Ask(pipe.read())
'''

FLOWS = {
    "fetch": "{hold: {use: kit/hold, cache: {ttl: 1h}}}",
    "tell": "{tell: {use: kit/tell}}",
    "leak": "{leak: {use: kit/leak}}",
    "count": '{count: {use: kit/count, cache: {version: "1"}}}',
    "held": "{hold: {use: kit/hold}, tell: {use: kit/tell}}\nedges: [hold -> tell]",
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    folder = open_folder()
    package = folder / "kit"
    (package / "flows").mkdir(parents=True)
    (package / "penstock.yaml").write_text("name: kit\n")
    (package / "nodes.py").write_text(NODES)
    for flow, nodes in FLOWS.items():
        (package / "flows" / f"{flow}.yaml").write_text(f"flow: {flow}\nnodes: {nodes}\n")
    running = Server(folder / "data", package).start()
    yield running
    running.stop()
    shutil.rmtree(folder)


def call(server: Server, method: str, path: str, body: Any = None) -> Any:
    answer = server.request(method, f"/configs/v1/{path}", body)
    assert answer.status == 200, answer.body
    return answer.json


def put_config(server: Server, config_id: str, **fields: Any) -> None:
    call(server, "PATCH", f"configs/{config_id}?update_mask=*&allow_missing=true", fields)


def put_secret(server: Server, value: str) -> None:
    call(server, "PUT", "secrets/mail_key", {"value": value})


def told(server: Server, flow: str = "tell", text: str = "region", **fields: Any) -> Any:
    return server.invoke(flow, {"text": text}, **fields)["result"]["output"]["text"]


def refused(server: Server, flow: str, config_id: str) -> tuple[int, str]:
    body = {"flow": flow, "input": {}, "config_id": config_id}
    answer = server.request("POST", "/invocations/v1/flows/invoke", body)
    return answer.status, answer.json["error"]


def test_next_execution_takes_what_was_changed(server: Server) -> None:
    assert told(server) == "None"
    put_config(server, "of_tell", flow="tell", is_default=True, values={"region": "eu", "n": 1, "deep": {"a": [1.5]}})
    assert (told(server), told(server, text="n"), told(server, flow="held", text="/dev/null")) == ("'eu'", "1", "None")
    put_config(server, "night", values={"region": "moon"})
    assert (told(server, config_id="night"), told(server, text="n", config_id="night")) == ("'moon'", "1")
    assert told(server) == "'eu'"
    put_config(server, "of_tell", flow="tell", is_default=True, values={"region": "us"})
    assert told(server) == "'us'"
    call(server, "DELETE", "configs/of_tell")
    assert told(server) == "None"


def test_execution_keeps_what_it_was_accepted_with(server: Server, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    pipe.chmod(0o666)
    put_config(server, "held", flow="held", is_default=True, values={"region": "before"})
    execution_id = server.begin("held", {"text": str(pipe)})
    put_config(server, "held", flow="held", is_default=True, values={"region": "after"})
    pipe.write_text("region")
    assert server.wait(execution_id)["status"] == "COMPLETED"
    assert server.execution(execution_id, "/output")["output"] == {"text": "'before'", "calls": 0}


def test_wrong_config_of_an_invocation_is_refused(server: Server) -> None:
    put_config(server, "of_leak", flow="leak")
    put_config(server, "other_nodes", nodes={"tell": {"timeout": "3s"}, "tall": {"timeout": "3s"}})
    assert refused(server, "tell", "none") == (404, "there is no config none")
    status, error = refused(server, "tell", "of_leak")
    assert (status, "got of_leak, which is for flow leak" in error) == (400, True)
    assert refused(server, "tell", "other_nodes") == (
        400,
        "config_id: config other_nodes changes nodes that the flow does not have: tall",
    )


def test_secret_shows_nowhere(server: Server) -> None:
    missing = server.invoke("leak", {"text": "x"})["result"]["error"]
    assert (missing["code"], missing["retryable"]) == ("SECRET_MISSING", False)
    put_secret(server, "sk_live_4242")
    answer = server.invoke("leak", {"text": "x"})
    assert answer["result"]["error"]["message"] == "ValueError: x: [secret mail_key]"
    execution_id = answer["execution_id"]
    seen = [
        answer,
        *(server.execution(execution_id, rest) for rest in ("", "/events", "/nodes", "/nodes/leak/attempts")),
    ]
    assert "sk_live_4242" not in json.dumps(seen)
    assert "[secret mail_key]" in json.dumps(seen[2:])
    assert "sk_live_4242" not in server.log
    put_secret(server, "sk_live_4343")
    assert "sk_live_4343" not in json.dumps(server.invoke("leak", {"text": "y"}))


def test_many_executions_at_once_compute_once(server: Server) -> None:
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: server.invoke("count", {"text": "one"}), range(16)))
    outputs = [answer["result"]["output"] for answer in answers]
    assert outputs == [outputs[0]] * 16
    assert server.invoke("count", {"text": "two"})["result"]["output"] == {
        "text": "two",
        "calls": outputs[0]["calls"] + 1,
    }


def test_failure_is_not_kept_and_overwrite_computes_anew(server: Server) -> None:
    for _ in range(2):
        assert server.invoke("count", {"text": "fail"})["result"]["success"] is False
    first = server.invoke("count", {"text": "three"})["result"]["output"]["calls"]
    assert server.invoke("count", {"text": "three"}, overwrite_cache=True)["result"]["output"]["calls"] == first + 1
    assert server.invoke("count", {"text": "three"})["result"]["output"]["calls"] == first + 1


def test_secrets_and_cache_survive_kill_9(server: Server) -> None:
    before = server.invoke("count", {"text": "four"})["result"]["output"]
    put_secret(server, "sk_live_4444")
    server.kill()
    server.start()
    assert server.invoke("count", {"text": "four"})["result"]["output"] == before
    assert server.invoke("leak", {"text": "x"})["result"]["error"]["message"] == "ValueError: x: [secret mail_key]"


def test_output_that_a_killed_process_computed_is_computed_anew_and_once(server: Server, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    pipe.chmod(0o666)
    both = [server.begin("fetch", {"text": str(pipe)}) for _ in range(2)]
    # Opens as soon as one of them reads. The other one would read for ever.
    with pipe.open("w"):
        server.kill()
    server.start()
    with pipe.open("w") as stream:
        stream.write("found")
    assert [server.wait(execution_id)["status"] for execution_id in both] == ["COMPLETED"] * 2
    outputs = [server.execution(execution_id, "/output")["output"] for execution_id in both]
    assert outputs == [{"text": "found"}] * 2
