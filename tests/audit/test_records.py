"""Every call that was to change something is on record, once, whichever way it came."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from penstock.cli.database.audit_verify import _problem
from penstock.cli.main import main
from penstock.engine.domain.audit import Record
from penstock.engine.storage.audit_chain import START, link, spell
from penstock.wire.gen.execution_service_pb2 import CancelExecutionRequest
from penstock.wire.status import Code
from tests.audit.records import added, records
from tests.keys.ward import METHODS, WORD, Refused, Ward

NO_SUCH = "0" * 32
INVOKE = "/invocations/v1/flows/invoke"
CANCEL = f"/invocations/v1/flows/{NO_SUCH}"


def about(record: dict[str, Any]) -> tuple[str, str, str, str]:
    return record["method"], record["resource"], record["outcome"], record["face"]


@pytest.mark.parametrize("name", METHODS)
def test_what_changes_is_recorded_once_and_what_looks_is_not(ward: Ward, name: str) -> None:
    with added(ward) as found:
        try:
            ward.ask(name)
            outcome = "OK"
        except Refused as refused:
            outcome = refused.code.name
    expected = [(name, outcome, "GRPC")] if METHODS[name].is_change else []
    assert [(each["method"], each["outcome"], each["face"]) for each in found()] == expected


def test_record_says_who_and_what_and_where_from(ward: Ward) -> None:
    with added(ward) as found:
        answer = ward.http(
            "POST", INVOKE, {"flow": "hello", "input": {"text": "x"}, "wait": True}, **{"X-Request-Id": "call-1"}
        )
        ward.http("DELETE", CANCEL, **{"X-Request-Id": "x" * 1000})
        with pytest.raises(Refused):
            ward.ask("ExecutionService.CancelExecution", CancelExecutionRequest(execution_id=NO_SUCH))
    ran, over_http, over_grpc = found()
    execution_id = answer.json["execution_id"]
    assert about(ran) == ("InvocationService.InvokeFlow", f"hello/{execution_id}", "OK", "HTTP")
    assert (ran["address"], ran["request_id"], ran["key_name"]) == ("127.0.0.1", "call-1", "tests")
    assert len(ran["key_id"]) == 12 and ran["key_id"] in ward.admin
    cancelled = ("ExecutionService.CancelExecution", NO_SUCH, "NOT_FOUND")
    assert about(over_http) == (*cancelled, "HTTP")
    assert over_http["request_id"] == "x" * 128
    assert about(over_grpc) == (*cancelled, "GRPC")
    assert (over_grpc["address"], over_grpc["reason"]) == ("127.0.0.1", "NOT_FOUND")


@pytest.mark.parametrize(("method", "path"), [("POST", INVOKE), ("POST", f"{INVOKE}/stream"), ("DELETE", CANCEL)])
def test_refused_call_is_recorded_over_http_too(ward: Ward, method: str, path: str) -> None:
    key, body = ward.key("policies:read"), {"flow": "hello", "input": {}} if method == "POST" else None
    with added(ward) as found:
        assert ward.http(method, path, body, key=key).status == 403
    [record] = found()
    assert (record["outcome"], record["reason"]) == ("PERMISSION_DENIED", "SCOPE_MISSING")


def test_nothing_that_flows_through_and_no_key_is_recorded(ward: Ward) -> None:
    ward.http("PUT", "/configs/v1/secrets/hidden", {"value": "hush-hush"})
    ward.invoke("hello")
    text = json.dumps(records(ward))
    for secret in (WORD, "hush-hush", ward.admin, ward.admin.rpartition("_")[2]):
        assert secret not in text


def test_every_face_gives_the_same_records(ward: Ward, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    ward.invoke("hello")
    over_http = records(ward)[:50]
    over_grpc = ward.ask("AuditService.ListAuditRecords", page_size=50).records
    assert [(each.number, each.method, each.resource, each.hash) for each in over_grpc] == [
        (each["number"], each["method"], each["resource"], each["hash"]) for each in over_http
    ]
    monkeypatch.setenv("PENSTOCK_URL", ward.gateway.url)
    monkeypatch.setenv("PENSTOCK_API_KEY", ward.admin)
    assert main(["audit", "list", "--limit", "50", "--output", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["records"] == over_http


def test_list_goes_page_by_page_and_filters(ward: Ward) -> None:
    ward.ask("ExecutionService.ListExecutions")
    whole = records(ward)
    first = ward.http("GET", "/audit/v1/records?page_size=1").json
    second = ward.http("GET", f"/audit/v1/records?page_size=1&page_token={first['next_page_token']}").json
    assert first["records"] + second["records"] == whole[:2]
    denied = records(ward, 'outcome%20=%20"NOT_FOUND"%20AND%20face%20=%20HTTP')
    assert denied == [each for each in whole if (each["outcome"], each["face"]) == ("NOT_FOUND", "HTTP")] != []
    assert records(ward, 'time%20>%20"2999-01-01T00:00:00Z"') == []
    assert records(ward, 'method%20=%20"ExecutionService.*"%20AND%20NOT%20outcome%20=%20OK')
    answer = ward.http("GET", "/audit/v1/records?filter=nothing%20=%201")
    assert answer.status == 400 and "method" in answer.json["error"]


def test_other_account_sees_nothing(ward: Ward) -> None:
    other = ward.key(account="elsewhere")
    assert ward.http("GET", "/audit/v1/records", key=other).json["records"] == []
    assert ward.http("GET", "/audit/v1/records:export", key=other).json == {"records": []}


def test_log_is_for_those_who_may_read_it(ward: Ward) -> None:
    with pytest.raises(Refused) as refused:
        ward.ask("AuditService.ListAuditRecords", key=ward.key("executions:read"))
    assert refused.value.code is Code.PERMISSION_DENIED
    assert ward.ask("AuditService.ListAuditRecords", key=ward.key("audit:read")).records


def test_export_holds_together_and_tells_what_was_changed(
    ward: Ward, monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path
) -> None:
    monkeypatch.setenv("PENSTOCK_URL", ward.gateway.url)
    monkeypatch.setenv("PENSTOCK_API_KEY", ward.admin)
    newest = records(ward)[0]
    known = f"{newest['number']}:{newest['hash']}"
    assert main(["audit", "verify"]) == 0
    assert f"the last one is {known}" in capsys.readouterr().out
    file = tmp_path / "audit.json"
    assert main(["audit", "export", "--out", str(file)]) == 0
    assert main(["audit", "verify", str(file), "--known", known]) == 0
    document = json.loads(file.read_text())
    assert [each["number"] for each in document["records"]] == list(range(1, newest["number"] + 1))
    file.write_text(json.dumps({"records": document["records"][:-1]}))
    assert main(["audit", "verify", str(file), "--known", known]) == 1
    assert f"record {newest['number']} is missing" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda found: found[1].update(outcome="OK"), "record 2 was changed"),
        (lambda found: found[1].update(time="2026-01-31T12:00:00.000003Z"), "record 2 was changed"),
        (lambda found: found.pop(1), "after record 1 comes record 3"),
        (lambda found: found.pop(0), "after record 0 comes record 2"),
        (lambda found: found[2].pop("hash"), "record 3 is none"),
        (lambda found: None, ""),
    ],
)
def test_chain_shows_each_change(change: Any, problem: str) -> None:
    head, found = START, []
    for number in range(1, 4):
        time_us = 1_769_860_800_000_000 + number
        record = Record(time_us, "k", "n", "S.M", "é", "NOT_FOUND", "", "HTTP", "::1", "")
        head = link(head, spell(number, record))
        fields = record._asdict() | {"number": number, "hash": head.hex()}
        fields["time"] = f"2026-01-31T12:00:00.00000{number}Z"
        found.append(fields)
    change(found)
    assert problem in _problem(found, None) if problem else not _problem(found, None)
