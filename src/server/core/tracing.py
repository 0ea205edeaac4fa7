"""OpenTelemetry by its standard variables. Without an endpoint there is no layer and no cost; with one, sampling is
what OTEL_TRACES_SAMPLER says.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from server.core.grpc.exchange import Exchange, Proceed
from server.core.grpc.methods import Method


class TracingLayer:
    """One span a call, a child of what `traceparent` names. It carries codes and ids, nothing that was in the call."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._propagator = TraceContextTextMapPropagator()

    def around(self, method: Method, proceed: Proceed) -> Proceed:
        async def serve(exchange: Exchange) -> bytes | None:
            parent = self._propagator.extract({"traceparent": exchange.call.traceparent if exchange.call else ""})
            with self._tracer.start_as_current_span(
                method.path.lstrip("/"),
                context=parent,
                kind=SpanKind.SERVER,
                record_exception=False,
                set_status_on_exception=False,
            ) as span:
                span.set_attribute("rpc.system", "grpc")
                span.set_attribute("rpc.service", method.service)
                span.set_attribute("rpc.method", method.name)
                try:
                    return await proceed(exchange)
                finally:
                    span.set_attribute("rpc.grpc.status_code", exchange.code.value[0])
                    span.set_attribute(
                        "callsheet.correlation_id", exchange.call.correlation_id if exchange.call else ""
                    )
                    if exchange.reason:
                        span.set_status(Status(StatusCode.ERROR, exchange.reason))

        return serve


@contextmanager
def tracing(process: str, exporter: SpanExporter | None = None) -> Iterator[TracingLayer]:
    """A tracer that exports in the background and flushes when the block ends."""
    provider = TracerProvider(resource=Resource.create({"service.name": f"callsheet-{process}"}))
    provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter()))
    try:
        yield TracingLayer(trace.get_tracer("callsheet", tracer_provider=provider))
    finally:
        provider.shutdown()
