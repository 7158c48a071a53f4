"""What belongs to an account stands in no log line, no metric and no answer to anybody else, however calls end.

Each thing that could be told by mistake holds a mark. The server runs in this process, with every logger at DEBUG.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from penstock.cli.flow_order import read_file
from penstock.cli.serving.log_json import JsonFormatter
from penstock.engine.nodes import archive
from penstock.engine.webhooks.egress import EgressPolicy
from penstock.engine.webhooks.settings import WebhookSettings
from tests.e2e.support import eventually
from tests.harness import Answer, open_folder
from tests.keys.ward import Ward

PACKAGE = Path(__file__).parent / "packages" / "marked"
INPUT, OUTPUT, FRAME = "INPUT-4be8", "OUTPUT-b93e", "FRAME-d406"
SECRET, CONFIG, HEADER = "SECRET-0d5c", "CONFIG-aa17", "HEADER-e2f9"
NODE_LOG, EXCEPTION, COMMENT, REFUSED = "NODELOG-7c21", "EXCEPTION-51fa", "COMMENT-93d0", "REFUSED-6a6a"
OWN = (INPUT, OUTPUT, FRAME, SECRET, CONFIG, HEADER, NODE_LOG, COMMENT)
"""Marks of what one account has and sends."""

INVOKE = "/invocations/v1/flows/invoke"
EXECUTIONS = "/invocations/v1/executions"
VIEWS = (
    *("", "/events", "/nodes", "/checkpoints", "/output", "/logs", "/frames", "/children", "/gates", "/pauses"),
    *("/timeline", "/payloads/input", ":explain", ":export"),
)
CLOSED = "http://127.0.0.1:9/"
"""Nobody listens there, so that deliveries fail."""


class Written(logging.Handler):
    """Every line of the log, as it is written where programs read it: with all its fields."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(JsonFormatter())
        self.lines: list[str] = []
        self.of_nodes: list[str] = []
        """What nodes wrote by `context.log`, which is theirs to choose."""

    def emit(self, record: logging.LogRecord) -> None:
        lines = self.of_nodes if record.name == "penstock.node" else self.lines
        lines.append(self.format(record))


class Marked(Ward):
    """Serves the package with the marks."""

    def publish(self, account: str = "marked") -> None:
        publisher = self.engine.face.publisher
        self.run(publisher.publish_package(account, archive.pack(PACKAGE)))
        for path in sorted(PACKAGE.glob("flows/*.yaml")):
            self.run(publisher.compile(account, read_file(path).flow, validate_only=False, allow_breaking=False))


