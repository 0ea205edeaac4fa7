"""Protobuf and domain, in both directions."""

from datetime import date
from functools import partial
from typing import Protocol

from google.protobuf.field_mask_pb2 import FieldMask

from callsheet.promo.v1 import campaign_calls_pb2 as calls_pb2
from callsheet.promo.v1 import campaign_pb2, log_pb2, policy_pb2
from server.core.call import Actor
from server.core.errors import FieldInvalid, Violation
from server.core.grpc.proto import EnumMap, timestamp
from server.core.pagination import Page
from server.promo.advertisers.usecases import MoveAdvertiser, UpdateAdvertiser
from server.promo.campaigns.usecases import CreateCampaign, ListCampaigns, MoveCampaign, UpdateCampaign
from server.promo.domain import advertiser as advertisers
from server.promo.domain import campaign as campaigns
from server.promo.domain.policy import Place, Policy
from server.promo.policies.usecases import ListPolicies, PutPolicy

ADVERTISERS = EnumMap(
    campaign_pb2.AdvertiserStatus,
    advertisers.AdvertiserStatus,
    "ADVERTISER_STATUS_",
    campaign_pb2.AdvertiserStatus.ValueType,
)
ENTITIES = EnumMap(
    campaign_pb2.TargetEntityType,
    campaigns.TargetEntityType,
    "TARGET_ENTITY_TYPE_",
    campaign_pb2.TargetEntityType.ValueType,
)
SURFACES = EnumMap(campaign_pb2.Surface, campaigns.Surface, "SURFACE_", campaign_pb2.Surface.ValueType)
FORMATS = EnumMap(campaign_pb2.Format, campaigns.Format, "FORMAT_", campaign_pb2.Format.ValueType)
STATUSES = EnumMap(
    campaign_pb2.CampaignStatus, campaigns.CampaignStatus, "CAMPAIGN_STATUS_", campaign_pb2.CampaignStatus.ValueType
)
PACINGS = EnumMap(
    campaign_pb2.PacingMode,
    campaigns.PacingMode,
    "PACING_MODE_",
    campaign_pb2.PacingMode.ValueType,
    default=campaigns.PacingMode.EVEN,
)
TOTALS = EnumMap(
    campaign_pb2.TotalBudgetMode,
    campaigns.TotalBudgetMode,
    "TOTAL_BUDGET_MODE_",
    campaign_pb2.TotalBudgetMode.ValueType,
)


_ADVERTISER_FIELDS = frozenset({"status", "default_payment_method_id"})


def update_advertiser(request: calls_pb2.UpdateAdvertiserRequest, actor: Actor) -> UpdateAdvertiser:
    named = frozenset(request.update_mask.paths)
    if not named or not named <= _ADVERTISER_FIELDS:
        rule = f"must name some of {', '.join(sorted(_ADVERTISER_FIELDS))}"
        raise FieldInvalid(Violation("update_mask", rule))
    if "status" in named and not request.status:
        raise FieldInvalid(Violation("status", "must be active or paused where update_mask names it"))
    wishes = advertisers.Wishes(
        status=ADVERTISERS.member(request.status) if "status" in named else None,
        default_payment_method_id=(request.default_payment_method_id if "default_payment_method_id" in named else None),
    )
    return UpdateAdvertiser(actor, request.advertiser_id, request.version, wishes)


def suspend_advertiser(request: calls_pb2.SuspendAdvertiserRequest, actor: Actor) -> MoveAdvertiser:
    return MoveAdvertiser(
        actor, request.advertiser_id, request.version, advertisers.AdvertiserEvent.SUSPEND, request.reason
    )


def lift_advertiser_suspension(request: calls_pb2.LiftAdvertiserSuspensionRequest, actor: Actor) -> MoveAdvertiser:
    return MoveAdvertiser(actor, request.advertiser_id, request.version, advertisers.AdvertiserEvent.LIFT_SUSPENSION)


def create_campaign(request: calls_pb2.CreateCampaignRequest, actor: Actor) -> CreateCampaign:
    return CreateCampaign(actor=actor, advertiser_id=request.advertiser_id, terms=terms(request.terms))


def list_campaigns(request: calls_pb2.ListCampaignsRequest, actor: Actor) -> ListCampaigns:
    return ListCampaigns(
        actor=actor,
        advertiser_id=request.advertiser_id,
        statuses=frozenset(STATUSES.member(status) for status in request.statuses),
        page_size=request.page_size,
        page_token=request.page_token,
    )


def update_campaign(request: calls_pb2.UpdateCampaignRequest, actor: Actor) -> UpdateCampaign:
    names = frozenset(campaign_pb2.CampaignTerms.DESCRIPTOR.fields_by_name)
    taken = frozenset(request.update_mask.paths) or names
    if not taken <= names:
        raise FieldInvalid(Violation("update_mask", f"must name terms: {', '.join(sorted(taken - names))} is none"))
    return UpdateCampaign(
        actor=actor,
        campaign_id=request.campaign_id,
        version=request.version,
        revised=partial(_revised, request.terms, FieldMask(paths=sorted(taken))),
    )


