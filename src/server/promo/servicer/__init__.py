"""Promo's RPCs: parse, call, render; each topic's in a file of its own."""

from callsheet.promo.v1.promo_pb2_grpc import PromoServiceServicer
from server.promo.servicer.advertisers import AdvertiserCalls
from server.promo.servicer.campaigns import CampaignCalls
from server.promo.servicer.clicks import ClickCalls
from server.promo.servicer.debts import DebtCalls
from server.promo.servicer.events import EventCalls
from server.promo.servicer.money import MoneyCalls
from server.promo.servicer.payments import PaymentCalls
from server.promo.servicer.policies import PolicyCalls
from server.promo.servicer.reports import ReportCalls
from server.promo.servicer.serving import ServingCalls
from server.promo.servicer.switches import SwitchCalls


class PromoServicer(
    AdvertiserCalls,
    CampaignCalls,
    EventCalls,
    PolicyCalls,
    MoneyCalls,
    PaymentCalls,
    DebtCalls,
    ClickCalls,
    ReportCalls,
    SwitchCalls,
    ServingCalls,
    PromoServiceServicer,
):
    """Answers `callsheet.promo.v1.PromoService`."""
