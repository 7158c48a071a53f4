"""Policies and the sweep, the same through HTTP, gRPC and the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor_pool import Default
from google.protobuf.json_format import ParseDict

from penstock.cli.main import main
from penstock.wire.gen import retention_service_pb2 as pb
from penstock.wire.gen.retention_service_pb2_grpc import RetentionServiceStub
from penstock.wire.json import JsonCodec, dumps
from tests.cli.conftest import Outcome, Penstock
from tests.harness import Server

POLICIES, SWEEP = "/retention/v1/policies", "/retention/v1/sweep"
_JSON = ("--output", "json")
_CODEC = JsonCodec(Default())
_EXPECTED = "period: expected 1 h to 36,500 days in whole seconds, or is_forever"
_SERVER = {"flow": "-", "period": "2592000s", "is_forever": False, "source": "SERVER", "key_id": ""}


@pytest.fixture(scope="module")
def channel(server: Server) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(server.info["grpc_address"]) as channel:
        yield channel


@pytest.fixture(autouse=True)
def as_before(server: Server) -> Iterator[None]:
    yield
    for flow in ("-", "hello", "orders"):
        server.request("DELETE", f"{POLICIES}/{flow}")


def by_http(server: Server, method: str, path: str, body: Any = None) -> Any:
    answer = server.request(method, path, body)
    assert answer.status == 200, answer.body
    return answer.json


def by_grpc(server: Server, channel: grpc.Channel, method: str, **fields: Any) -> Any:
    request = ParseDict(fields, getattr(pb, f"{method}Request")())
    answer = getattr(RetentionServiceStub(channel), method)(
        request, metadata=(("authorization", f"Bearer {server.key}"),)
    )
    return json.loads(dumps(_CODEC.encoder(answer.DESCRIPTOR)(answer)))


@pytest.fixture
def penstock(server: Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Penstock:
    """Runs the command in this process, as if the server's data directory were the current one's."""
    for name in ("URL", "API_KEY"):
        monkeypatch.delenv(f"PENSTOCK_{name}", raising=False)
    monkeypatch.setenv("PENSTOCK_DATA_DIR", str(server.data_dir))

    def run(*words: str) -> Outcome:
        code = main(["retention", *words])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return run


def as_json(done: Outcome) -> Any:
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_every_face_tells_the_same(server: Server, channel: grpc.Channel, penstock: Penstock) -> None:
    assert by_http(server, "GET", POLICIES)["policies"] == [_SERVER]
    ours = by_http(server, "PUT", f"{POLICIES}/hello", {"period": "604800s"})
    assert (ours["flow"], ours["period"], ours["source"]) == ("hello", "604800s", "FLOW")
    theirs = by_grpc(server, channel, "PutRetentionPolicy", flow="-", is_forever=True)
    assert (theirs["flow"], theirs["is_forever"], theirs["source"]) == ("-", True, "ACCOUNT")
    assert "period" not in theirs
    mine = as_json(penstock("set", "12h", "--flow", "orders", *_JSON))
    assert (mine["flow"], mine["period"], mine["key_id"]) == ("orders", "43200s", ours["key_id"])
    whole = {"policies": [theirs, ours, mine], "next_page_token": ""}
    assert by_http(server, "GET", POLICIES) == whole
    assert by_grpc(server, channel, "ListRetentionPolicies") == whole
    assert as_json(penstock("show", *_JSON)) == {"policies": whole["policies"]}
    for flow, expected in (("hello", ours), ("fulfil", {**theirs, "flow": "fulfil"}), ("-", theirs)):
        assert by_http(server, "GET", f"{POLICIES}/{flow}") == expected
        assert by_grpc(server, channel, "GetRetentionPolicy", flow=flow) == expected
    assert as_json(penstock("show", "hello", *_JSON)) == ours


def test_sweep_is_the_same_through_every_face(server: Server, channel: grpc.Channel, penstock: Penstock) -> None:
    ours = as_json(penstock("run", *_JSON))
    assert (ours["state"], ours["problem"]) == ("IDLE", "")
    assert by_http(server, "GET", SWEEP) == by_grpc(server, channel, "GetRetentionSweep") == ours
    assert by_http(server, "POST", f"{SWEEP}:run", {})["state"] in ("RUNNING", "IDLE")
    assert by_grpc(server, channel, "RunRetentionSweep")["removed_count"] == ours["removed_count"] == 0
    assert as_json(penstock("status", *_JSON))["archived_count"] == 0


def test_policy_that_is_taken_back_gives_way_to_the_one_behind_it(penstock: Penstock) -> None:
    for words, expected in (
        (("set", "forever"), "executions of all other flows are kept for ever, as the account says"),
        (("set", "90d", "--flow", "hello"), "executions of flow hello are kept 90 days, as the flow says"),
        (("unset", "--flow", "hello"), "executions of flow hello are kept for ever, as the account says"),
        (("unset",), "executions of all other flows are kept 30 days, as the server says"),
    ):
        assert penstock(*words) == Outcome(0, f"{expected}\n", "")
    done = penstock("unset")
    assert (done.code, done.err) == (1, "penstock: the account has no retention policy of its own\n")


def test_list_comes_in_pages_without_gap_or_repeat(server: Server) -> None:
    for flow in ("hello", "orders"):
        by_http(server, "PUT", f"{POLICIES}/{flow}", {"is_forever": True})
    found, token = [], ""
    while True:
        page = by_http(server, "GET", f"{POLICIES}?page_size=1&page_token={token}")
        found += [policy["flow"] for policy in page["policies"]]
        token = page["next_page_token"]
        if not token:
            break
    assert found == ["-", "hello", "orders"]


@pytest.mark.parametrize(
    ("flow", "body", "status", "error"),
    [
        ("hello", {}, 400, f"{_EXPECTED}, got nothing"),
        ("hello", {"period": "3599s"}, 400, f"{_EXPECTED}, got 59m59s"),
        ("hello", {"period": "-1s"}, 400, f"{_EXPECTED}, got -1s"),
        ("hello", {"period": "3600.5s"}, 400, f"{_EXPECTED}, got 1h500ms"),
        ("hello", {"period": "3600s", "is_forever": True}, 400, "period: expected none beside is_forever"),
        ("helo", {"is_forever": True}, 404, "there is no flow helo"),
        ("He-lo", {"is_forever": True}, 400, "flow: expected the name of a flow, or \"-\", got 'He-lo'"),
    ],
)
def test_what_cannot_be_is_refused(server: Server, flow: str, body: Any, status: int, error: str) -> None:
    answer = server.request("PUT", f"{POLICIES}/{flow}", body)
    assert (answer.status, answer.json["error"]) == (status, error)
