"""Rates of keys are set, and hold, in the same way over gRPC, HTTP and the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from google.rpc.error_details_pb2 import RetryInfo
from grpc_status import rpc_status

from penstock.cli.main import main
from penstock.engine.domain import limits
from penstock.wire.status import Code
from tests.keys.ward import METHODS, Refused, Ward

RATES = "/limits/v1/rates"
WHO = "/keys/v1/whoami"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def account(request: pytest.FixtureRequest) -> str:
    """One of its own for each test."""
    name: str = request.node.name
    return name.replace("test_", "rates_", 1).replace("_", "-").partition("[")[0][:60]


@pytest.fixture
def admin(ward: Ward, account: str) -> str:
    return ward.key(account=account)


@pytest.fixture
def penstock(ward: Ward, admin: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command against the server; gives exit code, output and what it complained of."""
    monkeypatch.setenv("PENSTOCK_URL", ward.gateway.url)
    monkeypatch.setenv("PENSTOCK_API_KEY", admin)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def id_of(key: str) -> str:
    return key.split("_")[1]


def put(ward: Ward, admin: str, key_id: str = "-", **rate: Any) -> Any:
    answer = ward.http("PUT", f"{RATES}/{key_id}", rate, key=admin)
    assert answer.status == 200, answer.body
    return answer.json


def test_nothing_is_limited_unless_somebody_says_so(ward: Ward, admin: str) -> None:
    none = {"key_id": "-", "calls_per_second": 0.0, "burst": 0, "source": "NONE", "set_by": ""}
    assert ward.http("GET", f"{RATES}/-", key=admin).json == none
    assert ward.http("GET", RATES, key=admin).json == {"rate_limits": [none], "next_page_token": ""}
    assert ward.run(ward.engine.face.keys.authenticate(admin)).key_id == id_of(admin)
    assert ward.engine.face.keys._known.get(admin).meter is None


def test_a_call_too_many_is_refused_over_http(ward: Ward, account: str, admin: str) -> None:
    limited = ward.key("keys:read", account=account)
    assert ward.http("GET", WHO, key=limited).status == 200
    put(ward, admin, id_of(limited), calls_per_second=0.01, burst=2)
    statuses = [ward.http("GET", WHO, key=limited).status for _ in range(4)]
    assert statuses == [200, 200, 429, 429]
    refused = ward.http("GET", WHO, key=limited)
    assert refused.json["code"] == "RESOURCE_EXHAUSTED"
    assert refused.json["reason"] == "RATE_LIMITED"
    assert refused.json["error"] == "the key may make 0.01 calls a second, 2 at once"
    assert 90 <= int(refused.headers["Retry-After"]) <= 100
    assert ward.http("GET", WHO, key=admin).status == 200


def test_a_call_too_many_is_refused_over_grpc(ward: Ward, account: str, admin: str) -> None:
    limited = ward.key("keys:read", account=account)
    put(ward, admin, calls_per_second=0.01, burst=1)
    ward.ask("ApiKeyService.WhoAmI", key=limited)
    with pytest.raises(Refused) as refused:
        ward.ask("ApiKeyService.WhoAmI", key=limited)
    assert (refused.value.code, refused.value.reason) == (Code.RESOURCE_EXHAUSTED, "RATE_LIMITED")
    assert 90 <= int(refused.value.facts["retry_after_s"]) <= 100
    told = RetryInfo()
    status = rpc_status.from_call(refused.value.__context__)
    assert any(detail.Unpack(told) for detail in status.details)
    assert 90 <= told.retry_delay.seconds <= 100


def test_http_and_grpc_count_together(ward: Ward, account: str, admin: str) -> None:
    limited = ward.key("keys:read", account=account)
    put(ward, admin, calls_per_second=0.001, burst=2)
    ward.ask("ApiKeyService.WhoAmI", key=limited)
    assert ward.http("GET", WHO, key=limited).status == 200
    with pytest.raises(Refused):
        ward.ask("ApiKeyService.WhoAmI", key=limited)


def test_the_limit_of_the_account_is_one_for_each_key(ward: Ward, account: str, admin: str) -> None:
    first, second = ward.key("keys:read", account=account), ward.key("keys:read", account=account)
    free = ward.key(account="another-account")
    put(ward, admin, calls_per_second=0.001, burst=1)
    for key in (first, second):
        assert [ward.http("GET", WHO, key=key).status for _ in range(2)] == [200, 429]
    assert [ward.http("GET", WHO, key=free).status for _ in range(3)] == [200] * 3


def test_a_key_of_its_own_limit_has_that_one(ward: Ward, account: str, admin: str) -> None:
    put(ward, admin, id_of(admin), calls_per_second=1_000)
    put(ward, admin, calls_per_second=0.001, burst=1)
    assert [ward.http("GET", WHO, key=admin).status for _ in range(5)] == [200] * 5
    got = ward.http("GET", f"{RATES}/{id_of(admin)}", key=admin).json
    assert (got["source"], got["calls_per_second"], got["burst"], got["set_by"]) == ("KEY", 1_000, 1_000, id_of(admin))
    other = ward.key("keys:read", account=account)
    assert ward.http("GET", f"{RATES}/{id_of(other)}", key=admin).json["source"] == "ACCOUNT"


def test_a_limit_holds_from_the_next_call_on_and_so_does_its_end(ward: Ward, account: str, admin: str) -> None:
    limited = ward.key("keys:read", account=account)
    put(ward, admin, id_of(limited), calls_per_second=0.001, burst=1)
    assert [ward.http("GET", WHO, key=limited).status for _ in range(2)] == [200, 429]
    assert ward.http("DELETE", f"{RATES}/{id_of(limited)}", key=admin).status == 200
    assert [ward.http("GET", WHO, key=limited).status for _ in range(5)] == [200] * 5
    again = ward.http("DELETE", f"{RATES}/{id_of(limited)}", key=admin)
    assert (again.status, again.json["error"]) == (404, f"key '{id_of(limited)}' has no rate limit of its own")


