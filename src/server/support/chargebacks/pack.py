"""What speaks for a charge, gathered from what is on record. Pure.

The names are the processor's; together they may have so many characters, so long records lose their beginnings first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from server.booking.ports import Dossier

LONGEST_FIELD: Final = 20_000
FIELDS: Final = frozenset(
    {
        "access_activity_log",
        "billing_address",
        "cancellation_policy_disclosure",
        "cancellation_rebuttal",
        "customer_name",
        "customer_purchase_ip",
        "duplicate_charge_explanation",
        "product_description",
        "refund_policy_disclosure",
        "refund_refusal_explanation",
        "service_date",
        "uncategorized_text",
    }
)
"""What the processor takes as text."""


@dataclass(frozen=True, slots=True)
class FileOnRecord:
    """A file of a case, by what identifies its bytes."""

    evidence_id: str
    mime: str
    sha256: bytes
    stored_at: datetime


def pack(dossier: Dossier, files: Sequence[FileOnRecord], changes: Mapping[str, str]) -> dict[str, str]:
    """The evidence, by the processor's names; `changes` replace what was gathered under the same ones."""
    gathered = {
        "product_description": _product(dossier),
        "service_date": dossier.start_ts.astimezone(ZoneInfo(dossier.time_zone)).date().isoformat(),
        "cancellation_policy_disclosure": _policy(dossier),
        "access_activity_log": "\n".join(_log(dossier)),
        "uncategorized_text": "\n\n".join(_rest(dossier, files)),
        **changes,
    }
    return {name: text[-LONGEST_FIELD:] for name, text in gathered.items() if text}


def _product(dossier: Dossier) -> str:
    hours = f"{_local(dossier.start_ts, dossier)} to {_local(dossier.end_ts, dossier)} ({dossier.time_zone})"
    license_line = [f"Licence: {dossier.license_tier}."] if dossier.license_tier else []
    return "\n".join([f"A booking of a creative professional, {hours}:", *dossier.lines, *license_line])


def _policy(dossier: Dossier) -> str:
    return (
        f"The buyer agreed to the {dossier.cancellation_policy} cancellation policy when confirming the price: "
        f"all of it back until {_local(dossier.full_refund_until, dossier)}, half until "
        f"{_local(dossier.half_refund_until, dossier)} ({dossier.time_zone})."
    )


def _log(dossier: Dossier) -> Iterator[str]:
    for step in dossier.steps:
        yield f"{step.at.isoformat(timespec='seconds')} {step.event} by {step.actor}: {step.status}"


def _rest(dossier: Dossier, files: Sequence[FileOnRecord]) -> Iterator[str]:
    moments = {
        "confirmed": dossier.confirmed_at,
        "provider checked in": dossier.checked_in_at,
        "delivered": dossier.delivered_at,
        "completed": dossier.completed_at,
    }
    yield "\n".join(f"{name}: {at.isoformat(timespec='seconds')}" for name, at in moments.items() if at is not None)
    if files:
        named = (f"{one.evidence_id} {one.mime} sha256:{one.sha256.hex()} of {one.stored_at.date()}" for one in files)
        yield "Files on record, available on request:\n" + "\n".join(named)
    if dossier.said:
        said = (f"{one.at.isoformat(timespec='seconds')} {one.author}: {one.text}" for one in dossier.said)
        yield "What the parties wrote to each other:\n" + "\n".join(said)


def _local(at: datetime, dossier: Dossier) -> str:
    return at.astimezone(ZoneInfo(dossier.time_zone)).strftime("%Y-%m-%d %H:%M")
