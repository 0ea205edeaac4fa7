"""What support's calls are answered with."""

from dataclasses import dataclass

from server.core.grpc.once import IdempotentCalls
from server.support.cases.handling import Handling
from server.support.cases.merging import Merging
from server.support.cases.opening import Opening
from server.support.cases.reading import Reading
from server.support.cases.talking import Talking
from server.support.chargebacks.answering import ChargebackUseCases
from server.support.evidence.usecases import EvidenceUseCases
from server.support.holds.usecases import HoldUseCases
from server.support.legal.usecases import LegalUseCases
from server.support.refunds.limiting import LimitUseCases
from server.support.refunds.usecases import RefundUseCases
from server.support.sla.usecases import SlaUseCases


@dataclass(frozen=True, slots=True)
class SupportUseCases:
    """The operations of the support slice, by theme."""

    opening: Opening
    reading: Reading
    talking: Talking
    handling: Handling
    merging: Merging
    sla: SlaUseCases
    evidence: EvidenceUseCases
    holds: HoldUseCases
    refunds: RefundUseCases
    limits: LimitUseCases
    chargebacks: ChargebackUseCases
    legal: LegalUseCases


class Answering:
    """What every group of calls has."""

    def __init__(self, usecases: SupportUseCases, calls: IdempotentCalls) -> None:
        self._do = usecases
        self._once = calls.once
