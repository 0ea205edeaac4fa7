"""Spans: one a call, a child of what the caller sent, with codes and ids and nothing else."""

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from callsheet.booking.v1 import ordering_pb2 as pb
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from devstack.roles import DatabaseUrls
from server.core import tracing
from tests.rpc.booking import BUYER
from tests.rpc.harness import as_user, refusal, running_server

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def test_a_call_is_a_span_of_its_callers_trace(database: DatabaseUrls, monkeypatch: pytest.MonkeyPatch) -> None:
    exporter = InMemorySpanExporter()
    monkeypatch.setattr(tracing, "OTLPSpanExporter", lambda: exporter)
    async with running_server(database, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1") as server:
        request = pb.GetOrderRequest(order_id="ord_01jd3x0000000000000000000")
        metadata = (*as_user(BUYER), ("traceparent", PARENT), ("x-correlation-id", "correlation-1"))
        await refusal(BookingServiceStub(server.channel).GetOrder(request, metadata=metadata))
    [span] = exporter.get_finished_spans()
    assert span.name == "callsheet.booking.v1.BookingService/GetOrder"
    assert format(span.context.trace_id, "032x") == PARENT.split("-")[1]
    assert span.parent is not None
    assert format(span.parent.span_id, "016x") == PARENT.split("-")[2]
    assert dict(span.attributes or {}) == {
        "rpc.system": "grpc",
        "rpc.service": "callsheet.booking.v1.BookingService",
        "rpc.method": "GetOrder",
        "rpc.grpc.status_code": 5,
        "callsheet.correlation_id": "correlation-1",
    }
    assert span.status.description == "NOT_FOUND"
