"""Promo, built."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from callsheet.promo.v1 import promo_pb2
from server.adapters.budgets.valkey import valkey_budgets
from server.adapters.eventlog import delivery
from server.bootstrap import advertising, placements
from server.bootstrap.parts import Core, Slice
from server.bootstrap.payments import Payments
from server.core.grpc.server import Service
from server.core.relay import Route
from server.payments.ports import EventHandler
from server.payments.story import PaymentHistory
from server.promo import jobs
from server.promo.audit.jobs import CRONS as AUDIT_CRONS
from server.promo.audit.jobs import audit_jobs
from server.promo.outgoing import CLICKS, place
from server.promo.pacing import jobs as pacing_jobs
from server.promo.servicer import PromoServicer
from server.promo.telling.payments import TopUpTeller, WithdrawalTeller
from server.promo.telling.teller import CampaignTeller


@dataclass(frozen=True, slots=True)
class Promo:
    """The slice, and what it wants to hear of from the payment processor."""

    slice: Slice
    handlers: Mapping[str, EventHandler]


async def build(stack: AsyncExitStack, core: Core, paying: Payments) -> Promo:
    serving = await placements.build(stack, core)
    settings = core.settings
    budgets = await stack.enter_async_context(
        valkey_budgets(settings.budget_url.get_secret_value(), cluster=settings.budget_cluster)
    )
    parts = advertising.Parts(core, paying, budgets)
    use = advertising.use_cases(parts, serving)
    partitions = settings.log_partitions
    built = Slice(
        services=[Service(promo_pb2.DESCRIPTOR.services_by_name["PromoService"], PromoServicer(use, core.calls))],
        jobs=[
            *advertising.jobs_of(parts, use),
            *pacing_jobs.registered(serving.pacing),
            *audit_jobs(core.database, core.clock),
        ],
        crons=[*jobs.CRONS, *pacing_jobs.CRONS, *AUDIT_CRONS],
        beside=[serving.keeper.run, *parts.ingest.beside],
        beside_worker=parts.ingest.beside_worker,
        layers=parts.ingest.layers,
        routes=[Route(CLICKS, delivery.Delivery(core.log, CLICKS, partitions, place(partitions)))],
        tellers={
            "pcmp": CampaignTeller(parts.campaigns),
            "ptop": TopUpTeller(parts.topups, PaymentHistory()),
            "pwdr": WithdrawalTeller(parts.withdrawals, PaymentHistory()),
        },
    )
    return Promo(built, advertising.hearing(parts).handlers())
