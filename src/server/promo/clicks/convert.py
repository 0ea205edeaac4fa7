"""Clicks and claims on the wire."""

from collections.abc import Mapping, Sequence

from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import ListValue, Struct

from callsheet.promo.v1 import click_pb2 as pb
from server.core.call import Actor
from server.core.grpc.proto import EnumMap, timestamp
from server.core.pagination import Page
from server.promo.clicks.repository import StandingClick
from server.promo.clicks.usecases import ClaimInvalidClick, DecideClickClaim, ListClickClaims, ListClicks
from server.promo.convert import day_of
from server.promo.domain.claim import ClickClaim, ClickClaimStatus
from server.promo.domain.verdicts import Rule, Verdict

VERDICTS = EnumMap(pb.ClickVerdict, Verdict, "CLICK_VERDICT_", pb.ClickVerdict.ValueType)
RULES = EnumMap(pb.ClickRule, Rule, "CLICK_RULE_", pb.ClickRule.ValueType)
STATUSES = EnumMap(pb.ClickClaimStatus, ClickClaimStatus, "CLICK_CLAIM_STATUS_", pb.ClickClaimStatus.ValueType)


def list_clicks(request: pb.ListClicksRequest, actor: Actor) -> ListClicks:
    return ListClicks(
        actor=actor,
        campaign_id=request.campaign_id,
        day=day_of(request.day, "day") if request.day else None,
        verdicts=frozenset(VERDICTS.member(verdict) for verdict in request.verdicts),
        page_size=request.page_size,
        page_token=request.page_token,
    )


def claim_invalid_click(request: pb.ClaimInvalidClickRequest, actor: Actor) -> ClaimInvalidClick:
    return ClaimInvalidClick(
        actor=actor, campaign_id=request.campaign_id, event_id=request.event_id, reason=request.reason
    )


def list_click_claims(request: pb.ListClickClaimsRequest, actor: Actor) -> ListClickClaims:
    return ListClickClaims(
        actor=actor,
        campaign_id=request.campaign_id,
        statuses=frozenset(STATUSES.member(status) for status in request.statuses),
        page_size=request.page_size,
        page_token=request.page_token,
    )


def decide_click_claim(request: pb.DecideClickClaimRequest, actor: Actor) -> DecideClickClaim:
    return DecideClickClaim(actor=actor, claim_id=request.claim_id, granted=request.granted, reason=request.reason)


def list_clicks_response(page: Page[StandingClick]) -> pb.ListClicksResponse:
    return pb.ListClicksResponse(clicks=map(click_message, page.items), next_page_token=page.next_token)


def claim_invalid_click_response(claim: ClickClaim) -> pb.ClaimInvalidClickResponse:
    return pb.ClaimInvalidClickResponse(claim=_claim(claim))


def list_click_claims_response(page: Page[ClickClaim]) -> pb.ListClickClaimsResponse:
    return pb.ListClickClaimsResponse(claims=map(_claim, page.items), next_page_token=page.next_token)


def decide_click_claim_response(claim: ClickClaim) -> pb.DecideClickClaimResponse:
    return pb.DecideClickClaimResponse(claim=_claim(claim))


def click_message(click: StandingClick) -> pb.Click:
    return pb.Click(
        event_id=click.event_id,
        campaign_id=click.campaign_id,
        verdict=VERDICTS.number(click.verdict),
        rule=RULES.number(click.rule) if click.rule else pb.CLICK_RULE_UNSPECIFIED,
        rule_version=click.rule_version,
        revision=click.revision,
        versions=_struct(click.versions),
        hits=_list(click.hits),
        evidence=_struct(click.evidence),
        price_cents=click.price_cents,
        charged_cents=click.charged_cents,
        credited_cents=click.credited_cents,
        spend_entry_id=click.spend_entry_id,
        credit_entry_id=click.credit_entry_id,
        budget_day=click.budget_day.isoformat() if click.budget_day else "",
        received_at=timestamp(click.received_at) if click.received_at else None,
        decided_at=timestamp(click.decided_at),
    )


def _list(values: Sequence[object]) -> ListValue:
    listed = ListValue()
    listed.extend(list(values))  # type: ignore[arg-type]  # values of JSON
    return listed


def _struct(values: Mapping[str, object]) -> Struct:
    return ParseDict(dict(values), Struct())


def _claim(claim: ClickClaim) -> pb.ClickClaim:
    return pb.ClickClaim(
        claim_id=claim.claim_id,
        campaign_id=claim.campaign_id,
        event_id=claim.event_id,
        reason=claim.reason,
        status=STATUSES.number(claim.status),
        decision_reason=claim.decision_reason or "",
        version=claim.version,
        created_at=timestamp(claim.created_at),
        updated_at=timestamp(claim.updated_at),
    )