@pytest.fixture(scope="module")
def written() -> Iterator[Written]:
    handler, root = Written(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture(scope="module")
def marked(written: Written) -> Iterator[Marked]:
    folder = open_folder()
    policy = EgressPolicy((ip_network("127.0.0.0/8"),))
    server = Marked(folder / "data", webhooks=WebhookSettings(policy, retries_s=(0.0,), jitter=0.0))
    server.admin = server.key(account="marked")
    server.publish()
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def ids(marked: Marked) -> dict[str, str]:
    """Executions that ended in every way: name -> id. Everything has been sent that could be told of."""
    send(marked, "PUT", "/configs/v1/secrets/mark", {"value": SECRET})
    config = {"config_id": "dark", "flow": "tell", "values": {"word": CONFIG}}
    send(marked, "POST", "/configs/v1/configs", config)
    webhook = {"url": CLOSED, "headers": {"Authorization": HEADER}}
    given: dict[str, dict[str, Any]] = {
        "tell": {"config_id": "dark", "webhook": webhook},
        **{flow: {} for flow in ("fail", "crash", "expire")},
        **{flow: {"wait": False} for flow in ("hang", "ask")},
    }
    made = {flow: invoke(marked, flow, **fields)["execution_id"] for flow, fields in given.items()}
    streamed = marked.http("POST", INVOKE + "/stream", {"flow": "stream", "input": {"text": INPUT}})
    assert FRAME in streamed.body.decode()
    made["stream"] = json.loads(streamed.body.decode().partition("data: ")[2].partition("\n")[0])["execution_id"]
    send(marked, "DELETE", f"/invocations/v1/flows/{made['hang']}?reason={COMMENT}")
    decide(marked, made["ask"])
    for flow in made:
        send(marked, "GET", f"{EXECUTIONS}/{made[flow]}:wait?timeout_seconds=20")
    settle_webhook(marked, made["tell"])
    return made


def send(marked: Marked, method: str, path: str, body: Any = None) -> Answer:
    answer = marked.http(method, path, body)
    assert answer.status < 300, (path, answer.body)
    return answer


def invoke(marked: Marked, flow: str, **fields: Any) -> Any:
    body = {"flow": flow, "input": {"text": INPUT}, "wait": True} | fields
    return send(marked, "POST", INVOKE, body).json


def decide(marked: Marked, execution_id: str) -> None:
    """Approves its pause, once it is there."""
    path = f"{EXECUTIONS}/{execution_id}"
    eventually(lambda: send(marked, "GET", path).json["status"] == "PAUSED")
    send(marked, "POST", f"{path}/pauses/ask:approve", {"comment": COMMENT})


def settle_webhook(marked: Marked, execution_id: str) -> None:
    path = f"/webhooks/v1/deliveries?execution_id={execution_id}"
    eventually(lambda: "FAILED" in [each["state"] for each in send(marked, "GET", path).json["deliveries"]])


def found(text: str, marks: tuple[str, ...]) -> list[str]:
    return [mark for mark in marks if mark in text]


def test_bad_requests_are_refused_to_their_sender_alone(marked: Marked, ids: dict[str, str], written: Written) -> None:
    refused = [
        marked.http("POST", INVOKE, b'{"flow": "tell", "input": {"text": "' + REFUSED.encode()),
        marked.http("POST", INVOKE, {"flow": REFUSED, "input": {}}),
        marked.http("POST", INVOKE, {"flow": "tell", "input": {REFUSED: 1}}),
        marked.http("POST", INVOKE, {"flow": "tell", "input": {"text": [REFUSED]}}),
        marked.http("GET", f"{EXECUTIONS}/{REFUSED}"),
        marked.http("GET", f"{EXECUTIONS}?filter={REFUSED}"),
        marked.http("GET", EXECUTIONS, key=f"psk_0123456789ab_{REFUSED}"),
        marked.http("PUT", "/configs/v1/secrets/mark", {"value": [REFUSED]}),
        marked.http("GET", EXECUTIONS, Cookie=REFUSED),
    ]
    assert {answer.status for answer in refused[:-1]} <= {400, 401, 404}
    assert found("\n".join(written.lines), (REFUSED,)) == []


def test_no_line_of_the_log_holds_a_mark(marked: Marked, ids: dict[str, str], written: Written) -> None:
    log, of_nodes = "\n".join(written.lines), "\n".join(written.of_nodes)
    assert found(log, (*OWN, EXCEPTION, secret_part(marked.admin))) == []
    assert found(of_nodes, OWN) == [INPUT, OUTPUT, NODE_LOG]


def test_no_metric_holds_a_mark(marked: Marked, ids: dict[str, str]) -> None:
    metrics = marked.http("GET", "/metrics", key=marked.key("metrics:read", account="default")).body.decode()
    assert "penstock_http_requests" in metrics
    assert found(metrics, (*OWN, EXCEPTION, *ids.values(), secret_part(marked.admin))) == []


def test_nobody_else_is_told_a_mark(marked: Marked, ids: dict[str, str]) -> None:
    stranger = marked.key(account="stranger")
    for execution_id in ids.values():
        for rest in VIEWS:
            answer = marked.http("GET", f"{EXECUTIONS}/{execution_id}{rest}", key=stranger)
            assert answer.status == 404, rest
            assert found(answer.body.decode(), (*OWN, EXCEPTION)) == [], rest


def test_who_may_see_no_payloads_finds_no_mark_of_one(marked: Marked, ids: dict[str, str]) -> None:
    viewer = marked.key("executions:read", account="marked")
    hidden = (INPUT, OUTPUT, FRAME, SECRET, CONFIG, HEADER, NODE_LOG)
    for flow, execution_id in ids.items():
        for rest in VIEWS:
            answer = marked.http("GET", f"{EXECUTIONS}/{execution_id}{rest}", key=viewer)
            # Not each of them has an output or frames.
            assert answer.status in (200, 400, 403, 404, 409), (rest, answer.body)
            assert found(answer.body.decode(), hidden) == [], (flow, rest)


def test_a_secret_is_shown_to_nobody(marked: Marked, ids: dict[str, str]) -> None:
    for execution_id in ids.values():
        for rest in VIEWS:
            answer = marked.http("GET", f"{EXECUTIONS}/{execution_id}{rest}")
            assert found(answer.body.decode(), (SECRET, secret_part(marked.admin))) == [], rest
    told = send(marked, "GET", f"{EXECUTIONS}/{ids['fail']}").body.decode()
    assert f"{EXCEPTION} with [secret mark]" in told


def secret_part(key: str) -> str:
    return key.rpartition("_")[2]
