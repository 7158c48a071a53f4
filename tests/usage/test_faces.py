"""Usage and budgets of real executions, the same through HTTP, gRPC and the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import ParseDict
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_status import rpc_status

from penstock.wire.gen.invocation_service_pb2 import InvokeFlowRequest
from penstock.wire.gen.invocation_service_pb2_grpc import InvocationServiceStub
from penstock.wire.gen.usage_service_pb2 import GetBudgetRequest, ListBudgetsRequest, QueryUsageRequest
from penstock.wire.gen.usage_service_pb2_grpc import UsageServiceStub
from tests.e2e.test_cli import penstock
from tests.explain.looks import as_json
from tests.harness import Answer, Server

_BUDGETS = "/usage/v1/budgets"
_INVOKE = "/invocations/v1/flows/invoke"


def asked(server: Server, query: str) -> Any:
    answer = server.request("GET", f"/usage/v1/usage?{query}")
    assert answer.status == 200, answer.body
    return answer.json


def costs(server: Server, flow: str, by: str) -> dict[str, str]:
    """Costs of a flow by one dimension."""
    name = {"DAY": "date", "EXECUTION": "execution_id"}.get(by, by.lower())
    return {each[name]: each["cost"] for each in asked(server, f"group_by={by}&filter=flow={flow}")["usage"]}


def budget(server: Server, budget_id: str) -> Any:
    answer = server.request("GET", f"{_BUDGETS}/{budget_id}")
    assert answer.status == 200, answer.body
    return answer.json


@pytest.fixture
def set_budget(meter: Server) -> Iterator[Any]:
    """Makes budgets that are gone after the test."""
    made: list[str] = []

    def make(budget_id: str, **fields: Any) -> Any:
        given = {"budget_id": budget_id, "period": "TOTAL", "action": "BLOCK"} | fields
        answer = meter.request("POST", _BUDGETS, given)
        assert answer.status == 200, answer.body
        made.append(budget_id)
        return answer.json

    yield make
    for budget_id in made:
        meter.request("DELETE", f"{_BUDGETS}/{budget_id}")


def metadata(server: Server) -> Any:
    return (("authorization", f"Bearer {server.key}"),)


def test_usage_is_the_same_through_every_face(meter: Server, channel: grpc.Channel) -> None:
    for model, cost in (("small", "0.1"), ("large", "0.0000125"), ("large", "2")):
        meter.invoke("spend", {"model": model, "cost": cost, "tokens": 10})
    query = 'group_by=MODEL&group_by=DAY&filter=flow%20%3D%20"spend"%20AND%20node%20%3D%20pay&order_by=model'
    http = asked(meter, query)
    large, small = http["usage"]
    today = http["end_date"]
    sums = {"date": today, "calls": 2, "input_tokens": 20, "cached_tokens": 10, "output_tokens": 2}
    assert large == {"model": "large", **sums, "cost": "2.0000125"}
    assert small["cost"] == "0.1"
    assert http["total"]["cost"] == "2.1000125"
    request = QueryUsageRequest(group_by=["MODEL", "DAY"], filter='flow = "spend" AND node = pay', order_by="model")
    answer = UsageServiceStub(channel).QueryUsage(request, metadata=metadata(meter), timeout=30)
    assert as_json(answer) == http
    words = ("usage", "--by", "model,day", "--filter", 'flow = "spend" AND node = pay', "--order-by", "model")
    done = penstock(meter, *words, "--output", "json")
    assert json.loads(done.stdout) == {name: http[name] for name in http if name != "next_page_token"}
    done = penstock(meter, *words)
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["MODEL", "DAY", "CALLS", "INPUT", "CACHED", "OUTPUT", "USD"],
        ["large", today, "2", "20", "10", "2", "2.0000125"],
        ["small", today, "1", "10", "5", "1", "0.1"],
        ["all", "3", "30", "15", "3", "2.1000125"],
    ]


def test_failed_attempts_count_and_recovered_nodes_do_not_again(meter: Server) -> None:
    meter.invoke("shaky", {"cost": "0.25"})
    assert costs(meter, "shaky", "NODE") == {"pay": "0.5"}
    first = meter.invoke("trip", {"cost": "0.5"})["execution_id"]
    answer = meter.request("POST", f"/invocations/v1/executions/{first}:recover", {})
    assert meter.wait(answer.json["execution_id"])["status"] == "FAILED"
    assert costs(meter, "trip", "EXECUTION") == {first: "0.5"}
    meter.request("POST", f"/invocations/v1/executions/{first}:relaunch", {})
    answer = meter.request("POST", f"/invocations/v1/executions/{first}:relaunch", {})
    meter.wait(answer.json["execution_id"])
    assert len(costs(meter, "trip", "EXECUTION")) == 3


def test_what_a_sub_flow_uses_counts_for_its_own_flow(meter: Server) -> None:
    before = asked(meter, "filter=flow=spend")["total"]["calls"]
    meter.invoke("outer", {"cost": "0.125"})
    assert costs(meter, "outer", "FLOW") == {}
    assert asked(meter, "filter=flow=spend")["total"]["calls"] == before + 1


def test_nodes_show_what_they_used_exactly(meter: Server) -> None:
    execution_id = meter.invoke("spend", {"cost": "0.1", "tokens": 4})["execution_id"]
    [node] = meter.execution(execution_id, "/nodes")["nodes"]
    told = {"provider": "acme", "model": "small", "input_tokens": 4, "output_tokens": 1, "cached_tokens": 2}
    assert node["usage"] == [{**told, "cost_usd": 0.1, "cost": "0.1"}]
    shown = penstock(meter, "executions", "get", execution_id).stdout
    assert "acme small, 4 (2 cached) + 1 tokens, 0.1 USD" in shown


def test_budgets_are_the_same_through_every_face(meter: Server, channel: grpc.Channel) -> None:
    words = ("--period", "month", "--cost", "100.50", "--model", "gone", "--warn-at", "0.5")
    done = penstock(meter, "budgets", "set", "faces", *words)
    assert (done.stdout, done.stderr) == ("budget faces: 0 of 100.5 USD a month for gone\n", "")
    http = budget(meter, "faces")
    stub = UsageServiceStub(channel)
    assert as_json(stub.GetBudget(GetBudgetRequest(budget_id="faces"), metadata=metadata(meter), timeout=30)) == http
    listed = meter.request("GET", _BUDGETS).json
    assert as_json(stub.ListBudgets(ListBudgetsRequest(), metadata=metadata(meter), timeout=30)) == listed
    done = penstock(meter, "budgets", "list", "--output", "json")
    assert json.loads(done.stdout)["budgets"] == listed["budgets"] == [http]
    answer = meter.request("PATCH", f"{_BUDGETS}/faces?update_mask=tokenLimit", {"token_limit": 5})
    assert (answer.json["token_limit"], "cost_limit" in answer.json) == (5, False)
    assert penstock(meter, "budgets", "delete", "faces").stdout == "budget faces is gone\n"
    answer = meter.request("GET", f"{_BUDGETS}/faces")
    assert (answer.status, answer.json["reason"]) == (404, "NOT_FOUND")


def test_used_up_budget_refuses_new_executions_through_every_face(
    meter: Server, channel: grpc.Channel, set_budget: Any
) -> None:
    stopped = meter.invoke("trip", {"cost": "1"}, request_id="before")["execution_id"]
    made = set_budget("trips", flow="trip", period="MONTH", cost_limit="1", description="no more trips")
    assert made["state"] == "EXCEEDED"
    summary = f"budget trips is used up: {made['spent_cost']} of 1 USD this month; it begins anew at "
    summary += made["renew_time"]
    request = {"flow": "trip", "input": {}, "wait": True}
    refused = meter.request("POST", _INVOKE, request)
    assert (refused.status, refused.json["error"]) == (429, summary)
    details = refused.json["details"]
    assert (refused.json["code"], refused.json["reason"]) == ("RESOURCE_EXHAUSTED", "BUDGET_EXCEEDED")
    assert (details["budget_id"], details["renew_time"]) == ("trips", made["renew_time"])
    assert 0 < int(refused.headers["Retry-After"]) <= 31 * 86_400
    message = ParseDict(request, InvokeFlowRequest())
    with pytest.raises(grpc.RpcError) as failed:
        InvocationServiceStub(channel).InvokeFlow(message, metadata=metadata(meter), timeout=30)
    assert told(failed.value) == ("RESOURCE_EXHAUSTED", "BUDGET_EXCEEDED", summary, "trips")
    with pytest.raises(grpc.RpcError) as failed:
        channel.unary_unary("/flows.trip.Trip/Invoke")(b"", metadata=metadata(meter), timeout=30)
    assert told(failed.value) == ("RESOURCE_EXHAUSTED", "BUDGET_EXCEEDED", summary, "trips")
    done = penstock(meter, "invoke", "trip", "--input", "{}")
    assert (done.returncode, done.stderr) == (1, f"penstock: {summary}\n")
    for verb in ("recover", "relaunch"):
        assert is_refused(meter.request("POST", f"/invocations/v1/executions/{stopped}:{verb}", {}))
    assert is_refused(meter.request("POST", f"{_INVOKE}/stream", {"flow": "trip", "input": {}}))
    # Who asks again for what was accepted gets it, and other flows are not concerned.
    again = {"flow": "trip", "input": {"cost": "1"}, "wait": True, "request_id": "before"}
    assert meter.request("POST", _INVOKE, again).json["execution_id"] == stopped
    meter.invoke("spend", {})
    meter.request("PATCH", f"{_BUDGETS}/trips", {"cost_limit": "1000"})
    assert meter.request("POST", _INVOKE, request).status == 202


def told(error: Any) -> tuple[str, str, str, str]:
    info = ErrorInfo()
    for detail in rpc_status.from_call(error).details:
        if detail.Is(ErrorInfo.DESCRIPTOR):
            detail.Unpack(info)
    return error.code().name, info.reason, error.details(), info.metadata["budget_id"]


def is_refused(answer: Answer) -> bool:
    return (answer.status, answer.json["reason"]) == (429, "BUDGET_EXCEEDED")


def test_sub_flow_of_what_runs_starts_although_its_budget_is_used_up(meter: Server, set_budget: Any) -> None:
    meter.invoke("spend", {"cost": "1"})
    set_budget("spenders", flow="spend", cost_limit="0.5")
    assert is_refused(meter.request("POST", _INVOKE, {"flow": "spend", "input": {}}))
    assert meter.invoke("outer", {})["result"]["success"]


def test_budget_that_stops_what_runs_fails_the_next_node(meter: Server, set_budget: Any) -> None:
    set_budget("stop", flow="twice", cost_limit="1", stop_running=True)
    execution_id = meter.begin("twice", {"cost": "1"})
    waiting(meter, execution_id, "pause")
    assert budget(meter, "stop")["state"] == "EXCEEDED"
    assert meter.request("POST", f"/invocations/v1/executions/{execution_id}/signals/go", {}).status == 200
    execution = meter.wait(execution_id)
    error = execution["error"]
    assert (execution["status"], error["code"], error["class"], error["node"]) == (
        "FAILED",
        "BUDGET_EXCEEDED",
        "POLICY",
        "last",
    )
    assert error["message"] == "budget stop is used up: 1 of 1 USD; somebody has to raise or remove it"
    assert meter.execution(execution_id, ":explain")["classification"] == "POLICY_BLOCK"
    statuses = {node["node"]: node["status"] for node in meter.execution(execution_id, "/nodes")["nodes"]}
    assert statuses == {"first": "SUCCEEDED", "pause": "SUCCEEDED", "last": "FAILED"}
    # With room again it goes on where it stopped.
    meter.request("PATCH", f"{_BUDGETS}/stop", {"cost_limit": "10"})
    answer = meter.request("POST", f"/invocations/v1/executions/{execution_id}:recover", {})
    assert meter.wait(answer.json["execution_id"])["status"] == "COMPLETED"


def test_budget_that_stops_what_runs_lets_no_more_items_of_a_map_start(meter: Server, set_budget: Any) -> None:
    set_budget("items", flow="each", cost_limit="1", stop_running=True)
    execution_id = meter.begin("each", {"items": [{"cost": "1"}, {"cost": "1"}]})
    waiting(meter, execution_id, "items")
    assert budget(meter, "items")["state"] == "EXCEEDED"
    meter.request("POST", f"/invocations/v1/executions/{execution_id}/signals/go", {})
    assert meter.wait(execution_id)["error"]["code"] == "BUDGET_EXCEEDED"
    assert budget(meter, "items")["spent_cost"] == "1"
    # The item that was under way ended first, and is on record.
    events = meter.execution(execution_id, "/events")["events"]
    assert [event["type"] for event in events].count("ITEM_SUCCEEDED") == 1


def waiting(server: Server, execution_id: str, node: str) -> None:
    """Returns when a node waits for its signal."""
    for _ in range(1_000):
        found = {each["node"]: each for each in server.execution(execution_id, "/nodes")["nodes"]}
        if found[node]["status"] == "WAITING":
            return
    raise AssertionError(f"{node} does not wait")


def test_another_account_sees_nothing_and_is_not_blocked(meter: Server, set_budget: Any) -> None:
    meter.invoke("spend", {"cost": "1"})
    set_budget("ours", cost_limit="0.5")
    key = penstock(meter, "keys", "create", "eve", "--account", "eve").stdout.strip()
    assert meter.request("GET", "/usage/v1/usage?group_by=FLOW", key=key).json["usage"] == []
    assert meter.request("GET", _BUDGETS, key=key).json["budgets"] == []
    for verb in ("GET", "DELETE"):
        assert meter.request(verb, f"{_BUDGETS}/ours", key=key).status == 404
    assert meter.request("PATCH", f"{_BUDGETS}/ours", {"cost_limit": "9"}, key=key).status == 404
    # Its own flows are another matter: it has none.
    assert meter.request("POST", _INVOKE, {"flow": "spend", "input": {}}, key=key).status == 404


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("usage?group_by=COLOUR", "group_by"),
        ("usage?group_by=FLOW&group_by=FLOW", "group_by"),
        ("usage?filter=colour=red", "filter"),
        ("usage?start_date=yesterday", "start_date"),
        ("usage?order_by=colour", "order_by"),
        ("usage?page_token=x", "page_token"),
        ("budgets?page_size=-1", "page_size"),
    ],
)
def test_what_makes_no_sense_is_a_400_that_names_the_parameter(meter: Server, path: str, field: str) -> None:
    answer = meter.request("GET", f"/usage/v1/{path}")
    assert answer.status == 400
    assert answer.json["error"].startswith(field)
