"""What a server with two processes tells of itself: its metrics, whichever process is asked, and its traces."""

from __future__ import annotations

import json
import os
import signal
from typing import Any

import pytest
import yaml

from tests.docs.documents import table
from tests.e2e.apart.conftest import apart
from tests.e2e.support import eventually
from tests.harness import ROOT
from tests.metrics import promql
from tests.metrics.conftest import CALLER, Site
from tests.metrics.receiver import Received
from tests.metrics.scrape import Scrape, parse, scrape, scrape_open

PAGE = "docs/observability.md"


@pytest.fixture(scope="package")
def seen(site: Site) -> Scrape:
    """A scrape with everything in it that had its time."""
    eventually(lambda: scrape(site.crew).value("penstock_webhook_tries_total", outcome="DELIVERED") == 1)
    return scrape(site.crew)


def test_executions_are_counted_by_flow_and_status(seen: Scrape) -> None:
    def ended(flow: str, status: str) -> float:
        return seen.value("penstock_executions_ended_total", flow=flow, status=status)

    # Once by itself, once over gRPC, once as a sub-flow.
    assert seen.value("penstock_executions_accepted_total", flow="plain") == 3
    assert (ended("plain", "COMPLETED"), ended("plain", "FAILED")) == (3, 0)
    assert (ended("broken", "COMPLETED"), ended("broken", "FAILED")) == (0, 1)
    assert seen.value("penstock_execution_duration_seconds_count", flow="plain") == 3
    assert seen.value("penstock_execution_duration_seconds_bucket", flow="plain", le="+Inf") == 3
    assert 0 < seen.value("penstock_execution_duration_seconds_sum", flow="plain") < 60


def test_nodes_are_counted_by_outcome(seen: Scrape) -> None:
    def nodes(flow: str, node: str, outcome: str) -> float:
        return seen.value("penstock_node_executions_total", flow=flow, node=node, outcome=outcome)

    assert (nodes("plain", "one", "succeeded"), nodes("plain", "two", "succeeded")) == (3, 3)
    assert nodes("broken", "bad", "failed") == 1
    assert (nodes("again", "shaky", "succeeded"), seen.value("penstock_node_retries_total", flow="again")) == (1, 1)
    assert (nodes("saved", "bad", "succeeded"), seen.value("penstock_node_fallbacks_total", flow="saved")) == (1, 1)
    assert seen.value("penstock_map_items_total", flow="each", outcome="succeeded") == 1
    assert seen.value("penstock_map_items_total", flow="each", outcome="failed") == 1
    assert seen.value("penstock_frames_total", flow="counted") == 3
    assert seen.value("penstock_node_duration_seconds_count", flow="plain") == 6


def test_what_waits_is_there_as_long_as_it_waits(site: Site, seen: Scrape) -> None:
    assert seen.value("penstock_executions", flow="asked", status="PAUSED") == 1
    assert seen.value("penstock_nodes_waiting", flow="asked", wait="PAUSE") == 1
    waited_s = seen.value("penstock_node_wait_oldest_seconds", flow="asked", wait="PAUSE")
    later_s = scrape(site.crew).value("penstock_node_wait_oldest_seconds", flow="asked", wait="PAUSE")
    assert 0 < waited_s < later_s < 600


def test_calls_are_counted_by_route_and_method(seen: Scrape) -> None:
    invocations = {"method": "POST", "route": "/invocations/v1/flows/invoke", "status": "202"}
    assert seen.value("penstock_http_requests_total", **invocations) >= 7
    assert seen.value("penstock_http_requests_total", route="other", status="404") == 1
    stream = "/invocations/v1/flows/invoke/stream"
    assert seen.value("penstock_http_requests_total", route=stream, status="200") == 1
    assert seen.value("penstock_http_request_duration_seconds_count", route=stream) == 0
    method = "penstock.v1.InvocationService/InvokeFlow"
    assert seen.value("penstock_grpc_requests_total", method=method, code="OK") == 1
    assert seen.value("penstock_grpc_request_duration_seconds_count", method=method) == 1


def test_each_process_answers_for_all(seen: Scrape) -> None:
    # What gauges say of each process; and each commits with its own journal.
    for process in ("0", "1"):
        assert seen.value("penstock_up", process=process) == 1
        assert seen.value("penstock_lease_held", process=process) == 1
        assert seen.value("process_resident_memory_bytes", process=process) > 10_000_000
        assert seen.value("penstock_event_loop_lag_seconds_count", process=process) > 0
        assert seen.value("penstock_database_connections", process=process) >= 1


