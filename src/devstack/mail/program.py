"""The mail catcher as a child process."""

import sys
from dataclasses import dataclass
from pathlib import Path

from devstack.ports import LOOPBACK
from devstack.probes import http_answers
from devstack.program import Program


@dataclass(frozen=True, slots=True)
class MailCatcher:
    """Where to send mails, and where to read them."""

    directory: Path
    smtp_port: int
    http_port: int

    @property
    def smtp_url(self) -> str:
        return f"smtp://{LOOPBACK}:{self.smtp_port}"

    @property
    def page(self) -> str:
        return f"http://{LOOPBACK}:{self.http_port}/"

    def program(self) -> Program:
        ports = ("--smtp-port", str(self.smtp_port), "--http-port", str(self.http_port))
        return Program(
            name="mail",
            argv=(sys.executable, "-m", "devstack.mail", *ports, "--directory", str(self.directory)),
            probe=http_answers(f"{self.page}healthz"),
        )
