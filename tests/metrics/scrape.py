"""Reads a scrape with the parsers of the Prometheus client, which refuse what Prometheus would."""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_open_metrics
from prometheus_client.parser import text_string_to_metric_families as read_prometheus

from tests.harness import Server

PATH = "/metrics"
OPEN = {"Accept": "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"}


@dataclass(frozen=True, slots=True)
class Scrape:
    families: dict[str, Metric]

    def value(self, name: str, **labels: str) -> float:
        """The sum of a metric's numbers that have these labels."""
        return sum(
            sample.value
            for family in self.families.values()
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    @property
    def names(self) -> set[str]:
        """The names that a query may use."""
        return {sample.name for family in self.families.values() for sample in family.samples}

    def labels(self, name: str) -> set[str]:
        """The labels of a metric; of a histogram without those of its bounds."""
        names = {name, f"{name}_count"}
        found = [
            set(sample.labels) for family in self.families.values() for sample in family.samples if sample.name in names
        ]
        return set.union(*found) if found else set()


def scrape(server: Server) -> Scrape:
    answer = server.request("GET", PATH, key=None)
    assert answer.status == 200, answer.body
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return parse(answer.body)


def parse(text: bytes) -> Scrape:
    """Reads the Prometheus format."""
    return Scrape({family.name: family for family in read_prometheus(text.decode())})


def scrape_open(server: Server) -> Scrape:
    answer = server.request("GET", PATH, headers=OPEN, key=None)
    assert answer.status == 200, answer.body
    assert answer.headers["Content-Type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    return Scrape({family.name: family for family in read_open_metrics(answer.body.decode())})
