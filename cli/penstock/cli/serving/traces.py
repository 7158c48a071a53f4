"""Whether a server sends traces: as OpenTelemetry's own variables say."""

from __future__ import annotations

from collections.abc import Mapping

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def are_wanted(environment: Mapping[str, str]) -> bool:
    """True where an endpoint is named and nothing turns them off."""
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    exporters = environment.get("OTEL_TRACES_EXPORTER", "") or "otlp"
    return "otlp" in exporters.split(",") and any(environment.get(name) for name in _ENDPOINTS)
