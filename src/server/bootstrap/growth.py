"""Growth, built."""

from callsheet.growth.v1 import growth_pb2
from server.bootstrap.parts import Core, Slice
from server.core.grpc.server import Service
from server.core.secrecy import KeyedHash, Sealed
from server.directory.repository import DirectoryRepository
from server.growth.credit.counter import CreditCounter
from server.growth.credit.repository import CreditRepository
from server.growth.credit.story import CreditTeller
from server.growth.credit.timers import CRONS as CREDIT_CRONS
from server.growth.credit.usecases import CreditUseCases
from server.growth.feed.following import FollowUseCases
from server.growth.feed.posting import PostUseCases
from server.growth.feed.reading import FeedReading
from server.growth.feed.repository import FeedRepository, FollowRepository
from server.growth.jobs import alert_jobs, credit_jobs, referral_jobs
from server.growth.notifications.repository import NotificationRepository
from server.growth.notifications.unsubscribing import UnsubscribeTokens
from server.growth.notifications.usecases import NotificationUseCases
from server.growth.referrals.judging import ReferralJudge
from server.growth.referrals.repository import ReferralRepository
from server.growth.referrals.usecases import ReferralUseCases
from server.growth.saved_searches.document_rows import SearchDocumentRepository
from server.growth.saved_searches.documents import SearchDocumentUseCases
from server.growth.saved_searches.mail_rows import MailRepository
from server.growth.saved_searches.mailing import AlertMails
from server.growth.saved_searches.matching import PostgresSearchIndex
from server.growth.saved_searches.night_rows import NightRepository
from server.growth.saved_searches.nightly import NightlyRun
from server.growth.saved_searches.repository import SavedSearchRepository
from server.growth.saved_searches.timers import CRONS as ALERT_CRONS
from server.growth.saved_searches.usecases import SavedSearchUseCases
from server.growth.servicer import GrowthServicer


def credit_counter(core: Core) -> CreditCounter:
    """For Booking and Support: people's credit."""
    return CreditCounter(CreditRepository(), core.clock, core.ids)


def referral_judge(core: Core) -> ReferralJudge:
    """For Booking: what completed orders are worth to those who invited their parties."""
    hashes = KeyedHash(core.settings.pepper.get_secret_value().encode())
    people = DirectoryRepository(Sealed(core.settings.personal_data_key), hashes)
    return ReferralJudge(ReferralRepository(), credit_counter(core), people, hashes, core.clock, core.ids, core.jobs)


def build(core: Core) -> Slice:
    hashes = KeyedHash(core.settings.pepper.get_secret_value().encode())
    people = DirectoryRepository(Sealed(core.settings.personal_data_key), hashes)
    tokens = UnsubscribeTokens(hashes)
    told, documents, index = NotificationRepository(), SearchDocumentRepository(), PostgresSearchIndex()
    searches = SavedSearchUseCases(
        core.database, SavedSearchRepository(), documents, index, people, core.clock, core.ids, core.pages
    )
    posts, follows = FeedRepository(), FollowRepository()
    credit = CreditUseCases(core.database, CreditRepository(), credit_counter(core), core.clock, core.pages)
    invites, judge = ReferralRepository(), referral_judge(core)
    referrals = ReferralUseCases(
        core.database, invites, judge, people, people, hashes, core.clock, core.ids, core.pages
    )
    nightly = NightlyRun(core.database, NightRepository(), told, index, core.clock, core.ids, core.jobs)
    mails = AlertMails(core.database, MailRepository(), told, people, core.mailer, tokens, core.settings.public_url)
    servicer = GrowthServicer(
        searches,
        SearchDocumentUseCases(core.database, documents, core.clock),
        NotificationUseCases(core.database, told, tokens, core.clock, core.pages),
        credit,
        FollowUseCases(core.database, follows, people, core.clock, core.pages),
        PostUseCases(core.database, posts, core.clock, core.ids),
        FeedReading(core.database, posts, follows, people, core.pages),
        referrals,
        core.calls,
    )
    return Slice(
        services=[Service(growth_pb2.DESCRIPTOR.services_by_name["GrowthService"], servicer)],
        jobs=[*alert_jobs(nightly, mails), *credit_jobs(credit), *referral_jobs(referrals)],
        crons=[*ALERT_CRONS, *CREDIT_CRONS],
        tellers={"usr": CreditTeller(CreditRepository())},
    )