def test_a_refused_call_is_neither_made_nor_recorded(ward: Ward, account: str, admin: str) -> None:
    limited = ward.key("keys:read", "retention:write", account=account)
    put(ward, admin, id_of(limited), calls_per_second=0.001, burst=1)
    for _ in range(3):
        ward.http("PUT", "/retention/v1/policies/-", {"period": "86400s"}, key=limited)
    records = ward.http("GET", "/audit/v1/records", key=admin).json
    assert sum(record["method"].endswith("PutRetentionPolicy") for record in records["records"]) == 1


def test_pages_of_limits(ward: Ward, account: str, admin: str) -> None:
    keys = sorted(id_of(ward.key("keys:read", account=account)) for _ in range(3))
    for key_id in keys:
        put(ward, admin, key_id, calls_per_second=5)
    listed, token = [], ""
    for _ in range(4):
        page = ward.http("GET", f"{RATES}?page_size=1&page_token={token}", key=admin).json
        listed += [limit["key_id"] for limit in page["rate_limits"]]
        token = page["next_page_token"]
    assert (listed, token) == (["-", *keys], "")


@pytest.mark.parametrize(
    ("given", "field", "problem"),
    [
        ({}, "calls_per_second", "calls_per_second: expected 0.001 to 100,000, got 0"),
        ({"calls_per_second": -1}, "calls_per_second", "calls_per_second: expected 0.001 to 100,000, got -1"),
        ({"calls_per_second": 1e9}, "calls_per_second", "calls_per_second: expected 0.001 to 100,000, got 1e+09"),
        ({"calls_per_second": "NaN"}, "calls_per_second", "calls_per_second: expected 0.001 to 100,000, got nan"),
        ({"calls_per_second": 1, "burst": -1}, "burst", "burst: expected 1 to 100,000, got -1"),
        ({"calls_per_second": 1, "burst": 100_001}, "burst", "burst: expected 1 to 100,000, got 100,001"),
    ],
)
def test_what_makes_no_sense_is_refused(ward: Ward, given: dict[str, Any], field: str, problem: str) -> None:
    answer = ward.http("PUT", f"{RATES}/-", given)
    assert (answer.status, answer.json["code"], answer.json["error"]) == (400, "INVALID_ARGUMENT", problem)
    sent = {name: float(value) if name == "calls_per_second" else value for name, value in given.items()}
    with pytest.raises(Refused) as refused:
        ward.ask("LimitService.PutRateLimit", key_id="-", **sent)
    assert str(refused.value) == f"INVALID_ARGUMENT INVALID_ARGUMENT: {problem}"
    assert limits.RATE_PER_SECOND_MAX == limits.RATE_BURST_MAX == 100_000


@pytest.mark.parametrize("method", ["GetRateLimit", "PutRateLimit", "DeleteRateLimit"])
def test_the_keys_of_others_are_not_there(ward: Ward, admin: str, method: str) -> None:
    for key_id in (id_of(ward.admin), "nobody", ""):
        request = METHODS[f"LimitService.{method}"].request(key_id=key_id)
        if method == "PutRateLimit":
            request.calls_per_second = 1
        with pytest.raises(Refused) as refused:
            ward.ask(f"LimitService.{method}", request, key=admin)
        assert refused.value.code is Code.NOT_FOUND


def test_limits_need_their_scope(ward: Ward) -> None:
    reader = ward.key("limits:read")
    assert ward.http("GET", RATES, key=reader).status == 200
    assert ward.http("PUT", f"{RATES}/-", {"calls_per_second": 1}, key=reader).status == 403
    assert ward.http("GET", RATES, key=ward.key("keys:write")).status == 403


def test_every_face_gives_the_same(ward: Ward, account: str, admin: str, penstock: Run) -> None:
    key_id = id_of(ward.key("keys:read", account=account))
    assert penstock("limits", "show") == (
        0,
        "no limits are set: `penstock limits set rate 10` sets one for each key\n",
        "",
    )
    told = penstock("limits", "set", "rate", "20", "--burst", "50", "--key", key_id)
    assert told == (0, f"key {key_id}: 20 calls a second, 50 at once\n", "")
    assert penstock("limits", "set", "rate", "500.5")[1] == "each other key: 500.5 calls a second, 501 at once\n"
    shown = json.loads(penstock("limits", "show", "--output", "json")[1])["rate_limits"]
    over_http = ward.http("GET", RATES, key=admin).json["rate_limits"]
    over_grpc = ward.ask("LimitService.ListRateLimits", key=admin).rate_limits
    assert shown == over_http
    assert [(row["key_id"], row["calls_per_second"], row["burst"]) for row in shown] == [
        (row.key_id, row.calls_per_second, row.burst) for row in over_grpc
    ]
    table = [line.split() for line in penstock("limits", "show")[1].splitlines()]
    assert [row[:5] for row in table[1:]] == [
        ["each", "other", "key", "500.5", "501"],
        ["key", key_id, "20", "50", *table[2][4:5]],
    ]
    assert penstock("limits", "unset", "rate", "--key", key_id)[1] == (
        f"key {key_id}: 500.5 calls a second, 501 at once (as every key)\n"
    )
    assert penstock("limits", "unset", "rate")[1] == "each other key: as many calls as it likes\n"
    code, _, error = penstock("limits", "unset", "rate")
    assert (code, error) == (1, "penstock: the account has no rate limit of its own\n")
    code, _, error = penstock("limits", "set", "rate", "fast")
    assert (code, "expected a number above 0" in error) == (2, True)
