"""Advertisers, campaigns and their money, built."""

from server.adapters.budgets.port import Budgets
from server.bootstrap import promo_ingest
from server.bootstrap.parts import Core
from server.bootstrap.payments import Payments
from server.bootstrap.placements import Placements
from server.core.secrecy import KeyedHash, Sealed
from server.core.worker import Registered
from server.directory.repository import DirectoryRepository
from server.growth.notifications.repository import NotificationRepository
from server.growth.notifications.telling import Telling
from server.growth.notifications.unsubscribing import UnsubscribeTokens
from server.promo import jobs
from server.promo.advertisers.following import AdvertiserFollowing
from server.promo.advertisers.repository import AdvertiserRepository
from server.promo.advertisers.usecases import AdvertiserUseCases
from server.promo.campaigns.records import CampaignBook
from server.promo.campaigns.repository import CampaignRepository
from server.promo.campaigns.usecases import CampaignUseCases
from server.promo.clicks.crediting import Crediting
from server.promo.clicks.repository import ClickRepository
from server.promo.clicks.usecases import ClickUseCases
from server.promo.debts.repository import DebtRepository
from server.promo.debts.usecases import DebtUseCases
from server.promo.hearing import Hearing
from server.promo.history.repository import History
from server.promo.late.repository import LateRepository
from server.promo.late.usecases import LatePass
from server.promo.money.adjustments import AdjustmentUseCases
from server.promo.money.charging import ChargingReader
from server.promo.money.funding import Funding
from server.promo.money.repository import LedgerRepository
from server.promo.money.usecases import MoneyUseCases
from server.promo.notices.repository import NoticeRepository
from server.promo.notices.sending import NoticeSending
from server.promo.notices.telling import Notices
from server.promo.outgoing import ControlFeed
from server.promo.policies.repository import PolicyRepository
from server.promo.policies.usecases import PolicyUseCases
from server.promo.reports.attributing import OrderAttribution
from server.promo.reports.repository import ReportRepository
from server.promo.reports.usecases import ReportUseCases
from server.promo.servicer.calls import UseCases
from server.promo.switches.repository import SwitchRepository
from server.promo.switches.usecases import SwitchUseCases
from server.promo.tokens import TokenVerifier
from server.promo.topups.beginning import TopUpBeginning
from server.promo.topups.disputing import TopUpDisputing
from server.promo.topups.repository import TopUpRepository
from server.promo.topups.settling import TopUpSettling
from server.promo.topups.usecases import TopUpUseCases
from server.promo.topups.watching import BudgetWatching
from server.promo.verifying.repository import VerifyingRepository
from server.promo.verifying.usecases import Verifier, VerifierMetrics
from server.promo.viewers.repository import ViewerRepository
from server.promo.viewers.usecases import ViewerUseCases
from server.promo.watching.repository import WatchRepository
from server.promo.watching.usecases import WatchUseCases
from server.promo.withdrawals.following import WithdrawalFollowing
from server.promo.withdrawals.repository import WithdrawalRepository
from server.promo.withdrawals.usecases import WithdrawalUseCases


class Parts:
    """What the slice's use cases share."""

    def __init__(self, core: Core, paying: Payments, budgets: Budgets) -> None:
        history = History()
        self.ingest = promo_ingest.build(core)
        self.core, self.paying, self.budgets = core, paying, budgets
        self.clicks, self.switches, self.reports = ClickRepository(history), SwitchRepository(), ReportRepository()
        self.advertisers, self.policies = AdvertiserRepository(history), PolicyRepository()
        self.campaigns, self.ledger = CampaignRepository(), LedgerRepository()
        self.debts = DebtRepository(history)
        self.topups, self.withdrawals = TopUpRepository(history), WithdrawalRepository(history)
        self.feed = ControlFeed(core.outbox, core.clock)
        self.book = CampaignBook(self.campaigns, self.feed)
        self.funding = Funding(self.ledger, self.feed, core.clock)
        self.crediting = Crediting(self.clicks, self.funding, core.clock, core.ids)
        self.notices = Notices(NoticeRepository(), core.jobs, core.clock, core.ids)
        self.beginning = TopUpBeginning(self.topups, paying.calls, core.jobs, core.clock, core.ids)
        self.settling = TopUpSettling(
            core.database,
            self.topups,
            self.campaigns,
            self.book,
            self.funding,
            self.notices,
            paying.calls,
            paying.processor,
            core.clock,
        )
        self.following = WithdrawalFollowing(
            core.database,
            self.withdrawals,
            self.campaigns,
            self.funding,
            self.notices,
            paying.calls,
            paying.processor,
            core.clock,
            core.ids,
        )


