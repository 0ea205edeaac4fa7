"""Promo's jobs and schedules: which handler runs which."""

from datetime import timedelta

from server.core.jobs import CronKind, Job, JobKind
from server.core.worker import Registered
from server.promo.campaigns.usecases import CampaignUseCases
from server.promo.notices.sending import NoticeSending
from server.promo.notices.timers import SEND_NOTICE
from server.promo.topups.settling import TopUpSettling
from server.promo.topups.timers import CRONS as TOPUP_CRONS
from server.promo.topups.timers import GIVE_UP_TOPUP, TOPUP_ANSWERED, TOPUP_GIVEN_UP, WATCH_BUDGETS
from server.promo.topups.usecases import TopUpUseCases
from server.promo.topups.watching import BudgetWatching
from server.promo.withdrawals.following import WithdrawalFollowing
from server.promo.withdrawals.timers import FOLLOW_WITHDRAWAL, REFUND_ANSWERED

END_CAMPAIGNS = JobKind("promo.end_campaigns", "ends campaigns whose last day has passed in their zone")

CRONS = (CronKind(END_CAMPAIGNS, timedelta(minutes=15)), *TOPUP_CRONS)


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


def notice_jobs(sending: NoticeSending) -> list[Registered]:
    """The jobs of notices."""

    async def send(job: Job) -> None:
        await sending.send(job.key)

    return [Registered(SEND_NOTICE, send)]
