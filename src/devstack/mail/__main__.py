"""Takes mails over SMTP and shows them over HTTP, until it is told to stop."""

import argparse
import asyncio
import signal
from pathlib import Path

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session

from devstack.mail.store import MailStore
from devstack.mail.web import application
from devstack.ports import LOOPBACK

LARGEST_MAIL = 25 * 1024 * 1024


class KeepEverything:
    """What happens to a mail: it is kept."""

    def __init__(self, store: MailStore) -> None:
        self._store = store

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        content = envelope.original_content or b""
        self._store.add(envelope.mail_from or "", tuple(envelope.rcpt_tos), content)
        return "250 kept"


async def serve(smtp_port: int, http_port: int, store: MailStore) -> None:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)

    def session() -> SMTP:
        return SMTP(KeepEverything(store), hostname="localhost", enable_SMTPUTF8=True, data_size_limit=LARGEST_MAIL)

    smtp = await loop.create_server(session, LOOPBACK, smtp_port)
    runner = web.AppRunner(application(store), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, http_port).start()
    async with smtp:
        await stopped.wait()
    await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(description="Keeps mails instead of delivering them.")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--directory", type=Path, required=True)
    chosen = parser.parse_args()
    chosen.directory.mkdir(parents=True, exist_ok=True)
    asyncio.run(serve(chosen.smtp_port, chosen.http_port, MailStore(chosen.directory)))


if __name__ == "__main__":
    main()
