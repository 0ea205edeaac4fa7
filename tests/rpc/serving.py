"""What tests of serving start from: campaigns that may be shown now, and searches."""

from collections.abc import Sequence
from typing import TypedDict, Unpack

from callsheet.promo.v1 import campaign_calls_pb2 as calls_pb2
from callsheet.promo.v1 import campaign_pb2, placement_pb2
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from server.core.call import Role
from server.promo.tokens import ImpressionToken, TokenKeys, TokenVerifier
from tests.rpc.harness import TOKEN_KEYS, Running, as_user
from tests.rpc.promo import ADVERTISER, IDS, Terms, campaign, day, funded
from tests.support.waiting import eventually

BFF = as_user("svc_bff", Role.SERVICE)


class Asked(TypedDict, total=False):
    """What of a search a test changes."""

    surface: campaign_pb2.Surface.ValueType
    role: str
    city: str
    keywords: list[str]
    query_hash: str
    user_id: str
    device: str
    organic_count: int
    fold: int


def search(**changes: Unpack[Asked]) -> placement_pb2.SelectPlacementsRequest:
    """A page of twenty photographers in Berlin, but for the changes."""
    usual: Asked = {
        "surface": campaign_pb2.SURFACE_PEOPLE_SEARCH,
        "role": "photographer",
        "city": "berlin",
        "query_hash": "q1",
        "device": "device-1",
        "organic_count": 20,
    }
    usual.update(changes)
    return placement_pb2.SelectPlacementsRequest(**usual)


async def select(promo: PromoServiceStub, **changes: Unpack[Asked]) -> Sequence[placement_pb2.Placement]:
    return (await promo.SelectPlacements(search(**changes), metadata=BFF)).placements


async def running_campaign(
    promo: PromoServiceStub,
    advertiser_id: str,
    balance_cents: int = 10_000,
    owner: str = ADVERTISER,
    **changes: Unpack[Terms],
) -> str:
    """An active campaign with money, shown as fast as it can be; its id."""
    usual: Terms = {
        "target_entity_id": IDS.new("srv"),
        "city_targets": ["berlin"],
        "keyword_targets": [],
        "start_date": day(0),
        "time_zone": "Etc/UTC",
        "pacing_mode": campaign_pb2.PACING_MODE_ACCELERATED,
    }
    usual.update(changes)
    draft = await campaign(promo, advertiser_id, owner, **usual)
    await funded(promo, draft.campaign_id, balance_cents)
    request = calls_pb2.ActivateCampaignRequest(campaign_id=draft.campaign_id)
    await promo.ActivateCampaign(request, metadata=as_user(owner))
    return draft.campaign_id


async def serves(promo: PromoServiceStub, *campaign_ids: str, **changes: Unpack[Asked]) -> None:
    """Waits until a search of somebody unknown shows exactly these: whoever is known has soon seen enough."""
    asked: Asked = {"device": ""}
    asked.update(changes)

    async def shown() -> bool:
        return {placement.campaign_id for placement in await select(promo, **asked)} == set(campaign_ids)

    await eventually(shown, f"placements of {campaign_ids}")


async def looked(server: Running) -> None:
    """Waits until the server has loaded what it may show."""
    statements = server.statements

    async def has() -> bool:
        return statements.containing("from promo_open_exposure") > 0

    await eventually(has, "a first look")


def said(token: str) -> ImpressionToken:
    """What a token says that one of our keys signed."""
    found = TokenVerifier(TokenKeys.parse(TOKEN_KEYS)).read(token).token
    assert found is not None
    return found
