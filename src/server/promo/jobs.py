"""Promo's jobs and schedules: which handler runs which."""

from datetime import datetime, timedelta

from server.core.jobs import CronKind, Job, JobKind
from server.core.worker import Registered
from server.promo.campaigns.usecases import CampaignUseCases
from server.promo.ingest.advertisers import AdvertiserWatch
from server.promo.ingest.timers import CRONS as INGEST_CRONS
from server.promo.ingest.timers import FORGET_DEVICES
from server.promo.late.timers import CRONS as LATE_CRONS
from server.promo.late.timers import LATE_PASS
from server.promo.late.usecases import LatePass
from server.promo.notices.sending import NoticeSending
from server.promo.notices.timers import SEND_NOTICE
from server.promo.reports.attributing import OrderAttribution
from server.promo.reports.timers import ATTRIBUTE_ORDER
from server.promo.topups.settling import TopUpSettling
from server.promo.topups.timers import CRONS as TOPUP_CRONS
from server.promo.topups.timers import GIVE_UP_TOPUP, TOPUP_ANSWERED, TOPUP_GIVEN_UP, WATCH_BUDGETS
from server.promo.topups.usecases import TopUpUseCases
from server.promo.topups.watching import BudgetWatching
from server.promo.verifying.timers import CRONS as VERIFIER_CRONS
from server.promo.verifying.timers import VERIFY_SPEND
from server.promo.verifying.usecases import Verifier
from server.promo.viewers.timers import CRONS as VIEWER_CRONS
from server.promo.viewers.timers import KEEP_PARTITIONS
from server.promo.viewers.usecases import ViewerUseCases
from server.promo.withdrawals.following import WithdrawalFollowing
from server.promo.withdrawals.timers import FOLLOW_WITHDRAWAL, REFUND_ANSWERED

END_CAMPAIGNS = JobKind("promo.end_campaigns", "ends campaigns whose last day has passed in their zone")

CRONS = (
    CronKind(END_CAMPAIGNS, timedelta(minutes=15)),
    *INGEST_CRONS,
    *TOPUP_CRONS,
    *LATE_CRONS,
    *VERIFIER_CRONS,
    *VIEWER_CRONS,
)


def campaign_jobs(campaigns: CampaignUseCases) -> list[Registered]:
    """The jobs of campaigns."""

    async def end_campaigns(job: Job) -> None:
        await campaigns.end_what_is_over()

    return [Registered(END_CAMPAIGNS, end_campaigns)]


def payment_jobs(
    topups: TopUpUseCases, settling: TopUpSettling, watching: BudgetWatching, following: WithdrawalFollowing
) -> list[Registered]:
    """The jobs of money that comes in, and of what is left."""

    async def answered(job: Job) -> None:
        await settling.answered(job.text("call_id"))

    async def give_up(job: Job) -> None:
        await topups.give_up(job.key)

    async def given_up(job: Job) -> None:
        await topups.given_up(job.text("call_id"))

    async def watch(job: Job) -> None:
        await watching.look()

    async def follow(job: Job) -> None:
        await following.follow(job.key)

    async def refunded(job: Job) -> None:
        await following.answered(job.text("call_id"))

    return [
        Registered(TOPUP_ANSWERED, answered),
        Registered(GIVE_UP_TOPUP, give_up),
        Registered(TOPUP_GIVEN_UP, given_up),
        Registered(WATCH_BUDGETS, watch),
        Registered(FOLLOW_WITHDRAWAL, follow),
        Registered(REFUND_ANSWERED, refunded),
    ]


def click_jobs(
    late: LatePass, verifier: Verifier, attribution: OrderAttribution, viewers: ViewerUseCases
) -> list[Registered]:
    """The jobs of what was charged for clicks, and of what is kept of them."""

    async def look_again(job: Job) -> None:
        await late.run()

    async def verify(job: Job) -> None:
        await verifier.verify()

    async def attribute(job: Job) -> None:
        ordered_at = datetime.fromisoformat(job.text("ordered_at"))
        await attribution.attribute(job.key, job.text("click_token"), ordered_at)

    async def keep_partitions(job: Job) -> None:
        await viewers.keep_partitions()

    return [
        Registered(LATE_PASS, look_again),
        Registered(VERIFY_SPEND, verify),
        Registered(ATTRIBUTE_ORDER, attribute),
        Registered(KEEP_PARTITIONS, keep_partitions),
    ]


def ingest_jobs(advertisers: AdvertiserWatch) -> list[Registered]:
    """The jobs of taking events."""

    async def forget_devices(job: Job) -> None:
        await advertisers.forget_devices()

    return [Registered(FORGET_DEVICES, forget_devices)]


def notice_jobs(sending: NoticeSending) -> list[Registered]:
    """The jobs of notices."""

    async def send(job: Job) -> None:
        await sending.send(job.key)

    return [Registered(SEND_NOTICE, send)]
