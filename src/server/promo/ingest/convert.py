"""Messages of ingest and what they mean. The events themselves are read where they are judged."""

from collections.abc import AsyncIterator, Iterable

from callsheet.promo.v1 import events_pb2 as pb
from server.core.grpc.proto import EnumMap
from server.promo.ingest.events import EventRejection, EventResult, Outcome
from server.promo.ingest.usecases import Answer, Batch
from server.promo.tokens import TokenState

_RESULTS = EnumMap(pb.EventResult, EventResult, "EVENT_RESULT_", pb.EventResult.ValueType)
_REJECTIONS = EnumMap(pb.EventRejection, EventRejection, "EVENT_REJECTION_", pb.EventRejection.ValueType)
_STATES = EnumMap(pb.TokenState, TokenState, "TOKEN_STATE_", pb.TokenState.ValueType)


async def batches(requests: AsyncIterator[pb.IngestEventsRequest]) -> AsyncIterator[Batch]:
    """A stream's messages as batches."""
    async for request in requests:
        yield Batch(request.sequence, request.events)


def record_events_response(outcomes: Iterable[Outcome]) -> pb.RecordEventsResponse:
    return pb.RecordEventsResponse(outcomes=map(_outcome, outcomes))


def ingest_events_response(answer: Answer) -> pb.IngestEventsResponse:
    return pb.IngestEventsResponse(sequence=answer.sequence, outcomes=map(_outcome, answer.outcomes))


def _outcome(outcome: Outcome) -> pb.EventOutcome:
    rejected = outcome.rejected
    if rejected is not None:
        return pb.EventOutcome(
            event_id=outcome.event_id,
            result=_RESULTS.number(outcome.result),
            rejection=_REJECTIONS.number(rejected.reason),
            message=rejected.message,
        )
    return pb.EventOutcome(
        event_id=outcome.event_id,
        result=_RESULTS.number(outcome.result),
        token_state=_STATES.number(outcome.token_state) if outcome.token_state else pb.TOKEN_STATE_UNSPECIFIED,
    )
