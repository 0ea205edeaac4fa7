"""Calls on what viewers saw and did."""

from collections.abc import AsyncIterator
from contextlib import aclosing

from callsheet.promo.v1 import events_pb2 as pb
from server.promo.ingest import convert
from server.promo.servicer.calls import Calls


class EventCalls(Calls):
    """Answers the calls that bring events."""

    async def RecordEvents(self, request: pb.RecordEventsRequest, context: object) -> pb.RecordEventsResponse:
        outcomes = await self._use.ingest.record(request.events)
        return convert.record_events_response(outcomes)

    async def IngestEvents(
        self, requests: AsyncIterator[pb.IngestEventsRequest], context: object
    ) -> AsyncIterator[pb.IngestEventsResponse]:
        async with aclosing(self._use.ingest.ingest(convert.batches(requests))) as answers:
            async for answer in answers:
                yield convert.ingest_events_response(answer)
