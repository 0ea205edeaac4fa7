"""Promo, built."""

from contextlib import AsyncExitStack

from callsheet.promo.v1 import promo_pb2
from server.adapters.eventlog import delivery
from server.bootstrap import placements
from server.bootstrap.parts import Core, Slice
from server.core.grpc.server import Service
from server.core.relay import Route
from server.promo import jobs
from server.promo.advertisers.repository import AdvertiserRepository
from server.promo.advertisers.usecases import AdvertiserUseCases
from server.promo.campaigns.records import CampaignBook
from server.promo.campaigns.repository import CampaignRepository
from server.promo.campaigns.usecases import CampaignUseCases
from server.promo.money.adjustments import AdjustmentUseCases
from server.promo.money.funding import Funding
from server.promo.money.repository import LedgerRepository
from server.promo.money.usecases import MoneyUseCases
from server.promo.outgoing import CLICKS, ControlFeed, place
from server.promo.policies.repository import PolicyRepository
from server.promo.policies.usecases import PolicyUseCases
from server.promo.servicer import PromoServicer
from server.promo.servicer.calls import UseCases


async def build(stack: AsyncExitStack, core: Core) -> Slice:
    advertisers, policies, repository = AdvertiserRepository(), PolicyRepository(), CampaignRepository()
    feed = ControlFeed(core.outbox, core.clock)
    book = CampaignBook(repository, feed)
    ledger = LedgerRepository()
    funding = Funding(ledger, feed, core.clock)
    campaigns = CampaignUseCases(
        core.database, repository, book, advertisers, policies, core.clock, core.ids, core.pages
    )
    serving = await placements.build(stack, core)
    use = UseCases(
        advertisers=AdvertiserUseCases(core.database, advertisers, core.clock, core.ids),
        campaigns=campaigns,
        policies=PolicyUseCases(core.database, policies, core.clock, core.ids, core.pages),
        ledger=MoneyUseCases(core.database, ledger, repository, funding, core.clock, core.ids, core.pages),
        adjustments=AdjustmentUseCases(core.database, ledger, repository, funding, feed, core.clock, core.ids),
        placements=serving.usecases,
    )
    servicer = PromoServicer(use, core.calls)
    partitions = core.settings.log_partitions
    return Slice(
        services=[Service(promo_pb2.DESCRIPTOR.services_by_name["PromoService"], servicer)],
        jobs=jobs.registered(campaigns),
        crons=jobs.CRONS,
        beside=[serving.keeper.run],
        routes=[Route(CLICKS, delivery.Delivery(core.log, CLICKS, partitions, place(partitions)))],
    )
