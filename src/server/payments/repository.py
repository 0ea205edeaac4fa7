"""Rows of schema `payments` and what they mean."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from callsheet.sql.payments import Queries
from server.adapters.stripe.objects import Card
from server.adapters.stripe.webhooks import ProcessorEvent
from server.core.db import Record, Tx, load_queries
from server.core.errors import NotFound
from server.core.secrecy import KeyedHash
from server.payments.domain import (
    CallEvent,
    CallFailure,
    CallStatus,
    Document,
    InboxStatus,
    Owner,
    Payer,
    SavedCard,
    SliceName,
    StoredCall,
    after,
)
from server.payments.errors import CallKeyMismatch

_queries = load_queries("server.payments", Queries)


class CallRepository:
    """Stored calls, and whose the processor's objects are."""

    async def store(
        self,
        tx: Tx,
        *,
        call_id: str,
        key: str,
        method: str,
        params: Document,
        params_hash: bytes,
        owner: Owner,
        reply_kind: str | None,
        now: datetime,
    ) -> StoredCall:
        """Stores a call, or gives the one that is stored under this key for the same parameters."""
        row = await _queries.insert_call(
            tx,
            call_id=call_id,
            idempotency_key=key,
            method=method,
            params_hash=params_hash,
            params=json.dumps(params),
            slice=owner.slice,
            owner_kind=owner.kind,
            owner_id=owner.id,
            reply_kind=reply_kind,
            now=now,
        )
        if row is not None:
            return _call(row)
        stored = await _queries.call_of_key(tx, idempotency_key=key)
        if stored is None or stored["params_hash"] != params_hash:
            raise CallKeyMismatch(key)
        return _call(stored)

    async def get(self, tx: Tx, call_id: str) -> StoredCall:
        found = await self.find(tx, call_id)
        if found is None:
            raise NotFound(call_id)
        return found

    async def find(self, tx: Tx, call_id: str) -> StoredCall | None:
        row = await _queries.get_call(tx, call_id=call_id)
        return None if row is None else _call(row)

    async def of_owner(self, tx: Tx, owner: Owner) -> list[StoredCall]:
        rows = await _queries.calls_of_owner(tx, slice=owner.slice, owner_kind=owner.kind, owner_id=owner.id)
        return [_call(row) for row in rows]

    async def succeed(self, tx: Tx, call: StoredCall, outcome: Document, *, now: datetime) -> StoredCall | None:
        """Writes the outcome; None where the call was settled in between."""
        row = await _queries.settle_call(
            tx,
            call_id=call.call_id,
            status=after(call, CallEvent.SUCCEED),
            outcome=json.dumps(outcome),
            error_code=None,
            failure=None,
            now=now,
        )
        return None if row is None else _call(row)

    async def fail(self, tx: Tx, call: StoredCall, failure: CallFailure, *, now: datetime) -> StoredCall | None:
        """Writes why the call failed; None where it was settled in between."""
        details = {
            "decline_code": failure.decline_code,
            "payment_intent_id": failure.payment_intent_id,
            "charge_id": failure.charge_id,
        }
        row = await _queries.settle_call(
            tx,
            call_id=call.call_id,
            status=after(call, CallEvent.FAIL),
            outcome=None,
            error_code=failure.code,
            failure=json.dumps(details),
            now=now,
        )
        return None if row is None else _call(row)

    async def lose_sight(self, tx: Tx, call_id: str, code: str, *, now: datetime) -> None:
        await _queries.lose_sight_of_call(tx, call_id=call_id, error_code=code, now=now)

    async def begin_generation(self, tx: Tx, call: StoredCall, *, now: datetime) -> None:
        await _queries.begin_generation(tx, call_id=call.call_id, generation=call.generation, now=now)

    async def strays(self, tx: Tx, *, before: datetime, limit: int) -> list[str]:
        return [row["call_id"] for row in await _queries.stray_calls(tx, before=before, limit=limit)]

    async def register(self, tx: Tx, object_ids: Sequence[str], owner: Owner) -> list[str]:
        """Says whose these objects are; which of them nobody knew before."""
        rows = await _queries.register_objects(
            tx, object_ids=list(object_ids), slice=owner.slice, owner_kind=owner.kind, owner_id=owner.id
        )
        return [row["object_id"] for row in rows]

    async def owners(self, tx: Tx, object_ids: Sequence[str]) -> Mapping[str, Owner]:
        rows = await _queries.owners_of(tx, object_ids=list(object_ids))
        return {row["object_id"]: Owner(SliceName(row["slice"]), row["owner_kind"], row["owner_id"]) for row in rows}


