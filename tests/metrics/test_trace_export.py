"""Traces apart from a server: how callers' traces are read, OTLP over HTTP, sampling, and that off means off."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from penstock.cli.serving.traces import are_wanted
from penstock.engine.telemetry.otlp import OtlpExporter
from penstock.engine.telemetry.trace import Place, Trace, TraceSpan, place_of, read_traceparent
from tests.e2e.support import eventually
from tests.harness import ROOT
from tests.metrics.receiver import Receiver, over_http

EXECUTION = "0123456789abcdef0123456789abcdef"
CALLER = Place(0x4BF92F3577B34DA6A3CE929D0E0E4736, 0x00F067AA0BA902B7)


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with over_http() as (receiver, endpoint):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "20")
        yield receiver


def one_span(links: list[Place] | None = None) -> Trace:
    root = place_of(EXECUTION)
    return Trace(root.trace_id, [TraceSpan("tea", root.span_id, 0, 1, 2, True, {"penstock.flow": "tea"}, links or [])])


def test_spans_arrive_over_http(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "teahouse")
    exporter = OtlpExporter("1.2.3", "0")
    exporter.export(one_span([CALLER]))
    exporter.shut_down()
    tea = eventually(lambda: receiver.trace(EXECUTION).get("tea"))
    assert (tea.resource["service.name"], tea.resource["service.version"]) == ("teahouse", "1.2.3")
    assert (tea.span.start_time_unix_nano, tea.span.end_time_unix_nano, tea.is_failed) == (1_000, 2_000, True)
    assert tea.links == [(f"{CALLER.trace_id:032x}", f"{CALLER.span_id:016x}")]
    assert int.from_bytes(tea.span.span_id, "big") == place_of(EXECUTION).span_id


def test_a_caller_whose_trace_is_not_sampled_has_none_here(receiver: Receiver) -> None:
    exporter = OtlpExporter("1", "0")
    assert exporter.is_sampled(1, "tea", None)
    assert exporter.is_sampled(1, "tea", CALLER)
    assert not exporter.is_sampled(1, "tea", Place(CALLER.trace_id, CALLER.span_id, is_sampled=False))
    exporter.shut_down()


def test_the_sampler_is_the_one_that_the_environment_names(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    exporter = OtlpExporter("1", "0")
    assert not exporter.is_sampled(1, "tea", None)
    exporter.shut_down()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", CALLER),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", Place(CALLER.trace_id, CALLER.span_id, False)),
        # A later version may say more.
        ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03-more", CALLER),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", None),
        ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", None),
        ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", None),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", None),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", None),
        ("", None),
        ("nonsense", None),
    ],
)
def test_callers_say_where_they_are_as_the_w3c_recommends(text: str, place: Place | None) -> None:
    assert read_traceparent(text) == place


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://h:4317"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://h:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://h:4317", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://h:4317", "OTEL_TRACES_EXPORTER": "none"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://h:4317", "OTEL_TRACES_EXPORTER": "otlp"}, True),
    ],
)
def test_traces_are_on_where_there_is_somewhere_to_send_them(environment: dict[str, str], wanted: bool) -> None:
    assert are_wanted(environment) is wanted


def test_a_server_without_traces_loads_nothing_of_them() -> None:
    script = (
        "import sys, penstock.cli.serving.serve_one, penstock.engine.app.engine;"
        "print([name for name in sys.modules if name.startswith(('opentelemetry', 'penstock.engine.telemetry.t'))])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
