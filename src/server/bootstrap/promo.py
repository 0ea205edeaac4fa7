"""Promo, built."""

from callsheet.promo.v1 import promo_pb2
from server.adapters.eventlog import delivery
from server.bootstrap.parts import Core, Slice
from server.core.grpc.server import Service
from server.core.relay import Route
from server.promo.advertisers.repository import AdvertiserRepository
from server.promo.advertisers.usecases import AdvertiserUseCases
from server.promo.campaigns.repository import CampaignRepository
from server.promo.campaigns.usecases import CampaignUseCases
from server.promo.outgoing import CLICKS, ControlFeed, place
from server.promo.servicer import PromoServicer


def build(core: Core) -> Slice:
    advertisers = AdvertiserRepository()
    servicer = PromoServicer(
        AdvertiserUseCases(core.database, advertisers, core.clock, core.ids),
        CampaignUseCases(
            core.database,
            CampaignRepository(),
            advertisers,
            core.clock,
            core.ids,
            ControlFeed(core.outbox, core.clock),
            core.pages,
        ),
        core.calls,
    )
    partitions = core.settings.log_partitions
    return Slice(
        services=[Service(promo_pb2.DESCRIPTOR.services_by_name["PromoService"], servicer)],
        routes=[Route(CLICKS, delivery.Delivery(core.log, CLICKS, partitions, place(partitions)))],
    )