def test_the_page_lists_every_metric_with_its_kind_and_labels(site: Site, seen: Scrape) -> None:
    kinds = {}
    for names, kind, labels, _ in table(PAGE, "metric"):
        for name in names.split(", "):
            kinds[name.strip("`")] = (kind, {label for label in labels.split(", ") if label})
    found = {}
    for family in seen.families.values():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        found[name] = (family.type, seen.labels(name) - {"process"})
    assert found.pop("penstock_traces_total") == ("counter", {"outcome"})  # of the extra, and told of there
    assert kinds == found


def test_open_metrics_says_the_same(site: Site, seen: Scrape) -> None:
    other = scrape_open(site.crew)
    assert other.names == seen.names
    assert other.value("penstock_executions_ended_total") == seen.value("penstock_executions_ended_total")


def test_a_gateway_apart_tells_of_itself_alone(site: Site) -> None:
    with apart(site.crew) as gateway:
        assert gateway.request("GET", "/readyz").status == 200
        found = scrape(gateway)
        assert found.value("penstock_up", process="gateway") == 1
        assert found.value("penstock_http_requests_total", route="/readyz", status="200", process="gateway") == 1
        assert not any(name.startswith(("penstock_executions", "penstock_journal")) for name in found.names)
        assert eventually(lambda: scrape(site.crew).value("penstock_grpc_gateways")) == 1


def test_whoever_is_not_on_this_machine_needs_a_key(site: Site) -> None:
    named = {"Host": f"penstock.example.net:{site.crew.info['http_url'].rpartition(':')[2]}"}
    for headers in (named, {"X-Forwarded-For": "192.0.2.1"}):
        refused = site.crew.request("GET", "/metrics", headers=headers, key=None)
        assert (refused.status, refused.json["error"]) == (401, "unauthorized")
        assert site.crew.request("GET", "/metrics", headers=headers, key="psk_no_key").status == 401
        assert site.crew.request("GET", "/metrics", headers=headers).status == 200


def test_a_key_without_the_scope_does_not_do(site: Site) -> None:
    away = {"X-Forwarded-For": "192.0.2.1"}
    keys = {
        scope: site.crew.command_line("keys", "create", "reader", "--scope", scope).strip()
        for scope in ("metrics:read", "executions:read")
    }
    assert site.crew.request("GET", "/metrics", headers=away, key=keys["metrics:read"]).status == 200
    refused = site.crew.request("GET", "/metrics", headers=away, key=keys["executions:read"])
    assert (refused.status, refused.json["details"]) == (403, {"scope": "metrics:read"})


def test_metrics_take_one_method(site: Site) -> None:
    answer = site.crew.request("POST", "/metrics", {})
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_no_account_key_or_execution_is_named(site: Site) -> None:
    text = site.crew.request("GET", "/metrics", key=None).body.decode()
    key_id = site.crew.key.split("_")[1]
    named = [word for word in ("default", key_id, *site.executions.values()) if word in text]
    assert named == []


def test_a_process_that_hangs_is_told_of_by_the_others(site: Site) -> None:
    _, two = site.crew.pids
    os.kill(two, signal.SIGSTOP)
    try:
        found = eventually(lambda: _answered(site))
        assert sorted((found.value("penstock_up", process="0"), found.value("penstock_up", process="1"))) == [0, 1]
    finally:
        os.kill(two, signal.SIGCONT)


def _answered(site: Site) -> Scrape | None:
    """A scrape of whichever process still answers."""
    connection = site.crew.connection(timeout_s=2)
    try:
        connection.request("GET", "/metrics")
        return parse(connection.getresponse().read())
    except TimeoutError:
        return None
    finally:
        connection.close()


# The dashboard and the alerts.


def queries() -> list[str]:
    """Every query of the dashboard and of the alerts."""
    dashboard: Any = json.loads((ROOT / "deploy/grafana/penstock.json").read_text())
    variables = [each["query"]["query"] for each in dashboard["templating"]["list"] if each["type"] == "query"]
    return [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())] + [
        *(variable.removeprefix("label_values(").rpartition(",")[0] for variable in variables),
        *(rule["expr"] for rule in rules()),
    ]


def rules() -> list[Any]:
    found: Any = yaml.safe_load((ROOT / "deploy/alerts/penstock.yaml").read_text())
    return [rule for group in found["groups"] for rule in group["rules"]]