def _revised(
    asked: campaign_pb2.CampaignTerms, mask: FieldMask, current: campaigns.CampaignTerms
) -> campaigns.CampaignTerms:
    """The current terms with those that the mask names as they are asked for."""
    message = _terms(current)
    mask.MergeMessage(asked, message, replace_message_field=True, replace_repeated_field=True)
    return terms(message)


class _Move(Protocol):
    """What the requests that move a campaign have in common."""

    @property
    def campaign_id(self) -> str: ...
    @property
    def version(self) -> int: ...


def move_campaign(request: _Move, actor: Actor, reason: str = "") -> MoveCampaign:
    return MoveCampaign(actor=actor, campaign_id=request.campaign_id, version=request.version, reason=reason)


def put_policy(request: policy_pb2.PutPolicyRequest) -> PutPolicy:
    return PutPolicy(
        place=Place(SURFACES.member(request.surface), request.role or None, request.city),
        cpc_floor_cents=request.cpc_floor_cents,
        max_density_top20=request.max_density_top20,
        max_above_fold=request.max_above_fold,
    )


def list_policies(request: policy_pb2.ListPoliciesRequest, actor: Actor) -> ListPolicies:
    return ListPolicies(
        actor=actor,
        surface=SURFACES.member(request.surface) if request.surface else None,
        city=request.city,
        page_size=request.page_size,
        page_token=request.page_token,
    )


def terms(message: campaign_pb2.CampaignTerms) -> campaigns.CampaignTerms:
    return campaigns.CampaignTerms(
        name=message.name,
        target=campaigns.Target(
            surface=SURFACES.member(message.surface),
            format=FORMATS.member(message.format),
            entity_type=ENTITIES.member(message.target_entity_type),
            entity_id=message.target_entity_id,
        ),
        audience=campaigns.Audience(
            cities=tuple(message.city_targets),
            roles=tuple(message.role_targets),
            keywords=tuple(map(campaigns.keyword, message.keyword_targets)),
            negative_keywords=tuple(map(campaigns.keyword, message.negative_keyword_targets)),
            hours_of_week=tuple(sorted(message.hours_of_week)),
        ),
        schedule=campaigns.Schedule(
            start_date=day_of(message.start_date, "terms.start_date"),
            end_date=day_of(message.end_date, "terms.end_date") if message.end_date else None,
            time_zone=message.time_zone,
        ),
        budget=campaigns.Budget(
            cpc_cents=message.cpc_cents,
            daily_cents=message.daily_budget_cents,
            total_mode=TOTALS.member(message.total_budget_mode),
            total_cents=message.total_budget_cents or None,
            pacing=PACINGS.member(message.pacing_mode),
            topups=(
                campaigns.AutomaticTopUps(message.auto_topup_below_cents, message.auto_topup_cents)
                if message.auto_topup_below_cents or message.auto_topup_cents
                else None
            ),
        ),
    )


def create_advertiser_response(advertiser: advertisers.Advertiser) -> calls_pb2.CreateAdvertiserResponse:
    return calls_pb2.CreateAdvertiserResponse(advertiser=_advertiser(advertiser))


def update_advertiser_response(advertiser: advertisers.Advertiser) -> calls_pb2.UpdateAdvertiserResponse:
    return calls_pb2.UpdateAdvertiserResponse(advertiser=_advertiser(advertiser))


def suspend_advertiser_response(advertiser: advertisers.Advertiser) -> calls_pb2.SuspendAdvertiserResponse:
    return calls_pb2.SuspendAdvertiserResponse(advertiser=_advertiser(advertiser))


def lift_advertiser_suspension_response(
    advertiser: advertisers.Advertiser,
) -> calls_pb2.LiftAdvertiserSuspensionResponse:
    return calls_pb2.LiftAdvertiserSuspensionResponse(advertiser=_advertiser(advertiser))


def get_advertiser_response(advertiser: advertisers.Advertiser) -> calls_pb2.GetAdvertiserResponse:
    return calls_pb2.GetAdvertiserResponse(advertiser=_advertiser(advertiser))


def create_campaign_response(campaign: campaigns.Campaign) -> calls_pb2.CreateCampaignResponse:
    return calls_pb2.CreateCampaignResponse(campaign=campaign_message(campaign))


def list_campaigns_response(page: Page[campaigns.Campaign]) -> calls_pb2.ListCampaignsResponse:
    return calls_pb2.ListCampaignsResponse(campaigns=map(campaign_message, page.items), next_page_token=page.next_token)


def update_campaign_response(campaign: campaigns.Campaign) -> calls_pb2.UpdateCampaignResponse:
    return calls_pb2.UpdateCampaignResponse(campaign=campaign_message(campaign))


def activate_campaign_response(campaign: campaigns.Campaign) -> calls_pb2.ActivateCampaignResponse:
    return calls_pb2.ActivateCampaignResponse(campaign=campaign_message(campaign))


