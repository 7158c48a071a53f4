"""Writes metrics as text: the Prometheus format, or OpenMetrics for whoever asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from penstock.wire.metrics import Family

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"

_OPEN_METRICS_TYPE = "application/openmetrics-text"


def wants_open_metrics(accept: str | None) -> bool:
    """Whether an Accept header names OpenMetrics. Prometheus names it first, so what else is there does not matter."""
    return accept is not None and _OPEN_METRICS_TYPE in accept


def write(families: Iterable[Family], *, is_open: bool) -> bytes:
    """The text. Each family is there once; `is_open` is OpenMetrics."""
    lines: list[str] = []
    for family in families:
        # Only OpenMetrics tells a counter from the numbers that it gives.
        name = f"{family.name}_total" if family.kind == "counter" and not is_open else family.name
        lines.append(f"# HELP {name} {_escaped_help(family.help)}")
        lines.append(f"# TYPE {name} {family.kind}")
        lines += [f"{family.name}{sample.suffix}{_labels(sample.labels)} {sample.value}" for sample in family.samples]
    if is_open:
        lines.append("# EOF")
    return ("\n".join(lines) + "\n").encode()


def merged(lots: Iterable[Iterable[Family]]) -> list[Family]:
    """The families of several processes, each once. Their samples tell by their labels whose they are."""
    found: dict[str, Family] = {}
    for families in lots:
        for family in families:
            known = found.setdefault(family.name, Family(family.name, family.kind, family.help))
            known.samples += family.samples
    return list(found.values())


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join([f'{name}="{_escaped(value)}"' for name, value in labels.items()]) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _escaped_help(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n")