class InboxRepository:
    """Events, from their arrival to what became of them."""

    async def insert(self, tx: Tx, event: ProcessorEvent, body: bytes, *, now: datetime) -> bool:
        """Puts an event into the inbox; whether it was new."""
        inserted = await _queries.insert_event(
            tx,
            event_id=event.event_id,
            type=event.type,
            api_version=event.api_version,
            livemode=event.livemode,
            payload=body.decode(),
            now=now,
        )
        return inserted is not None

    async def payload(self, tx: Tx, event_id: str) -> tuple[InboxStatus, Mapping[str, object]]:
        """Where an event stands, and its document."""
        row = await _queries.get_event(tx, event_id=event_id)
        if row is None:
            raise NotFound(event_id)
        return InboxStatus(row["status"]), json.loads(row["payload"])

    async def mark(
        self, tx: Tx, event_id: str, status: InboxStatus, *, reason: str | None, now: datetime
    ) -> int | None:
        """Writes what became of an event; how often it was looked at, or None where it was done with before."""
        row = await _queries.mark_event(
            tx,
            event_id=event_id,
            status=status,
            reason=reason,
            handled_at=now if status is InboxStatus.HANDLED else None,
        )
        return None if row is None else int(row["attempts"])

    async def parked_about(self, tx: Tx, object_ids: Sequence[str]) -> list[str]:
        rows = await _queries.parked_events_about(tx, object_ids=list(object_ids))
        return [row["event_id"] for row in rows]


class WalletRepository:
    """Payers and their cards. Fingerprints are kept as keyed hashes alone."""

    def __init__(self, hashes: KeyedHash) -> None:
        self._hashes = hashes

    async def payer(self, tx: Tx, user_id: str) -> Payer | None:
        row = await _queries.get_payer(tx, user_id=user_id)
        return None if row is None else _payer(row)

    async def payer_of_customer(self, tx: Tx, customer_id: str) -> Payer | None:
        row = await _queries.payer_of_customer(tx, stripe_customer_id=customer_id)
        return None if row is None else _payer(row)

    async def insert_payer(self, tx: Tx, user_id: str, customer_id: str, *, now: datetime) -> None:
        await _queries.insert_payer(tx, user_id=user_id, stripe_customer_id=customer_id, now=now)

    async def save_card(self, tx: Tx, user_id: str, payment_method_id: str, card: Card, *, now: datetime) -> None:
        fingerprint = self._hashes.of("card", card.fingerprint) if card.fingerprint else None
        await _queries.upsert_card(
            tx,
            payment_method_id=payment_method_id,
            user_id=user_id,
            brand=card.brand,
            last4=card.last4,
            exp_month=card.exp_month,
            exp_year=card.exp_year,
            fingerprint_hash=fingerprint,
            now=now,
        )

    async def keep_only(self, tx: Tx, user_id: str, kept: Sequence[str], *, now: datetime) -> None:
        """Marks every other card of the user as given up."""
        await _queries.detach_other_cards(tx, user_id=user_id, kept=list(kept), now=now)

    async def detach(self, tx: Tx, user_id: str, payment_method_id: str, *, now: datetime) -> None:
        if await _queries.detach_card(tx, user_id=user_id, payment_method_id=payment_method_id, now=now) is None:
            raise NotFound(payment_method_id)

    async def set_default(self, tx: Tx, user_id: str, payment_method_id: str | None, *, now: datetime) -> None:
        await _queries.set_default_card(tx, user_id=user_id, payment_method_id=payment_method_id, now=now)

    async def fingerprint(self, tx: Tx, payment_method_id: str) -> str:
        """The keyed hash of a card's number; empty where it is not known."""
        found = cast("bytes | None", await _queries.fingerprint_of(tx, payment_method_id=payment_method_id))
        return found.hex() if found else ""

    async def cards(self, tx: Tx, user_id: str) -> list[SavedCard]:
        return [_card(row) for row in await _queries.cards_of(tx, user_id=user_id)]


def _call(row: Record) -> StoredCall:
    return StoredCall(
        call_id=row["call_id"],
        key=row["idempotency_key"],
        method=row["method"],
        params=json.loads(row["params"]),
        params_hash=row["params_hash"],
        owner=Owner(SliceName(row["slice"]), row["owner_kind"], row["owner_id"]),
        reply_kind=row["reply_kind"],
        status=CallStatus(row["status"]),
        generation=row["generation"],
        key_since=row["key_since"],
        attempts=row["attempts"],
        outcome=None if row["outcome"] is None else json.loads(row["outcome"]),
        failure=_failure(row),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _failure(row: Record) -> CallFailure | None:
    if row["failure"] is None:
        return None
    return CallFailure(code=row["error_code"], **json.loads(row["failure"]))


def _payer(row: Record) -> Payer:
    return Payer(row["user_id"], row["stripe_customer_id"], row["default_payment_method_id"])


def _card(row: Record) -> SavedCard:
    return SavedCard(
        row["payment_method_id"],
        row["user_id"],
        row["brand"],
        row["last4"],
        row["exp_month"],
        row["exp_year"],
        row["detached_at"],
    )
