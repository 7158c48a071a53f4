"""Metrics as text: what the parsers of the Prometheus client read is what was counted."""

from __future__ import annotations

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_open_metrics
from prometheus_client.parser import text_string_to_metric_families as read_prometheus

from penstock.gateway.metrics.exposition import merged, wants_open_metrics, write
from penstock.gateway.metrics.neighbours import from_json, to_json
from penstock.gateway.metrics.patterns import readable
from penstock.gateway.metrics.route import labelled
from penstock.wire.metrics import US, Family, Histogram, counter, gauge, histogram

ODD = 'a "quoted" back\\slash\nand a line'


def sample_families() -> list[Family]:
    cups = counter("cups", "Cups.")
    cups.add(3, kind=ODD)
    cups.add(1.5, kind="tea")
    times = Histogram((500, 1_000_000), US)
    for took_us in (400, 500, 501, 2_000_000):
        times.observe(took_us)
    return [cups, gauge("heat", f"Heat, {ODD}.", 0.25), histogram("steep_seconds", "Steeping.", times)]


@pytest.mark.parametrize("is_open", [False, True])
def test_parsers_read_what_was_written(is_open: bool) -> None:
    text = write(sample_families(), is_open=is_open).decode()
    read = {family.name: family for family in (read_open_metrics if is_open else read_prometheus)(text)}
    assert {name: family.type for name, family in read.items()} == {
        "cups": "counter",
        "heat": "gauge",
        "steep_seconds": "histogram",
    }
    assert [(s.name, s.labels, s.value) for s in read["cups"].samples] == [
        ("cups_total", {"kind": ODD}, 3),
        ("cups_total", {"kind": "tea"}, 1.5),
    ]
    assert [(s.name, s.labels.get("le"), s.value) for s in read["steep_seconds"].samples] == [
        ("steep_seconds_bucket", "0.0005", 2),
        ("steep_seconds_bucket", "1.0", 3),
        ("steep_seconds_bucket", "+Inf", 4),
        ("steep_seconds_count", None, 4),
        ("steep_seconds_sum", None, 2.001401),
    ]
    assert text.endswith("# EOF\n") is is_open


def test_processes_stand_side_by_side_under_one_head() -> None:
    lots = [labelled(sample_families(), process) for process in ("0", "1")]
    text = write(merged(lots), is_open=True).decode()
    assert text.count("# TYPE cups counter") == 1
    (cups,) = [family for family in read_open_metrics(text) if family.name == "cups"]
    assert [sample.labels["process"] for sample in cups.samples] == ["0", "0", "1", "1"]


def test_what_a_neighbour_sends_comes_as_it_was() -> None:
    assert from_json(to_json(sample_families())) == sample_families()


@pytest.mark.parametrize(
    ("accept", "is_open"),
    [
        (None, False),
        ("*/*", False),
        ("text/plain;version=0.0.4", False),
        ("application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.3", True),
    ],
)
def test_open_metrics_is_for_who_asks(accept: str | None, is_open: bool) -> None:
    assert wants_open_metrics(accept) is is_open


def test_patterns_show_their_variables_alone() -> None:
    assert readable("/flows/v1/artifacts/{graph_id:[^/:]+}/sdk/python") == "/flows/v1/artifacts/{graph_id}/sdk/python"