def use_cases(parts: Parts, serving: Placements) -> UseCases:
    core, paying, ledger, campaigns = parts.core, parts.paying, parts.ledger, parts.campaigns
    partitions, hashes = core.settings.log_partitions, KeyedHash(core.settings.pepper.get_secret_value().encode())
    charging = ChargingReader(ledger, parts.switches, partitions, core.clock)
    money = MoneyUseCases(
        core.database, ledger, campaigns, parts.funding, parts.topups, charging, core.clock, core.ids, core.pages
    )
    return UseCases(
        advertisers=AdvertiserUseCases(
            core.database,
            parts.advertisers,
            AdvertiserFollowing(campaigns, parts.book),
            paying.wallets,
            core.clock,
            core.ids,
        ),
        ingest=parts.ingest.usecases,
        campaigns=CampaignUseCases(
            core.database, campaigns, parts.book, parts.advertisers, parts.policies, core.clock, core.ids, core.pages
        ),
        policies=PolicyUseCases(core.database, parts.policies, core.clock, core.ids, core.pages),
        ledger=money,
        adjustments=AdjustmentUseCases(
            core.database, ledger, campaigns, parts.funding, parts.feed, core.clock, core.ids
        ),
        debts=DebtUseCases(core.database, parts.debts, campaigns, core.clock, core.ids, core.pages),
        placements=serving.usecases,
        diagnosing=serving.diagnosing,
        topups=TopUpUseCases(
            core.database,
            parts.topups,
            campaigns,
            parts.advertisers,
            parts.beginning,
            parts.settling,
            paying.calls,
            paying.calls,
            paying.wallets,
            paying.processor,
            core.clock,
            core.pages,
        ),
        withdrawals=WithdrawalUseCases(
            core.database,
            parts.withdrawals,
            parts.topups,
            campaigns,
            parts.feed,
            core.jobs,
            core.clock,
            core.ids,
        ),
        clicks=ClickUseCases(core.database, parts.clicks, campaigns, parts.crediting, core.clock, core.ids, core.pages),
        switches=SwitchUseCases(core.database, parts.switches, campaigns, parts.feed, core.clock),
        reports=ReportUseCases(core.database, parts.reports, campaigns),
        watching=WatchUseCases(core.database, campaigns, parts.clicks, money, WatchRepository(), partitions),
        viewers=ViewerUseCases(core.database, ViewerRepository(), hashes, core.clock, core.ids),
    )


def jobs_of(parts: Parts, use: UseCases) -> list[Registered]:
    return [
        *jobs.campaign_jobs(use.campaigns),
        *jobs.ingest_jobs(parts.ingest.watch),
        *jobs.payment_jobs(use.topups, parts.settling, _watching(parts), parts.following),
        *jobs.notice_jobs(_sending(parts.core)),
        *jobs.click_jobs(_late_pass(parts), _verifier(parts), attribution(parts.core), use.viewers),
    ]


def attribution(core: Core) -> OrderAttribution:
    """What booking tells of orders whose buyers came by a click."""
    verifier = TokenVerifier(core.settings.token_keys)
    return OrderAttribution(core.database, ReportRepository(), verifier, core.jobs, core.clock)


def _late_pass(parts: Parts) -> LatePass:
    core = parts.core
    return LatePass(core.database, LateRepository(), parts.campaigns, parts.crediting, parts.notices, core.clock)


def _verifier(parts: Parts) -> Verifier:
    core = parts.core
    metrics = VerifierMetrics(core.registry)
    partitions = core.settings.log_partitions
    return Verifier(core.database, VerifyingRepository(), parts.budgets, core.log, partitions, metrics, core.clock)


def _watching(parts: Parts) -> BudgetWatching:
    return BudgetWatching(
        parts.core.database,
        parts.campaigns,
        parts.advertisers,
        parts.ledger,
        parts.beginning,
        parts.settling,
        parts.notices,
        parts.paying.wallets,
        parts.core.clock,
    )


def hearing(parts: Parts) -> Hearing:
    disputing = TopUpDisputing(
        parts.core.database,
        parts.topups,
        parts.campaigns,
        parts.book,
        parts.settling,
        parts.notices,
        parts.paying.processor,
        parts.core.clock,
    )
    return Hearing(parts.settling, disputing, parts.following)


def _sending(core: Core) -> NoticeSending:
    hashes = KeyedHash(core.settings.pepper.get_secret_value().encode())
    tokens, told = UnsubscribeTokens(hashes), NotificationRepository()
    telling = Telling(told, tokens, core.settings.public_url, core.clock, core.ids)
    people = DirectoryRepository(Sealed(core.settings.personal_data_key), hashes)
    return NoticeSending(core.database, NoticeRepository(), telling, people, core.mailer)
