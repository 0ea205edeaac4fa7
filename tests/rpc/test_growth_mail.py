"""The mail of an alert leaves at most once, whatever the mail server does."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from callsheet.growth.v1 import saved_search_pb2 as pb
from callsheet.growth.v1.growth_pb2_grpc import GrowthServiceStub
from devstack.roles import DatabaseUrls
from server.adapters.mail import Mail, Mailer, MailRefused, MailUncertain, mailer
from server.core.errors import DependencyDown
from server.core.secrecy import KeyedHash, Sealed
from server.directory.repository import DirectoryRepository
from server.growth.notifications.repository import NotificationRepository
from server.growth.notifications.unsubscribing import UnsubscribeTokens
from server.growth.saved_searches.mail_rows import MailRepository
from server.growth.saved_searches.mailing import AlertMails
from server.growth.saved_searches.timers import FIND_DUE
from tests.rpc.growth import document, enqueue, lasting, person, stored, struct, zone_at
from tests.rpc.harness import Running
from tests.support.parts import Mailbox

OWNER = "usr_owner"


class Unlucky:
    """A mail server that fails as it is told to, and counts what it was given."""

    def __init__(self, *failures: BaseException | None) -> None:
        self.failures = list(failures)
        self.given: list[Mail] = []

    async def send(self, mail: Mail) -> None:
        self.given.append(mail)
        failure = self.failures.pop(0)
        if failure is not None:
            raise failure


@pytest.fixture
async def alert_id(server: Running, database: DatabaseUrls) -> AsyncIterator[str]:
    """An alert whose mail waits: this server knows no mail server."""
    await person(server, OWNER)
    request = pb.CreateSavedSearchRequest(
        scope=pb.SEARCH_SCOPE_PEOPLE,
        query=struct({"roles": {"any_of": ["model"]}}),
        city="berlin",
        time_zone=zone_at(12, server.app.core.clock.now()),
    )
    await GrowthServiceStub(server.channel).CreateSavedSearch(request, metadata=lasting(OWNER))
    await stored(server, document("anna"))
    await enqueue(server, FIND_DUE)
    await server.worker().run_due()
    connection = await asyncpg.connect(database.app_url)
    try:
        row = await connection.fetchrow("select alert_id, mail_status from saved_search_alert")
        assert row is not None
        assert row["mail_status"] == "pending"
        yield row["alert_id"]
    finally:
        await connection.close()


def mails(server: Running, sender: Mailer) -> AlertMails:
    core, hashes = server.app.core, KeyedHash(b"pepper")
    return AlertMails(
        core.database,
        MailRepository(),
        NotificationRepository(),
        DirectoryRepository(Sealed(core.settings.personal_data_key), hashes),
        sender,
        UnsubscribeTokens(hashes),
        "https://callsheet.example/",
    )


async def attempts(sending: AlertMails, alert_id: str, number: int) -> list[str]:
    outcomes = []
    for _ in range(number):
        try:
            await sending.send(alert_id)
            outcomes.append("settled")
        except DependencyDown:
            outcomes.append("later")
    return outcomes


@pytest.mark.parametrize(
    ("failures", "outcomes", "status"),
    [
        ([MailRefused(for_good=False), None], ["later", "settled", "settled"], "sent"),
        ([MailRefused(for_good=True)], ["settled", "settled", "settled"], "refused"),
        ([MailUncertain()], ["settled", "settled", "settled"], "sending"),
        ([None], ["settled", "settled", "settled"], "sent"),
    ],
)
async def test_a_mail_is_tried_again_only_where_it_was_certainly_not_taken(
    server: Running,
    database: DatabaseUrls,
    alert_id: str,
    failures: list[Exception | None],
    outcomes: list[str],
    status: str,
) -> None:
    unlucky = Unlucky(*failures)
    assert await attempts(mails(server, unlucky), alert_id, 3) == outcomes

    connection = await asyncpg.connect(database.app_url)
    row = await connection.fetchrow("select mail_status, email_sent from saved_search_alert")
    await connection.close()
    assert row is not None
    assert (row["mail_status"], row["email_sent"]) == (status, status == "sent")
    assert len(unlucky.given) == len(failures)
    assert {mail.message_id for mail in unlucky.given} == {f"<{alert_id}@callsheet>"}


async def test_a_process_that_dies_after_handing_over_leaves_no_second_mail(server: Running, alert_id: str) -> None:
    dying = Unlucky(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        await mails(server, dying).send(alert_id)
    later = Unlucky()
    await mails(server, later).send(alert_id)

    assert (len(dying.given), later.given) == (1, [])


async def test_smtp_takes_a_mail_and_refuses_a_bad_recipient(mail: Mailbox) -> None:
    letter = Mail("<ssa_1@callsheet>", "anna@example.org", "Grüße", "Text", "<p>Text</p>", {"X-Kind": "test"})
    async with mailer(mail.smtp_url, "Callsheet <no-reply@callsheet.example>") as sender:
        await sender.send(letter)
    (kept,) = mail.mails()

    assert (kept.recipients, kept.subject, kept.text.strip()) == (("anna@example.org",), "Grüße", "Text")
    assert kept.sender == "no-reply@callsheet.example"


async def test_no_server_and_no_setting_refuse_for_now() -> None:
    letter = Mail("<ssa_1@callsheet>", "anna@example.org", "Hello", "Text", "<p>Text</p>")
    for url in ("", "smtp://127.0.0.1:1"):
        async with mailer(url, "no-reply@callsheet.example") as sender:
            with pytest.raises(MailRefused) as refusal:
                await sender.send(letter)
            assert not refusal.value.for_good
    with pytest.raises(ValueError, match="smtp://"):
        async with mailer("http://mail", "no-reply@callsheet.example"):
            pass
