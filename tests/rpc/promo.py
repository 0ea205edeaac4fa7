"""What tests of promo's RPCs start from."""

from datetime import UTC, datetime, timedelta
from typing import TypedDict, Unpack

from callsheet.promo.v1 import adjustment_pb2, budget_pb2, campaign_pb2, policy_pb2
from callsheet.promo.v1 import campaign_calls_pb2 as pb
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from server.core.call import Role
from server.core.clock import SystemClock
from server.core.ids import SystemIds
from tests.rpc.growth import lasting

ADVERTISER, STRANGER, AGENT = "usr_advertiser", "usr_stranger", "usr_agent"
IDS = SystemIds(SystemClock())
PROFILE = IDS.new("srv")


class Terms(TypedDict, total=False):
    """The terms that a test changes."""

    name: str
    target_entity_type: campaign_pb2.TargetEntityType.ValueType
    target_entity_id: str
    surface: campaign_pb2.Surface.ValueType
    format: campaign_pb2.Format.ValueType
    city_targets: list[str]
    role_targets: list[str]
    keyword_targets: list[str]
    negative_keyword_targets: list[str]
    hours_of_week: list[int]
    start_date: str
    end_date: str
    time_zone: str
    cpc_cents: int
    daily_budget_cents: int
    total_budget_mode: campaign_pb2.TotalBudgetMode.ValueType
    total_budget_cents: int
    pacing_mode: campaign_pb2.PacingMode.ValueType


def day(days: int) -> str:
    """A day from now; two and more are in no zone's past."""
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def terms(**changes: Unpack[Terms]) -> campaign_pb2.CampaignTerms:
    """Terms that break no rule, but for the changes."""
    usual: Terms = {
        "name": "Portraits in Berlin",
        "target_entity_type": campaign_pb2.TARGET_ENTITY_TYPE_SERVICE_PROFILE,
        "target_entity_id": PROFILE,
        "surface": campaign_pb2.SURFACE_PEOPLE_SEARCH,
        "format": campaign_pb2.FORMAT_FEATURED,
        "city_targets": ["berlin", "hamburg"],
        "role_targets": ["photographer"],
        "keyword_targets": ["portrait"],
        "start_date": day(2),
        "end_date": day(30),
        "time_zone": "Europe/Berlin",
        "cpc_cents": 120,
        "daily_budget_cents": 5_000,
        "total_budget_mode": campaign_pb2.TOTAL_BUDGET_MODE_CAPPED,
        "total_budget_cents": 100_000,
    }
    usual.update(changes)
    return campaign_pb2.CampaignTerms(**usual)


async def advertiser(promo: PromoServiceStub, user_id: str = ADVERTISER) -> str:
    """An advertiser of that person; its id."""
    answer = await promo.CreateAdvertiser(pb.CreateAdvertiserRequest(), metadata=lasting(user_id))
    return answer.advertiser.advertiser_id


async def campaign(
    promo: PromoServiceStub, advertiser_id: str, owner: str = ADVERTISER, **changes: Unpack[Terms]
) -> campaign_pb2.Campaign:
    """A draft of that advertiser."""
    request = pb.CreateCampaignRequest(advertiser_id=advertiser_id, terms=terms(**changes))
    return (await promo.CreateCampaign(request, metadata=lasting(owner))).campaign


async def put_policy(
    promo: PromoServiceStub,
    *,
    city: str,
    cpc_floor_cents: int = 60,
    surface: campaign_pb2.Surface.ValueType = campaign_pb2.SURFACE_PEOPLE_SEARCH,
    role: str = "photographer",
    max_density_top20: int = 2,
    max_above_fold: int = 1,
) -> policy_pb2.Policy:
    """The policy of a place."""
    request = policy_pb2.PutPolicyRequest(
        surface=surface,
        role=role,
        city=city,
        cpc_floor_cents=cpc_floor_cents,
        max_density_top20=max_density_top20,
        max_above_fold=max_above_fold,
    )
    return (await promo.PutPolicy(request, metadata=lasting("usr_admin", Role.ADMIN))).policy


async def funded(promo: PromoServiceStub, campaign_id: str, amount_cents: int) -> None:
    """Gives a campaign something to spend."""
    await promo.GrantCredit(
        budget_pb2.GrantCreditRequest(
            campaign_id=campaign_id,
            amount_cents=amount_cents,
            source=budget_pb2.CREDIT_SOURCE_GRANT,
            reason="for a test",
            idempotency_key=IDS.new("key"),
        ),
        metadata=lasting("usr_finance", Role.FINANCE),
    )


async def propose(
    promo: PromoServiceStub, campaign_id: str, *, promo_cents: int = 0, cash_cents: int = 0
) -> adjustment_pb2.Adjustment:
    """What one person of finance asks for."""
    request = adjustment_pb2.ProposeAdjustmentRequest(
        campaign_id=campaign_id,
        promo_cents=promo_cents,
        cash_cents=cash_cents,
        reason="for a test",
        idempotency_key=IDS.new("key"),
    )
    return (await promo.ProposeAdjustment(request, metadata=lasting("usr_finance", Role.FINANCE))).adjustment


async def approve(promo: PromoServiceStub, adjustment_id: str) -> adjustment_pb2.Adjustment:
    """What another one approves."""
    request = adjustment_pb2.ApproveAdjustmentRequest(adjustment_id=adjustment_id)
    return (await promo.ApproveAdjustment(request, metadata=lasting("usr_second", Role.FINANCE))).adjustment