def pause_campaign_response(campaign: campaigns.Campaign) -> calls_pb2.PauseCampaignResponse:
    return calls_pb2.PauseCampaignResponse(campaign=campaign_message(campaign))


def end_campaign_response(campaign: campaigns.Campaign) -> calls_pb2.EndCampaignResponse:
    return calls_pb2.EndCampaignResponse(campaign=campaign_message(campaign))


def suspend_campaign_response(campaign: campaigns.Campaign) -> calls_pb2.SuspendCampaignResponse:
    return calls_pb2.SuspendCampaignResponse(campaign=campaign_message(campaign))


def lift_suspension_response(campaign: campaigns.Campaign) -> calls_pb2.LiftSuspensionResponse:
    return calls_pb2.LiftSuspensionResponse(campaign=campaign_message(campaign))


def put_policy_response(policy: Policy) -> policy_pb2.PutPolicyResponse:
    return policy_pb2.PutPolicyResponse(policy=_policy(policy))


def list_policies_response(page: Page[Policy]) -> policy_pb2.ListPoliciesResponse:
    return policy_pb2.ListPoliciesResponse(policies=map(_policy, page.items), next_page_token=page.next_token)


def delete_policy_response(nothing: None) -> policy_pb2.DeletePolicyResponse:
    return policy_pb2.DeletePolicyResponse()


def campaign_limits(campaign: campaigns.Campaign) -> log_pb2.CampaignLimits:
    """What the click stream must know; absolute values, so that reading them twice changes nothing."""
    budget = campaign.terms.budget
    return log_pb2.CampaignLimits(
        status=STATUSES.number(campaign.status),
        advertiser_id=campaign.advertiser_id,
        time_zone=campaign.terms.schedule.time_zone,
        daily_budget_cents=budget.daily_cents,
        total_budget_cents=campaign.total_limit_cents,
        funded_promo_cents=campaign.funded.promo_cents,
        funded_cash_cents=campaign.funded.cash_cents,
    )


def day_of(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise FieldInvalid(Violation(field, "must be a day of the calendar, such as 2026-05-01")) from None


def _policy(policy: Policy) -> policy_pb2.Policy:
    return policy_pb2.Policy(
        policy_id=policy.policy_id,
        surface=SURFACES.number(policy.place.surface),
        role=policy.place.role or "",
        city=policy.place.city,
        cpc_floor_cents=policy.cpc_floor_cents,
        max_density_top20=policy.max_density_top20,
        max_above_fold=policy.max_above_fold,
        updated_at=timestamp(policy.updated_at),
    )


def _advertiser(advertiser: advertisers.Advertiser) -> campaign_pb2.Advertiser:
    return campaign_pb2.Advertiser(
        advertiser_id=advertiser.advertiser_id,
        user_id=advertiser.user_id,
        status=ADVERTISERS.number(advertiser.status),
        version=advertiser.version,
        created_at=timestamp(advertiser.created_at),
        updated_at=timestamp(advertiser.updated_at),
        default_payment_method_id=advertiser.default_payment_method_id or "",
        suspended_reason=advertiser.suspended_reason,
    )


def campaign_message(campaign: campaigns.Campaign) -> campaign_pb2.Campaign:
    return campaign_pb2.Campaign(
        campaign_id=campaign.campaign_id,
        advertiser_id=campaign.advertiser_id,
        status=STATUSES.number(campaign.status),
        terms=_terms(campaign.terms),
        version=campaign.version,
        created_at=timestamp(campaign.created_at),
        updated_at=timestamp(campaign.updated_at),
    )


def _terms(terms: campaigns.CampaignTerms) -> campaign_pb2.CampaignTerms:
    return campaign_pb2.CampaignTerms(
        name=terms.name,
        target_entity_type=ENTITIES.number(terms.target.entity_type),
        target_entity_id=terms.target.entity_id,
        surface=SURFACES.number(terms.target.surface),
        format=FORMATS.number(terms.target.format),
        city_targets=terms.audience.cities,
        role_targets=terms.audience.roles,
        keyword_targets=terms.audience.keywords,
        negative_keyword_targets=terms.audience.negative_keywords,
        hours_of_week=terms.audience.hours_of_week,
        start_date=terms.schedule.start_date.isoformat(),
        end_date=terms.schedule.end_date.isoformat() if terms.schedule.end_date else "",
        time_zone=terms.schedule.time_zone,
        cpc_cents=terms.budget.cpc_cents,
        daily_budget_cents=terms.budget.daily_cents,
        total_budget_mode=TOTALS.number(terms.budget.total_mode),
        total_budget_cents=terms.budget.total_cents or 0,
        pacing_mode=PACINGS.number(terms.budget.pacing),
        auto_topup_below_cents=terms.budget.topups.below_cents if terms.budget.topups else 0,
        auto_topup_cents=terms.budget.topups.amount_cents if terms.budget.topups else 0,
    )
