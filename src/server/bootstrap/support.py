"""Support, built."""

from callsheet.support.v1 import support_pb2
from server.booking.dossier.repository import DossierRepository
from server.booking.ports import OrderMoney
from server.booking.repository import BookingRepository
from server.bootstrap.parts import Core, Slice
from server.core.grpc.server import Service
from server.core.secrecy import Sealed
from server.growth.credit.counter import CreditCounter
from server.growth.credit.repository import CreditRepository
from server.growth.feed.posting import PostModeration
from server.growth.feed.repository import FeedRepository
from server.payments.ports import CallBook
from server.support.cases.book import CaseBook
from server.support.cases.disputing import Disputing
from server.support.cases.handling import Handling
from server.support.cases.jobs import registered as case_jobs
from server.support.cases.merging import Merging
from server.support.cases.opening import Opening
from server.support.cases.overseeing import Overseeing
from server.support.cases.reading import EVENTS_CHANNEL as CASE_EVENTS
from server.support.cases.reading import Reading
from server.support.cases.repository import CaseRepository
from server.support.cases.talking import Talking
from server.support.chargebacks.answering import ChargebackUseCases
from server.support.chargebacks.jobs import registered as chargeback_jobs
from server.support.chargebacks.repository import DisputeRepository
from server.support.chargebacks.telling import ChargebackBook
from server.support.evidence.jobs import registered as evidence_jobs
from server.support.evidence.repository import EvidenceRepository
from server.support.evidence.usecases import EvidenceUseCases
from server.support.holds.jobs import registered as hold_jobs
from server.support.holds.repository import HoldRepository
from server.support.holds.usecases import HoldKeeper, HoldUseCases
from server.support.legal.jobs import registered as legal_jobs
from server.support.legal.repository import NoticeRepository
from server.support.legal.usecases import LegalUseCases
from server.support.refunds.goodwill import GoodwillCredit
from server.support.refunds.jobs import registered as refund_jobs
from server.support.refunds.limiting import LimitUseCases
from server.support.refunds.proposals import Proposals
from server.support.refunds.repository import LimitRepository, RefundRepository
from server.support.refunds.usecases import RefundUseCases
from server.support.servicer.parts import SupportUseCases
from server.support.servicer.service import SupportServicer
from server.support.sla.repository import SlaRepository
from server.support.sla.usecases import SlaUseCases
from server.support.story import CaseTeller


def book(core: Core) -> CaseBook:
    return CaseBook(CaseRepository(core.ids), SlaRepository(), core.clock, core.ids, core.jobs)


def holds(core: Core) -> HoldKeeper:
    """For Booking: what is kept back of an order's payout."""
    return HoldKeeper(HoldRepository(), book(core), core.ids, core.jobs)


def disputes(core: Core) -> Disputing:
    """For Booking: the cases of disputed orders."""
    return Disputing(book(core), opening(core), holds(core), Proposals(RefundRepository(), core.clock))


def opening(core: Core) -> Opening:
    return Opening(core.database, book(core), BookingRepository(core.ids), core.ids)


def chargebacks(core: Core) -> ChargebackBook:
    """For Booking: the cases of what card banks say."""
    return ChargebackBook(DisputeRepository(), book(core), opening(core), core.jobs)


def build(core: Core, money: OrderMoney, calls: CallBook) -> Slice:
    repository = CaseRepository(core.ids)
    cases = book(core)
    evidence = EvidenceUseCases(
        core.database, EvidenceRepository(), repository, cases, core.objects, core.ids, core.jobs, core.pages
    )
    kept = HoldUseCases(core.database, HoldRepository(), repository, cases, holds(core), money, core.pages)
    refunds, limits = RefundRepository(), LimitRepository()
    refunding = RefundUseCases(
        core.database, refunds, limits, repository, cases, holds(core), money, core.ids, core.pages
    )
    answering = ChargebackUseCases(core.database, DisputeRepository(), repository, cases, DossierRepository(), calls)
    credit = GoodwillCredit(CreditCounter(CreditRepository(), core.clock, core.ids), limits)
    legal = LegalUseCases(
        core.database,
        NoticeRepository(Sealed(core.settings.personal_data_key)),
        cases,
        opening(core),
        PostModeration(FeedRepository(), core.clock),
        core.ids,
        core.jobs,
    )
    usecases = SupportUseCases(
        opening=opening(core),
        reading=Reading(core.database, repository, core.clock, core.pages, core.wakeups),
        talking=Talking(core.database, cases),
        handling=Handling(core.database, cases, Proposals(refunds, core.clock), credit),
        merging=Merging(core.database, repository, cases),
        sla=SlaUseCases(core.database, SlaRepository(), core.clock, core.ids, core.pages),
        evidence=evidence,
        holds=kept,
        refunds=refunding,
        limits=LimitUseCases(core.database, limits, core.clock, core.ids, core.pages),
        chargebacks=answering,
        legal=legal,
    )
    servicer = SupportServicer(usecases, core.calls)
    return Slice(
        services=[Service(support_pb2.DESCRIPTOR.services_by_name["SupportService"], servicer)],
        jobs=[
            *case_jobs(Overseeing(core.database, repository, cases)),
            *evidence_jobs(evidence),
            *hold_jobs(kept),
            *refund_jobs(refunding),
            *chargeback_jobs(answering),
            *legal_jobs(legal),
        ],
        channels=[CASE_EVENTS],
        tellers={"sca": CaseTeller(repository)},
    )
