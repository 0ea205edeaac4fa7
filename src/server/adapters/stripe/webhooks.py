"""Webhooks: the signature over the raw bytes, and the event as a hint about which object to look at."""

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from server.adapters.stripe import documents
from server.adapters.stripe.documents import Document

TOLERANCE: Final = timedelta(minutes=5)
_RELATED: Final = ("payment_intent", "charge", "transfer")
_OF_A_CUSTOMER: Final = frozenset({"payment_method", "setup_intent"})


class BadSignature(Exception):
    """The bytes were not signed with a secret of ours, or not lately."""


class MalformedEvent(Exception):
    """The bytes are signed and still no event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessorEvent:
    """Something that happened, as far as a reader needs it to find what it concerns.

    The type is whatever the processor says: new ones come without notice. `references` are the ids of the object itself
    and of what it hangs on, the closest first.
    """

    event_id: str
    type: str
    created_at: datetime
    livemode: bool
    api_version: str | None
    account_id: str | None
    object_type: str
    object_id: str
    references: tuple[str, ...]
    metadata: Mapping[str, str]


def verify(body: bytes, header: str, secrets: Sequence[str], *, now: datetime) -> None:
    """Accepts a body that one of the secrets signed within the last minutes; there are two while one is replaced."""
    timestamp, signatures = _parts(header)
    if abs(now - timestamp) > TOLERANCE:
        raise BadSignature("signed too long ago")
    signed = f"{int(timestamp.timestamp())}.".encode() + body
    expected = [hmac.new(secret.encode(), signed, sha256).hexdigest() for secret in secrets if secret]
    if not any(hmac.compare_digest(ours, theirs) for ours in expected for theirs in signatures):
        raise BadSignature("no signature matches")


def _parts(header: str) -> tuple[datetime, list[str]]:
    """The instant and the signatures of `t=…,v1=…,v1=…`; other schemes are passed over."""
    pairs = [part.strip().partition("=") for part in header.split(",")]
    instants = [value for name, _, value in pairs if name == "t"]
    signatures = [value for name, _, value in pairs if name == "v1" and value.isascii()]
    if len(instants) != 1 or not instants[0].isdecimal() or len(instants[0]) > 12 or not signatures:
        raise BadSignature("the header is not of the form t=…,v1=…")
    return datetime.fromtimestamp(int(instants[0]), UTC), signatures


def parse(body: bytes) -> ProcessorEvent:
    """The event in a body whose signature was checked."""
    try:
        document = json.loads(body)
    except ValueError as error:
        raise MalformedEvent("not JSON") from error
    if not isinstance(document, dict):
        raise MalformedEvent("not an object")
    return event_of(document)


def event_of(document: Document) -> ProcessorEvent:
    """The event in its document."""
    subject = documents.child(documents.child(document, "data"), "object")
    event_id, kind = documents.text(document, "id"), documents.text(document, "type")
    if not event_id or not kind:
        raise MalformedEvent("without id or type")
    object_type = documents.text(subject, "object")
    # A payment's customer would lead to whoever owns the customer, which is not whose payment it is.
    names = ("id", "customer") if object_type in _OF_A_CUSTOMER else ("id", *_RELATED)
    related = [documents.reference(subject, name) for name in names]
    return ProcessorEvent(
        event_id=event_id,
        type=kind,
        created_at=documents.instant(document, "created") or datetime.fromtimestamp(0, UTC),
        livemode=documents.flag(document, "livemode"),
        api_version=documents.maybe_text(document, "api_version"),
        account_id=documents.maybe_text(document, "account"),
        object_type=object_type,
        object_id=documents.text(subject, "id"),
        references=tuple(dict.fromkeys(reference for reference in related if reference)),
        metadata=documents.metadata(subject),
    )
