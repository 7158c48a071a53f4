"""No more executions run at once than their account and flow may: the others wait, are refused or take a place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from penstock.cli.main import main
from penstock.wire.status import Code
from tests.e2e.support import eventually
from tests.keys.ward import METHODS, Refused, Ward

LIMITS = "/limits/v1/executions"
INVOKE = "/invocations/v1/flows/invoke"
FLOW = "pay_rent"
"""It waits for an approval, and runs as long as a test wants."""


class Tenant:
    """One account with the flows of the ward."""

    def __init__(self, ward: Ward, account: str) -> None:
        self.ward = ward
        self.account = account
        ward.publish(account)
        self.key = ward.key(account=account)

    def http(self, method: str, path: str, body: Any = None) -> Any:
        return self.ward.http(method, path, body, key=self.key)

    def limit(self, flow: str = FLOW, **limit: Any) -> Any:
        answer = self.http("PUT", f"{LIMITS}/{flow}", limit)
        assert answer.status == 200, answer.body
        return answer.json

    def ask(self, flow: str = FLOW, **more: Any) -> Any:
        return self.http("POST", INVOKE, {"flow": flow, "input": {"text": "x"}, **more})

    def start(self, flow: str = FLOW, **more: Any) -> str:
        answer = self.ask(flow, **more)
        assert answer.status == 202, answer.body
        return str(answer.json["execution_id"])

    def status(self, execution_id: str) -> str:
        return str(self.http("GET", f"/invocations/v1/executions/{execution_id}").json["status"])

    def explain(self, execution_id: str) -> Any:
        return self.http("GET", f"/invocations/v1/executions/{execution_id}:explain").json

    def reaches(self, execution_id: str, status: str) -> None:
        eventually(lambda: self.status(execution_id) == status)

    def end(self, execution_id: str) -> None:
        self.reaches(execution_id, "PAUSED")
        answer = self.http("POST", f"/invocations/v1/executions/{execution_id}/pauses/approve:approve", {})
        assert answer.status == 200, answer.body


@pytest.fixture
def tenant(ward: Ward, request: pytest.FixtureRequest) -> Tenant:
    """One of its own for each test."""
    name: str = request.node.name
    return Tenant(ward, name.removeprefix("test_").replace("_", "-").partition("[")[0][:60])


def refused(answer: Any) -> tuple[int, str, str]:
    return answer.status, answer.json["reason"], answer.json["error"]


def test_others_wait_and_start_in_their_order(tenant: Tenant) -> None:
    tenant.limit(running_max=2, queued_max=10)
    ids = [tenant.start() for _ in range(5)]
    for first in ids[:2]:
        tenant.reaches(first, "PAUSED")
    assert [tenant.status(each) for each in ids[2:]] == ["QUEUED"] * 3
    for ended, started in zip(ids, ids[2:], strict=False):
        tenant.end(ended)
        tenant.reaches(started, "PAUSED")
        assert [tenant.status(each) for each in ids[ids.index(started) + 1 :]] == ["QUEUED"] * (
            len(ids) - ids.index(started) - 1
        )


def test_explanation_of_what_waits_names_the_limit_and_the_position(tenant: Tenant) -> None:
    tenant.limit(running_max=1)
    ids = [tenant.start() for _ in range(4)]
    told = tenant.explain(ids[3])
    cause = told["causes"][0]
    assert (told["status"], told["reason"], cause["reason"]) == ("QUEUED", "QUEUED", "QUEUED")
    assert (cause["queue_position"], cause["queue_size"]) == (3, 3)
    assert "queued behind limit running_max=1 of flow pay_rent at position 3 of 3" in cause["summary"]
    over_grpc = tenant.ward.ask("ExecutionService.ExplainExecution", key=tenant.key, execution_id=ids[3])
    assert over_grpc.causes[0].queue_position == 3


def test_one_more_than_may_wait_is_refused(tenant: Tenant) -> None:
    tenant.limit(running_max=1, queued_max=1)
    tenant.start(), tenant.start()
    answer = tenant.ask()
    problem = "limit running_max=1 of flow pay_rent is reached, and 1 executions wait behind it"
    assert refused(answer) == (429, "QUEUE_FULL", problem)
    assert answer.headers["Retry-After"] == "1"
    assert answer.json["details"] == {
        "flow": FLOW,
        "running_max": "1",
        "queued_max": "1",
        "retry_after_s": "1",
    }
    with pytest.raises(Refused) as refusal:
        tenant.ward.ask("InvocationService.InvokeFlow", key=tenant.key, flow=FLOW, input={"text": "x"})
    assert (refusal.value.code, refusal.value.reason) == (Code.RESOURCE_EXHAUSTED, "QUEUE_FULL")
    # Other flows are not meant.
    assert tenant.ask("hello", wait=True).json["result"]["success"]


def test_one_more_is_refused_where_nobody_waits(tenant: Tenant) -> None:
    tenant.limit(running_max=1, when_full="REJECT")
    first = tenant.start()
    assert refused(tenant.ask()) == (429, "RUNNING_LIMIT", "limit running_max=1 of flow pay_rent is reached")
    tenant.end(first)
    tenant.reaches(first, "COMPLETED")
    eventually(lambda: tenant.ask().status == 202)


def test_the_oldest_is_replaced(tenant: Tenant) -> None:
    tenant.limit(running_max=1, when_full="REPLACE")
    first = tenant.start()
    tenant.reaches(first, "PAUSED")
    ids = [first, *(tenant.start() for _ in range(3))]
    for replaced in ids[:3]:
        tenant.reaches(replaced, "CANCELLED")
    tenant.reaches(ids[3], "PAUSED")
    told = tenant.http("GET", f"/invocations/v1/executions/{first}").body.decode()
    assert "replaced: a later execution takes its place" in told


def test_the_limit_of_the_account_is_for_all_flows_together(tenant: Tenant) -> None:
    tenant.limit("-", running_max=1)
    first = tenant.start()
    second = tenant.start("hello")
    assert tenant.status(second) == "QUEUED"
    assert "queued behind limit running_max=1 of the account" in tenant.explain(second)["causes"][0]["summary"]
    tenant.end(first)
    tenant.reaches(second, "COMPLETED")


def test_both_limits_hold_and_the_one_keeps_nobody_from_the_room_of_the_other(tenant: Tenant) -> None:
    tenant.limit("-", running_max=2)
    tenant.limit(running_max=1)
    first, second = tenant.start(), tenant.start()
    assert tenant.status(second) == "QUEUED"
    # There is a place of the account left, which the second one cannot use.
    assert tenant.ask("hello", wait=True).json["result"]["success"]
    tenant.end(first)
    tenant.reaches(second, "PAUSED")


def test_what_runs_already_counts(tenant: Tenant) -> None:
    first = tenant.start()
    tenant.reaches(first, "PAUSED")
    tenant.limit(running_max=1)
    second = tenant.start()
    assert tenant.status(second) == "QUEUED"
    tenant.end(first)
    tenant.reaches(second, "PAUSED")


def test_what_waits_starts_when_the_limit_is_raised_or_removed(tenant: Tenant) -> None:
    tenant.limit(running_max=1)
    ids = [tenant.start() for _ in range(3)]
    tenant.limit(running_max=2)
    tenant.reaches(ids[1], "PAUSED")
    assert tenant.status(ids[2]) == "QUEUED"
    assert tenant.http("DELETE", f"{LIMITS}/{FLOW}").status == 200
    tenant.reaches(ids[2], "PAUSED")
    assert tenant.http("DELETE", f"{LIMITS}/{FLOW}").status == 404


def test_one_that_waits_can_be_cancelled(tenant: Tenant) -> None:
    tenant.limit(running_max=1)
    first, second, third = (tenant.start() for _ in range(3))
    assert tenant.http("DELETE", f"/invocations/v1/flows/{second}").status == 200
    assert tenant.status(second) == "CANCELLED"
    tenant.end(first)
    tenant.reaches(third, "PAUSED")


def test_a_repeated_request_takes_no_other_place(tenant: Tenant) -> None:
    tenant.limit(running_max=1, queued_max=0)
    first = tenant.start(request_id="once")
    assert tenant.start(request_id="once") == first
    assert tenant.ask(request_id="twice").status == 429
    tenant.end(first)
    tenant.reaches(first, "COMPLETED")
    eventually(lambda: tenant.ask(request_id="twice").status == 202)


def test_a_call_that_waits_hears_of_the_end(tenant: Tenant) -> None:
    tenant.limit("hello", running_max=1)
    for _ in range(3):
        assert tenant.ask("hello", wait=True).json["result"]["success"]


def test_many_at_once_never_run_more_than_may(tenant: Tenant) -> None:
    tenant.limit("hello", running_max=2, queued_max=100)
    ids = [tenant.start("hello") for _ in range(30)]
    for each in ids:
        tenant.reaches(each, "COMPLETED")
    rows = tenant.ward.engine.runtime.places.rows._database
    eventually(
        lambda: (
            not tenant.ward.run(rows.fetch_all("select 1 from execution_places where account = %s", (tenant.account,)))
        )
    )


def test_what_goes_on_from_another_one_cannot_wait(tenant: Tenant) -> None:
    first = tenant.start()
    tenant.reaches(first, "PAUSED")
    tenant.limit(running_max=1)
    tenant.http("DELETE", f"/invocations/v1/flows/{first}")
    tenant.reaches(first, "CANCELLED")
    eventually(lambda: tenant.ask().status == 202)
    problem = "limit running_max=1 of flow pay_rent is reached, and what goes on from another one cannot wait"
    assert refused(tenant.http("POST", f"/invocations/v1/executions/{first}:recover", {})) == (
        429,
        "RUNNING_LIMIT",
        problem,
    )


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "running_max: expected 1 to 1,000,000, got 0"),
        ({"running_max": 1_000_001}, "running_max: expected 1 to 1,000,000, got 1,000,001"),
        ({"running_max": 1, "queued_max": -1}, "queued_max: expected 0 to 10,000, got -1"),
        ({"running_max": 1, "queued_max": 10_001}, "queued_max: expected 0 to 10,000, got 10,001"),
        (
            {"running_max": 1, "queued_max": 1, "when_full": "REJECT"},
            "queued_max: expected it only with QUEUE, got it with REJECT",
        ),
        ({"running_max": 1, "when_full": 9}, "when_full: expected one of REJECT, QUEUE, REPLACE, got 9"),
    ],
)
def test_what_makes_no_sense_is_refused(ward: Ward, given: dict[str, Any], problem: str) -> None:
    with pytest.raises(Refused) as refusal:
        ward.ask("LimitService.PutExecutionLimit", flow=FLOW, **given)
    assert (refusal.value.code, str(refusal.value).partition(": ")[2]) == (Code.INVALID_ARGUMENT, problem)
    if given.get("when_full") != 9:
        answer = ward.http("PUT", f"{LIMITS}/{FLOW}", given)
        assert (answer.status, answer.json["error"]) == (400, problem)


@pytest.mark.parametrize("method", ["GetExecutionLimit", "PutExecutionLimit", "DeleteExecutionLimit"])
def test_the_flows_of_others_are_not_there(ward: Ward, method: str) -> None:
    request = METHODS[f"LimitService.{method}"].request(flow=FLOW)
    if method == "PutExecutionLimit":
        request.running_max = 1
    with pytest.raises(Refused) as refusal:
        ward.ask(f"LimitService.{method}", request, key=ward.key(account="an-empty-account"))
    assert refusal.value.code is Code.NOT_FOUND


def test_every_face_gives_the_same(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PENSTOCK_URL", tenant.ward.gateway.url)
    monkeypatch.setenv("PENSTOCK_API_KEY", tenant.key)

    def penstock(*arguments: str) -> str:
        code = main(arguments)
        captured = capsys.readouterr()
        return captured.out if code == 0 else f"{code} {captured.err}"

    assert penstock("limits", "set", "running", "2", "--flow", FLOW, "--queued", "5") == (
        "flow pay_rent: 2 at once, one more waits, up to 5\n"
    )
    assert penstock("limits", "set", "running", "7", "--when-full", "replace") == (
        "the account: 7 at once, one more replaces the oldest\n"
    )
    assert penstock("limits", "set", "running", "3", "--flow", "hello", "--when-full", "reject") == (
        "flow hello: 3 at once, one more is refused\n"
    )
    shown = json.loads(penstock("limits", "show", "--output", "json"))["execution_limits"]
    assert shown == tenant.http("GET", LIMITS).json["execution_limits"]
    assert [each["flow"] for each in shown] == ["-", "hello", FLOW]
    assert shown[2] == tenant.http("GET", f"{LIMITS}/{FLOW}").json
    over_grpc = tenant.ward.ask("LimitService.ListExecutionLimits", key=tenant.key).execution_limits
    assert [(each["flow"], each["running_max"], each["queued_max"]) for each in shown] == [
        (each.flow, each.running_max, each.queued_max) for each in over_grpc
    ]
    listed, token = [], ""
    for _ in range(4):
        page = tenant.http("GET", f"{LIMITS}?page_size=1&page_token={token}").json
        listed += page["execution_limits"]
        token = page["next_page_token"]
        if not token:
            break
    assert listed == shown
    assert penstock("limits", "show").splitlines()[1].startswith("the account")
    assert penstock("limits", "unset", "running") == "the account: no limit of its own any more\n"
    assert penstock("limits", "unset", "running") == "1 penstock: the account has no limit of executions of its own\n"
