"""Payments into budgets on the wire."""

from callsheet.promo.v1 import topup_pb2 as pb
from server.core.call import Actor
from server.core.grpc.proto import EnumMap, timestamp
from server.core.pagination import Page
from server.promo.domain import topup as topups
from server.promo.topups.usecases import ListTopUps, Payable, TopUpCampaign

STATUSES = EnumMap(pb.TopUpStatus, topups.TopUpStatus, "TOP_UP_STATUS_", pb.TopUpStatus.ValueType)
CAUSES = EnumMap(pb.TopUpCause, topups.TopUpCause, "TOP_UP_CAUSE_", pb.TopUpCause.ValueType)


def top_up_campaign(request: pb.TopUpCampaignRequest, actor: Actor) -> TopUpCampaign:
    return TopUpCampaign(
        actor=actor,
        campaign_id=request.campaign_id,
        amount_cents=request.amount_cents,
        payment_method_id=request.payment_method_id,
        save_card=request.save_card,
        return_url=request.return_url,
    )


def list_topups(request: pb.ListTopUpsRequest, actor: Actor) -> ListTopUps:
    return ListTopUps(
        actor=actor, campaign_id=request.campaign_id, page_size=request.page_size, page_token=request.page_token
    )


def top_up_campaign_response(payable: Payable) -> pb.TopUpCampaignResponse:
    return pb.TopUpCampaignResponse(
        topup=_topup(payable.topup), client_secret=payable.client_secret, redirect_url=payable.redirect_url
    )


def get_topup_response(payable: Payable) -> pb.GetTopUpResponse:
    return pb.GetTopUpResponse(
        topup=_topup(payable.topup), client_secret=payable.client_secret, redirect_url=payable.redirect_url
    )


def list_topups_response(page: Page[topups.TopUp]) -> pb.ListTopUpsResponse:
    return pb.ListTopUpsResponse(topups=map(_topup, page.items), next_page_token=page.next_token)


def _topup(topup: topups.TopUp) -> pb.TopUp:
    return pb.TopUp(
        topup_id=topup.topup_id,
        campaign_id=topup.campaign_id,
        amount_cents=topup.amount_cents,
        status=STATUSES.number(topup.status),
        cause=CAUSES.number(topup.cause),
        entry_id=topup.entry_id or "",
        failure_code=topup.refusal.code if topup.refusal else "",
        decline_code=(topup.refusal.decline_code or "") if topup.refusal else "",
        version=topup.version,
        created_at=timestamp(topup.created_at),
        updated_at=timestamp(topup.updated_at),
    )
