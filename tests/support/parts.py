"""The embedded parts beside PostgreSQL, one of each per pytest process, as clean for every test as if it were new."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from devstack.mail.program import MailCatcher
from devstack.mail.store import Mail, MailStore
from devstack.ports import free_port
from devstack.program import running
from devstack.s3 import EmbeddedS3, embedded_s3
from devstack.valkey import Valkey
from tests.support.require import require


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mail server that delivers to nobody, and what it kept."""

    smtp_url: str
    page: str
    store: MailStore

    def mails(self) -> list[Mail]:
        """What arrived since the test began, newest first; a mail is here as soon as the server took it."""
        return list(self.store.newest_first())


@contextmanager
def running_valkey(valkey: Valkey) -> Iterator[Valkey]:
    with running(valkey.program(), valkey.directory.with_suffix(".log")):
        yield valkey


def emptied(valkey: Valkey) -> Valkey:
    """The same server without a key, script or consumer."""
    with redis.Redis(port=valkey.port) as client:
        client.flushall()
        client.script_flush()
    return valkey


@contextmanager
def running_s3(directory: Path) -> Iterator[EmbeddedS3]:
    """Object storage that enforces what the real one does; its tool is named `s3` to `require`."""
    embedded = embedded_s3(directory, free_port(), access_key="tests", secret_key="tests-only-secret")
    require("s3", not embedded.forgetful, embedded.forgetful)
    with running(embedded.program, directory.with_suffix(".log")):
        yield embedded


@contextmanager
def running_mail(directory: Path) -> Iterator[Mailbox]:
    catcher = MailCatcher(directory, free_port(), free_port())
    with running(catcher.program(), directory.with_suffix(".log")):
        yield Mailbox(catcher.smtp_url, catcher.page, MailStore(directory))
