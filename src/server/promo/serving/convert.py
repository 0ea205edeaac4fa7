"""Protobuf and searches, in both directions."""

from collections.abc import Sequence

from callsheet.promo.v1 import campaign_calls_pb2, campaign_pb2, diagnostics_pb2
from callsheet.promo.v1 import placement_pb2 as pb
from server.core.grpc.proto import EnumMap, timestamp
from server.promo import convert
from server.promo.domain.campaign import Surface, keyword
from server.promo.domain.policy import Place
from server.promo.serving.diagnosing import Diagnosis
from server.promo.serving.domain import unserved
from server.promo.serving.domain.slots import USUAL_FOLD
from server.promo.serving.usecases import Placement, Search

OBSTACLES = EnumMap(diagnostics_pb2.Obstacle, unserved.Obstacle, "OBSTACLE_", diagnostics_pb2.Obstacle.ValueType)
UNSERVED = EnumMap(diagnostics_pb2.Unserved, unserved.Unserved, "UNSERVED_", diagnostics_pb2.Unserved.ValueType)

_SHOWN_ON = {
    Surface.PEOPLE_SEARCH: campaign_pb2.TARGET_ENTITY_TYPE_SERVICE_PROFILE,
    Surface.STUDIO_SEARCH: campaign_pb2.TARGET_ENTITY_TYPE_STUDIO,
}


def search(request: pb.SelectPlacementsRequest) -> Search:
    return Search(
        place=Place(convert.SURFACES.member(request.surface), request.role or None, request.city),
        keywords=tuple(dict.fromkeys(map(keyword, request.keywords))),
        query_hash=request.query_hash,
        user_id=request.user_id,
        device=request.device,
        organic_count=request.organic_count,
        fold=request.fold or USUAL_FOLD,
    )


def select_placements_response(placements: Sequence[Placement], place: Place) -> pb.SelectPlacementsResponse:
    return pb.SelectPlacementsResponse(placements=[_placement(one, place) for one in placements])


def _placement(placement: Placement, place: Place) -> pb.Placement:
    return pb.Placement(
        position=placement.position,
        format=convert.FORMATS.number(placement.format),
        campaign_id=placement.campaign_id,
        target_entity_type=_SHOWN_ON[place.surface],
        target_entity_id=placement.listing_id,
        impression_id=placement.impression_id,
        token=placement.token,
    )


def get_campaign_response(diagnosis: Diagnosis) -> campaign_calls_pb2.GetCampaignResponse:
    return campaign_calls_pb2.GetCampaignResponse(
        campaign=convert.campaign_message(diagnosis.campaign), diagnostics=_diagnostics(diagnosis)
    )


def _diagnostics(diagnosis: Diagnosis) -> diagnostics_pb2.CampaignDiagnostics:
    message = diagnostics_pb2.CampaignDiagnostics(
        obstacle=OBSTACLES.number(diagnosis.obstacle) if diagnosis.obstacle else diagnostics_pb2.OBSTACLE_UNSPECIFIED,
        unserved=[
            diagnostics_pb2.UnservedSamples(reason=UNSERVED.number(reason), samples=samples)
            for reason, samples in diagnosis.unserved
        ],
    )
    if diagnosis.pacing is not None:
        pacing = diagnosis.pacing
        message.pass_through = pacing.pass_through
        message.allocation_cents = pacing.allocation_cents
        message.planned_cents = pacing.planned_cents
        message.paced_at.CopyFrom(timestamp(pacing.at))
    return message
