"""Growth's jobs: which handler runs which."""

from datetime import date

from server.core.jobs import Job
from server.core.worker import Registered
from server.growth.credit.timers import EXPIRE, VERIFY
from server.growth.credit.usecases import CreditUseCases
from server.growth.referrals.timers import DECIDE
from server.growth.referrals.usecases import ReferralUseCases
from server.growth.saved_searches.domain import SearchScope
from server.growth.saved_searches.mailing import AlertMails
from server.growth.saved_searches.nightly import CityRun, NightlyRun
from server.growth.saved_searches.timers import FIND_DUE, RUN_CITY, SEND_ALERT


def alert_jobs(nightly: NightlyRun, mails: AlertMails) -> list[Registered]:
    """The jobs of saved searches."""

    async def find_due(job: Job) -> None:
        await nightly.find_due()

    async def run_city(job: Job) -> None:
        day = date.fromisoformat(job.text("day"))
        await nightly.run(CityRun(job.text("time_zone"), day, SearchScope(job.text("scope")), job.text("city")))

    async def send_alert(job: Job) -> None:
        await mails.send(job.key)

    return [Registered(FIND_DUE, find_due), Registered(RUN_CITY, run_city), Registered(SEND_ALERT, send_alert)]


class ChainsBroken(Exception):
    """Ledgers do not verify: somebody changed what may not be changed. The job is held, which alerts a person."""


def credit_jobs(credit: CreditUseCases) -> list[Registered]:
    """The jobs of credit."""

    async def expire(job: Job) -> None:
        await credit.expire()

    async def verify(job: Job) -> None:
        if broken := await credit.broken_chains():
            raise ChainsBroken(f"{len(broken)} ledgers, such as that of {broken[0]}")

    return [Registered(EXPIRE, expire), Registered(VERIFY, verify)]


def referral_jobs(referrals: ReferralUseCases) -> list[Registered]:
    """The jobs of referrals."""

    async def decide(job: Job) -> None:
        await referrals.decide(job.key)

    return [Registered(DECIDE, decide)]
