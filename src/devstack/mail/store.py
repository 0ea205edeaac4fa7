"""The kept mails: one file each, named so that their names sort by arrival."""

import email.policy
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

_NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as a reader wants it. `recipients` are those of the envelope, so that blind copies show."""

    mail_id: str
    received_at: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str

    def as_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class MailStore:
    """A directory of mails."""

    directory: Path

    def add(self, sender: str, recipients: tuple[str, ...], content: bytes) -> None:
        """Keep a mail. It appears whole or not at all, since it is renamed into place."""
        envelope = f"X-Envelope-From: {sender}\r\nX-Envelope-To: {', '.join(recipients)}\r\n".encode()
        target = self.directory / f"{time.time_ns()}.eml"
        half_written = target.with_suffix(".part")
        half_written.write_bytes(envelope + content)
        half_written.rename(target)

    def newest_first(self) -> Iterator[Mail]:
        for path in sorted(self.directory.glob("*.eml"), reverse=True):
            yield _read(path)

    def find(self, mail_id: str) -> Mail | None:
        path = self._path(mail_id)
        return _read(path) if path else None

    def source(self, mail_id: str) -> bytes | None:
        path = self._path(mail_id)
        return path.read_bytes() if path else None

    def clear(self) -> None:
        for path in self.directory.glob("*.eml"):
            path.unlink(missing_ok=True)

    def _path(self, mail_id: str) -> Path | None:
        path = self.directory / f"{mail_id}.eml"
        return path if mail_id.isdigit() and path.exists() else None


def _read(path: Path) -> Mail:
    message = BytesParser(policy=email.policy.default).parsebytes(path.read_bytes())
    received = datetime.fromtimestamp(int(path.stem) / _NANOSECONDS, UTC)
    return Mail(
        mail_id=path.stem,
        received_at=received.isoformat(timespec="milliseconds"),
        sender=str(message["X-Envelope-From"]),
        recipients=tuple(str(message["X-Envelope-To"]).split(", ")),
        subject=str(message["Subject"] or ""),
        text=_body(message, "plain"),
        html=_body(message, "html"),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""
