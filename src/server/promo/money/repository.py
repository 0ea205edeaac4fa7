"""Rows of the ledger and of its heads, and what they mean."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from callsheet.sql.promo_money import Queries
from server.core.db import Record, Tx, load_queries
from server.core.errors import IllegalTransition
from server.promo.domain.adjustment import Adjustment, AdjustmentEvent, AdjustmentStatus
from server.promo.domain.campaign import Campaign
from server.promo.domain.funds import NOTHING, Funds
from server.promo.domain.ledger import CreditSource, Entry, EntryKind, Head, Link, Movement
from server.promo.domain.statement import Statement, StatementRow, month_after

_queries = load_queries("server.promo.money", Queries)

PROCESSOR = "stripe"


class LedgerRepository:
    """Reads and writes the ledger on the caller's transaction."""

    async def lock_funding(self, tx: Tx, campaign_id: str) -> Head:
        """Where the funding chain stands, held until the transaction ends."""
        await _queries.open_funding_head(tx, campaign_id=campaign_id)
        row = await _queries.lock_funding_head(tx, campaign_id=campaign_id)
        if row is None:
            raise AssertionError("the head was made by the statement before")
        return Head(row["campaign_id"], row["sequence"], Funds(row["promo_cents"], row["cash_cents"]), row["hash"])

    async def append(self, tx: Tx, links: Sequence[Link], head: Head, *, now: datetime) -> None:
        """Writes links of the funding chain and moves its head behind them."""
        await _queries.insert_entries(tx, entries=json.dumps([_document(link) for link in links]), now=now)
        await _queries.move_funding_head(
            tx,
            campaign_id=head.campaign_id,
            sequence=head.sequence,
            promo_cents=head.funds.promo_cents,
            cash_cents=head.funds.cash_cents,
            hash=head.hash,
            restored_cents=sum(link.movement.restored_cents for link in links),
            now=now,
        )

    async def raise_limits_version(self, tx: Tx, campaign_id: str) -> int:
        version = await _queries.raise_limits_version(tx, campaign_id=campaign_id)
        if not isinstance(version, int):
            raise AssertionError("the campaign is locked by this transaction")
        return version

    async def page(self, tx: Tx, campaign_id: str, before: tuple[datetime, str] | None, limit: int) -> list[Entry]:
        """A campaign's entries, newest first, older than the given one."""
        rows = await _queries.list_entries(
            tx,
            campaign_id=campaign_id,
            before_time=before[0] if before else None,
            before_id=before[1] if before else None,
            limit=limit,
        )
        return [_entry(row) for row in rows]

    async def spent_on(self, tx: Tx, campaign_id: str, day: date) -> int:
        """What was spent on one of the campaign's days."""
        spent = await _queries.spent_on(tx, campaign_id=campaign_id, day=day)
        return spent if isinstance(spent, int) else 0

    async def partition_moved_at(self, tx: Tx, partition: int) -> datetime | None:
        """When the stream last moved on in a partition; None where it never was there."""
        moved_at = await _queries.partition_moved_at(tx, log_partition=partition)
        return moved_at if isinstance(moved_at, datetime) else None

    async def spent_on_days(self, tx: Tx, days: Mapping[str, date]) -> dict[str, int]:
        """What was spent on each campaign's own day, by campaign; those that spent nothing are missing."""
        rows = await _queries.spent_on_days(tx, campaign_ids=list(days), days=list(days.values()))
        return {row["campaign_id"]: row["spent_cents"] for row in rows}

    async def statement(self, tx: Tx, campaign: Campaign, month: date) -> Statement:
        """What moved in a month of the campaign's zone, and what there was before."""
        rows = await _queries.statement_rows(
            tx,
            campaign_id=campaign.campaign_id,
            time_zone=campaign.terms.schedule.time_zone,
            first_day=month,
            end_day=month_after(month),
        )
        opening = next((_funds(row) for row in rows if row["day"] is None), NOTHING)
        moved = tuple(
            StatementRow(row["day"], EntryKind(row["kind"]), row["entries"], _funds(row)) for row in rows if row["day"]
        )
        return Statement(campaign.campaign_id, month, opening, moved)

    async def insert_adjustment(self, tx: Tx, adjustment: Adjustment) -> None:
        """Stores a proposal."""
        await _queries.insert_adjustment(
            tx,
            adjustment_id=adjustment.adjustment_id,
            campaign_id=adjustment.campaign_id,
            promo_cents=adjustment.funds.promo_cents,
            cash_cents=adjustment.funds.cash_cents,
            reason=adjustment.reason,
            status=adjustment.status,
            proposed_by=adjustment.proposed_by,
            now=adjustment.proposed_at,
        )

    async def adjustment(self, tx: Tx, adjustment_id: str) -> Adjustment | None:
        row = await _queries.get_adjustment(tx, adjustment_id=adjustment_id)
        if row is None:
            return None
        return Adjustment(
            adjustment_id=row["adjustment_id"],
            campaign_id=row["campaign_id"],
            funds=_funds(row),
            reason=row["reason"],
            status=AdjustmentStatus(row["status"]),
            proposed_by=row["proposed_by"],
            proposed_at=row["proposed_at"],
            approved_by=row["approved_by"],
            approved_at=row["approved_at"],
        )

    async def approve_adjustment(self, tx: Tx, adjustment: Adjustment) -> None:
        """Writes an approval; IllegalTransition where somebody else was first."""
        stored = await _queries.approve_adjustment(
            tx,
            adjustment_id=adjustment.adjustment_id,
            approved_by=adjustment.approved_by,
            now=adjustment.approved_at,
        )
        if stored is None:
            raise IllegalTransition(adjustment.adjustment_id, AdjustmentStatus.APPROVED, AdjustmentEvent.APPROVE)


def _document(link: Link) -> dict[str, str | int | None]:
    movement = link.movement
    return {
        "entry_id": movement.entry_id,
        "campaign_id": movement.campaign_id,
        "kind": movement.kind.value,
        "amount_cents": movement.funds.total_cents,
        "promo_cents": movement.funds.promo_cents,
        "cash_cents": movement.funds.cash_cents,
        "processor": PROCESSOR if movement.processor_ref else None,
        "processor_ref": movement.processor_ref,
        "reason": movement.reason or None,
        "chain": movement.chain.value,
        "sequence": link.sequence,
        "click_key": movement.click_key,
        "budget_day": movement.budget_day.isoformat() if movement.budget_day else None,
        "credit_source": movement.credit_source.value if movement.credit_source else None,
        "reverses_entry_id": movement.reverses_entry_id,
        "previous_hash": link.previous_hash.hex(),
        "hash": link.hash.hex(),
    }


def _funds(row: Record) -> Funds:
    return Funds(row["promo_cents"], row["cash_cents"])


def _entry(row: Record) -> Entry:
    movement = Movement(
        entry_id=row["entry_id"],
        campaign_id=row["campaign_id"],
        kind=EntryKind(row["kind"]),
        funds=_funds(row),
        reason=row["reason"] or "",
        processor_ref=row["processor_ref"],
        click_key=row["click_key"],
        budget_day=row["budget_day"],
        credit_source=CreditSource(row["credit_source"]) if row["credit_source"] else None,
        reverses_entry_id=row["reverses_entry_id"],
    )
    return Entry(Link(movement, row["sequence"], row["previous_hash"], row["hash"]), row["created_at"])
