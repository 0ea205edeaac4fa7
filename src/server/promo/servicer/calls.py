"""What every group of calls stands on."""

from dataclasses import dataclass

from server.core.grpc.once import IdempotentCalls
from server.promo.advertisers.usecases import AdvertiserUseCases
from server.promo.campaigns.usecases import CampaignUseCases
from server.promo.clicks.usecases import ClickUseCases
from server.promo.debts.usecases import DebtUseCases
from server.promo.ingest.usecases import IngestUseCases
from server.promo.money.adjustments import AdjustmentUseCases
from server.promo.money.usecases import MoneyUseCases
from server.promo.policies.usecases import PolicyUseCases
from server.promo.reports.usecases import ReportUseCases
from server.promo.serving.diagnosing import Diagnosing
from server.promo.serving.usecases import PlacementUseCases
from server.promo.switches.usecases import SwitchUseCases
from server.promo.topups.usecases import TopUpUseCases
from server.promo.viewers.usecases import ViewerUseCases
from server.promo.watching.usecases import WatchUseCases
from server.promo.withdrawals.usecases import WithdrawalUseCases


@dataclass(frozen=True, slots=True)
class UseCases:
    """What promo can do, by topic."""

    advertisers: AdvertiserUseCases
    ingest: IngestUseCases
    campaigns: CampaignUseCases
    policies: PolicyUseCases
    ledger: MoneyUseCases
    adjustments: AdjustmentUseCases
    debts: DebtUseCases
    placements: PlacementUseCases
    topups: TopUpUseCases
    withdrawals: WithdrawalUseCases
    diagnosing: Diagnosing
    clicks: ClickUseCases
    switches: SwitchUseCases
    reports: ReportUseCases
    watching: WatchUseCases
    viewers: ViewerUseCases


class Calls:
    """A group of RPCs: the use cases it asks, and how a call that was answered before is answered again."""

    def __init__(self, use: UseCases, calls: IdempotentCalls) -> None:
        self._use = use
        self._once = calls.once
