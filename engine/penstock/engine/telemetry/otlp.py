"""Sends traces with OpenTelemetry's own library: the one module that needs the extra `penstock[otel]`.

Where they go, which are sampled and how they are batched is up to the OTEL_* variables.
"""

from __future__ import annotations

import os

from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from penstock.engine.telemetry.trace import Place, Trace, TraceSpan

_NS = 1000
"""Nanoseconds in a microsecond."""


class OtlpExporter:
    """Satisfies `penstock.engine.telemetry.traces.Exporter`."""

    def __init__(self, version: str, instance: str) -> None:
        """`instance` tells the processes of a service apart."""
        provider = TracerProvider(resource=_resource(version, instance), shutdown_on_exit=False)
        self._resource = provider.resource
        self._sampler = provider.sampler
        self._scope = InstrumentationScope("penstock", version)
        self._processor = BatchSpanProcessor(_exporter())

    def is_sampled(self, trace_id: int, name: str, caller: Place | None) -> bool:
        context = Context() if caller is None else set_span_in_context(NonRecordingSpan(_context(caller)), Context())
        decision = self._sampler.should_sample(context, trace_id, name).decision
        return decision is Decision.RECORD_AND_SAMPLE

    def export(self, trace: Trace) -> None:
        for span in trace.spans:
            self._processor.on_end(self._span(trace, span))

    def shut_down(self) -> None:
        self._processor.shutdown()  # type: ignore[no-untyped-call]

    def _span(self, trace: Trace, span: TraceSpan) -> ReadableSpan:
        parent = _context(Place(trace.trace_id, span.parent_id)) if span.parent_id else None
        return ReadableSpan(
            name=span.name,
            context=_context(Place(trace.trace_id, span.span_id)),
            parent=parent,
            resource=self._resource,
            attributes=span.attributes,
            links=[Link(_context(place)) for place in span.links],
            kind=SpanKind.INTERNAL if span.parent_id else SpanKind.SERVER,
            status=Status(StatusCode.ERROR if span.is_failed else StatusCode.UNSET),
            start_time=span.start_us * _NS,
            end_time=span.end_us * _NS,
            instrumentation_scope=self._scope,
        )


def _context(place: Place) -> SpanContext:
    flags = TraceFlags(TraceFlags.SAMPLED if place.is_sampled else TraceFlags.DEFAULT)
    return SpanContext(place.trace_id, place.span_id, is_remote=False, trace_flags=flags)


def _resource(version: str, instance: str) -> Resource:
    attributes = {"service.version": version, "service.instance.id": instance}
    given = os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    if "OTEL_SERVICE_NAME" not in os.environ and "service.name=" not in given:
        attributes["service.name"] = "penstock"
    return Resource.create(attributes)


def _exporter() -> SpanExporter:
    """Reads the endpoint and all the rest from the environment itself."""
    protocol = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
    if protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as OverGrpc

        return OverGrpc()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as OverHttp

    return OverHttp()
