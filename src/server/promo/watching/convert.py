"""A running campaign on the wire."""

from callsheet.promo.v1 import report_pb2 as pb
from server.core.call import Actor
from server.promo.clicks.convert import click_message
from server.promo.money.convert import budget_message
from server.promo.watching.usecases import Seen, WatchCampaign


def watch_campaign(request: pb.WatchCampaignRequest, actor: Actor) -> WatchCampaign:
    offset, _, index = request.cursor.partition(".")
    place = (int(offset), int(index)) if request.cursor else None
    return WatchCampaign(actor=actor, campaign_id=request.campaign_id, place=place)


def watch_campaign_response(seen: Seen) -> pb.WatchCampaignResponse:
    return pb.WatchCampaignResponse(
        budget=budget_message(seen.budget),
        clicks=map(click_message, seen.clicks),
        pacing=pb.Pacing(
            spent_today_cents=seen.budget.spent_today_cents,
            allotted_cents=seen.pace.planned_cents,
            pass_through_ppm=seen.pace.pass_through_ppm,
        ),
        cursor=f"{seen.place[0]}.{seen.place[1]}",
    )
