"""What the fixtures of the embedded parts promise to every other test."""

import smtplib
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from urllib.parse import urlsplit

import aiohttp
import pytest
import redis
from botocore.exceptions import ClientError
from yarl import URL

from devstack.s3 import ObjectStorage
from devstack.valkey import Valkey
from tests.support.parts import Mailbox


@pytest.mark.parametrize("attempt", [1, 2])
def test_the_event_log_is_empty_durable_and_evicts_nothing(valkey_log: Valkey, attempt: int) -> None:
    with redis.Redis.from_url(valkey_log.url) as client:
        assert client.dbsize() == 0
        client.set("left behind", attempt)
        assert client.config_get("appendfsync") == {"appendfsync": "always"}
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_budgets_are_another_server_than_the_log(valkey_log: Valkey, valkey_budget: Valkey) -> None:
    with redis.Redis.from_url(valkey_log.url) as log, redis.Redis.from_url(valkey_budget.url) as budgets:
        log.set("only", "here")
        assert budgets.dbsize() == 0


@pytest.mark.parametrize("attempt", [1, 2])
def test_a_locked_object_cannot_be_deleted_and_the_next_test_does_not_see_it(s3: ObjectStorage, attempt: int) -> None:
    client = s3.client()
    assert client.list_objects_v2(Bucket=s3.bucket)["KeyCount"] == 0
    kept_until = datetime.now(UTC) + timedelta(days=1)
    kept = client.put_object(
        Bucket=s3.bucket, Key="evidence", Body=b"x", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=kept_until
    )
    with pytest.raises(ClientError, match="AccessDenied"):
        client.delete_object(Bucket=s3.bucket, Key="evidence", VersionId=kept["VersionId"])
    client.close()


def send(box: Mailbox, *recipients: str, subject: str) -> None:
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "no-reply@callsheet.example"
    message["To"] = recipients[0]
    message.set_content("Grüße & <b>co</b>")
    message.add_alternative("<p>Grüße</p><script>alert(1)</script>", subtype="html")
    place = urlsplit(box.smtp_url)
    with smtplib.SMTP(str(place.hostname), place.port or 0) as client:
        client.send_message(message, to_addrs=recipients)


@pytest.mark.parametrize("attempt", [1, 2])
def test_a_mail_is_kept_whole_with_its_blind_copies(mail: Mailbox, attempt: int) -> None:
    assert mail.mails() == []
    send(mail, "ada@example.com", "hidden@example.com", subject="Ihre Buchung — bestätigt")
    (kept,) = mail.mails()
    assert kept.recipients == ("ada@example.com", "hidden@example.com")
    assert kept.subject == "Ihre Buchung — bestätigt"
    assert kept.text.strip() == "Grüße & <b>co</b>"


async def get(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(URL(url, encoded=True)) as response:
        return response.status, await response.text()


async def test_the_page_shows_a_mail_without_letting_it_act(mail: Mailbox) -> None:
    send(mail, "ada@example.com", subject="<script>alert(2)</script>")
    (kept,) = mail.mails()
    _, listing = await get(mail.page)
    _, single = await get(f"{mail.page}mails/{kept.mail_id}")
    for page in (listing, single):
        assert "&lt;script&gt;" in page
        assert "<script>" not in page
    assert "<iframe sandbox srcdoc=" in single


async def test_programs_read_mails_and_empty_the_box(mail: Mailbox) -> None:
    send(mail, "ada@example.com", subject="One")
    async with aiohttp.ClientSession(mail.page) as session:
        async with session.get("/api/mails") as response:
            assert [kept["subject"] for kept in await response.json()] == ["One"]
        async with session.delete("/api/mails") as response:
            assert response.status == 204
    assert mail.mails() == []


async def test_a_name_that_is_no_mail_finds_no_file(mail: Mailbox) -> None:
    (mail.store.directory.parent / "1.eml").write_text("outside of the mailbox")
    status, text = await get(f"{mail.page}mails/..%2F1/source")
    assert (status, text) == (404, "there is no such mail")
