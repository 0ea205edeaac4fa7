"""Support, built."""

from callsheet.support.v1 import support_pb2
from server.booking.repository import BookingRepository
from server.bootstrap.parts import Core, Slice
from server.core.grpc.server import Service
from server.support.cases.book import CaseBook
from server.support.cases.handling import Handling
from server.support.cases.jobs import registered as case_jobs
from server.support.cases.merging import Merging
from server.support.cases.opening import Opening
from server.support.cases.overseeing import Overseeing
from server.support.cases.reading import EVENTS_CHANNEL as CASE_EVENTS
from server.support.cases.reading import Reading
from server.support.cases.repository import CaseRepository
from server.support.cases.talking import Talking
from server.support.evidence.jobs import registered as evidence_jobs
from server.support.evidence.repository import EvidenceRepository
from server.support.evidence.usecases import EvidenceUseCases
from server.support.servicer import SupportServicer, SupportUseCases
from server.support.sla.repository import SlaRepository
from server.support.sla.usecases import SlaUseCases


def build(core: Core) -> Slice:
    repository = CaseRepository(core.ids)
    sla = SlaRepository()
    book = CaseBook(repository, sla, core.clock, core.ids, core.jobs)
    evidence = EvidenceUseCases(
        core.database, EvidenceRepository(), repository, book, core.objects, core.ids, core.jobs, core.pages
    )
    usecases = SupportUseCases(
        opening=Opening(core.database, book, BookingRepository(core.ids), core.ids),
        reading=Reading(core.database, repository, core.clock, core.pages, core.wakeups),
        talking=Talking(core.database, book),
        handling=Handling(core.database, book),
        merging=Merging(core.database, repository, book),
        sla=SlaUseCases(core.database, sla, core.clock, core.ids, core.pages),
        evidence=evidence,
    )
    servicer = SupportServicer(usecases, core.calls)
    return Slice(
        services=[Service(support_pb2.DESCRIPTOR.services_by_name["SupportService"], servicer)],
        jobs=[*case_jobs(Overseeing(core.database, repository, book)), *evidence_jobs(evidence)],
        channels=[CASE_EVENTS],
    )
