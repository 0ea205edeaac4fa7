"""Mail: handed to an SMTP server, with an answer that says what happened to it.

SMTP has one moment that nobody can see behind: the text was sent and the server's answer did not come. Whether the mail
was taken is then unknown, and said to be unknown, so that the caller decides and nothing here tries again.
"""

import asyncio
import smtplib
import ssl
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from typing import Protocol
from urllib.parse import unquote, urlsplit

THREADS = 4
TIMEOUT_SECONDS = 15.0
LONGEST_LINE = 998
_OK = 250


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one person. The message id is the sender's, so that a receiver can tell a repetition."""

    message_id: str
    recipient: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str] = field(default_factory=dict)


class MailRefused(Exception):
    """The mail was certainly not taken."""

    def __init__(self, *, for_good: bool) -> None:
        super().__init__("refused for good" if for_good else "refused for now")
        self.for_good = for_good


class MailUncertain(Exception):
    """The text was sent and no answer came: the mail was taken, or it was not."""


class Mailer(Protocol):
    """Hands mails over. Returns where the mail was taken; raises MailRefused or MailUncertain otherwise."""

    async def send(self, mail: Mail) -> None: ...


class NoMailer:
    """Stands where no mail server is configured: refuses for now, so that mails wait until there is one."""

    async def send(self, mail: Mail) -> None:
        raise MailRefused(for_good=False)


class SmtpMailer:
    """One connection for each mail, a bounded number at a time, in threads: smtplib blocks."""

    def __init__(self, url: str, sender: str, threads: ThreadPoolExecutor) -> None:
        self._server = _Server.parse(url)
        self._sender = sender
        self._threads = threads

    async def send(self, mail: Mail) -> None:
        message = composed(mail, self._sender)
        await asyncio.get_running_loop().run_in_executor(
            self._threads, self._server.deliver, parseaddr(self._sender)[1], mail.recipient, message
        )


@asynccontextmanager
async def mailer(url: str, sender: str) -> AsyncIterator[Mailer]:
    """A mailer for a URL such as smtp://user:password@host:587?starttls or smtps://host; none for an empty one."""
    if not url:
        yield NoMailer()
        return
    threads = ThreadPoolExecutor(THREADS, thread_name_prefix="mail")
    try:
        yield SmtpMailer(url, sender, threads)
    finally:
        threads.shutdown(wait=True)


def composed(mail: Mail, sender: str) -> bytes:
    """The mail as it travels; a header with a line break is refused by the library.

    Headers are not folded before the protocol's limit: a long link would be encoded, and no mail program clicks that.
    """
    message = EmailMessage(policy=SMTP.clone(max_line_length=LONGEST_LINE))
    message["From"] = sender
    message["To"] = mail.recipient
    message["Subject"] = mail.subject
    message["Message-ID"] = mail.message_id
    for name, value in mail.headers.items():
        message[name] = value
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message.as_bytes()


@dataclass(frozen=True, slots=True)
class _Server:
    """Where mails go and how to get in."""

    host: str
    port: int
    user: str
    password: str
    tls: bool
    starttls: bool

    @classmethod
    def parse(cls, url: str) -> "_Server":
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("the mail server is given as smtp://host:port or smtps://host:port")
        tls = parts.scheme == "smtps"
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if tls else 25),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            tls=tls,
            starttls="starttls" in parts.query,
        )

    def deliver(self, sender: str, recipient: str, message: bytes) -> None:
        try:
            connection = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            raise MailRefused(for_good=False) from error
        try:
            self._hand_over(connection, sender, recipient, message)
        finally:
            connection.close()

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.tls:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_SECONDS, context=context)
        else:
            connection = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)
        connection.ehlo_or_helo_if_needed()
        if self.starttls:
            connection.starttls(context=context)
        if self.user:
            connection.login(self.user, self.password)
        return connection

    @staticmethod
    def _hand_over(connection: smtplib.SMTP, sender: str, recipient: str, message: bytes) -> None:
        """The envelope, then the text. Up to the text every failure is a refusal; after it, silence is uncertainty."""
        try:
            for code, _ in (connection.mail(sender), connection.rcpt(recipient)):
                if code != _OK:
                    raise MailRefused(for_good=code >= 500)
        except (OSError, smtplib.SMTPException) as error:
            raise MailRefused(for_good=False) from error
        try:
            code, _ = connection.data(message)
        except smtplib.SMTPDataError as error:
            raise MailRefused(for_good=error.smtp_code >= 500) from error
        except (OSError, smtplib.SMTPException) as error:
            raise MailUncertain from error
        if code != _OK:
            raise MailRefused(for_good=code >= 500)