def test_queries_name_metrics_and_labels_that_there_are(seen: Scrape) -> None:
    known = {label for family in seen.families.values() for sample in family.samples for label in sample.labels}
    metrics = {metric for query in queries() for metric in promql.metrics(query)}
    labels = {label for query in queries() for label in promql.labels(query)}
    assert metrics - seen.names == set()
    assert labels - known - {"job", "instance"} == set()


def test_rules_have_what_prometheus_asks_of_them_and_the_page_lists_them() -> None:
    for rule in rules():
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert set(rule["annotations"]) == {"summary", "description"}
    assert [f"`{rule['alert']}`" for rule in rules()] == [row[0] for row in table(PAGE, "alert")]


def test_panels_of_the_dashboard_lie_beside_each_other() -> None:
    panels: Any = json.loads((ROOT / "deploy/grafana/penstock.json").read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for place in (panel["gridPos"] for panel in panels):
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken and max(x for x, _ in cells) < 24
        taken |= cells


# Traces.


def traced(site: Site, flow: str, *names: str) -> dict[str, Received]:
    """The trace of a flow's execution, when it has spans of these names."""
    return eventually(lambda: {*names} <= (found := site.receiver.trace(site.executions[flow])).keys() and found)


def test_the_id_of_an_execution_is_its_trace_id(site: Site) -> None:
    spans = traced(site, "plain", "plain", "one", "two")
    root, one, two = (spans[name].span for name in ("plain", "one", "two"))
    assert set(spans) == {"plain", "one", "two"}
    assert (root.parent_span_id, one.parent_span_id, two.parent_span_id) == (b"", root.span_id, root.span_id)
    assert root.start_time_unix_nano <= one.start_time_unix_nano <= one.end_time_unix_nano
    assert one.end_time_unix_nano <= two.start_time_unix_nano <= two.end_time_unix_nano <= root.end_time_unix_nano
    attributes = spans["plain"].attributes
    assert attributes["penstock.execution_id"] == site.executions["plain"] == spans["plain"].trace_id
    assert (attributes["penstock.flow"], attributes["penstock.status"]) == ("plain", "COMPLETED")
    assert spans["plain"].resource["service.name"] == "penstock"


def test_failures_show_their_code_and_nothing_that_was_said(site: Site) -> None:
    spans = traced(site, "broken", "broken", "bad")
    assert spans["broken"].is_failed and spans["bad"].is_failed
    assert spans["broken"].attributes["error.type"] == "NO_LUCK"
    assert spans["broken"].attributes["penstock.failed_node"] == "bad"
    assert "no luck" not in str(spans["broken"].span)


def test_several_attempts_are_spans_below_their_node(site: Site) -> None:
    spans = traced(site, "again", "shaky", "shaky attempt 1", "shaky attempt 2", "shaky waits: RETRY")
    assert {spans[name].span.parent_span_id for name in spans if " " in name} == {spans["shaky"].span.span_id}
    assert spans["shaky attempt 1"].is_failed and not spans["shaky attempt 2"].is_failed


def test_a_sub_flow_and_its_parent_link_to_each_other(site: Site) -> None:
    parent = traced(site, "parent", "parent", "child", "child waits: FLOW")
    child_id = parent["child waits: FLOW"].attributes["penstock.child_execution_id"]
    child = eventually(lambda: site.receiver.trace(child_id).get("plain"))
    assert parent["child waits: FLOW"].links == [(child_id, child.span.span_id.hex())]
    assert child.links == [(site.executions["parent"], parent["child"].span.span_id.hex())]


def test_the_trace_of_a_caller_is_a_link(site: Site) -> None:
    caller = tuple(CALLER.split("-")[1:3])
    assert traced(site, "called", "plain")["plain"].links == [caller]
    answer = site.crew.request(
        "POST", "/invocations/v1/flows/invoke", {"flow": "plain", "wait": True}, {"traceparent": CALLER}
    )
    over_http = answer.json["execution_id"]
    assert eventually(lambda: site.receiver.trace(over_http).get("plain")).links == [caller]


def test_what_is_no_trace_of_a_caller_is_passed_over(site: Site) -> None:
    answer = site.crew.request(
        "POST", "/invocations/v1/flows/invoke", {"flow": "plain", "wait": True}, {"traceparent": "00-0-0-0"}
    )
    assert eventually(lambda: site.receiver.trace(answer.json["execution_id"]).get("plain")).links == []
