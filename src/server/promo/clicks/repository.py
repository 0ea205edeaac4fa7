"""Rows of decisions, of what clicks cost, and of claims."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from callsheet.sql.promo_clicks import Queries
from server.core.db import Record, Tx, load_queries
from server.core.errors import AlreadyExists, StaleVersion
from server.promo.domain.claim import ClickClaim, ClickClaimEvent, ClickClaimStatus
from server.promo.domain.crediting import LATE_RULE_VERSION, ChargedClick, FoundInvalid
from server.promo.domain.funds import Funds
from server.promo.domain.step import Step
from server.promo.domain.verdicts import Rule, Verdict
from server.promo.history.repository import History

_queries = load_queries("server.promo.clicks", Queries)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingClick:
    """A click as it stands now, with the place of its first decision in the log where that was asked for."""

    campaign_id: str
    event_id: str
    revision: int
    verdict: Verdict
    rule: Rule | None
    rule_version: int
    versions: Mapping[str, object]
    hits: Sequence[object]
    evidence: Mapping[str, object]
    price_cents: int
    budget_day: date | None
    decided_at: datetime
    charged_cents: int
    credited_cents: int
    spend_entry_id: str
    credit_entry_id: str
    received_at: datetime | None
    place: tuple[int, int] = (0, 0)


class ClickRepository:
    """Reads and revises decisions, and keeps claims, on the caller's transaction."""

    def __init__(self, history: History) -> None:
        self._history = history

    async def page(
        self,
        tx: Tx,
        campaign_id: str,
        *,
        before: str | None,
        day: date | None,
        verdicts: Collection[Verdict],
        limit: int,
    ) -> list[StandingClick]:
        """A campaign's clicks, newest first by their ids, older than the given one."""
        rows = await _queries.list_clicks(
            tx, campaign_id=campaign_id, before=before, day=day, verdicts=sorted(verdicts), limit=limit
        )
        return [_click(row) for row in rows]

    async def after(
        self, tx: Tx, campaign_id: str, partition: int, place: tuple[int, int], limit: int
    ) -> list[StandingClick]:
        """A campaign's clicks that were decided behind a place of its partition, in order."""
        rows = await _queries.clicks_after(
            tx,
            campaign_id=campaign_id,
            log_partition=partition,
            log_offset=place[0],
            log_index=place[1],
            limit=limit,
        )
        return [_click(row, (row["log_offset"], row["log_index"])) for row in rows]

    async def exists(self, tx: Tx, campaign_id: str, event_id: str) -> bool:
        return bool(await _queries.click_exists(tx, campaign_id=campaign_id, event_id=event_id))

    async def charged(self, tx: Tx, campaign_id: str, event_ids: Sequence[str]) -> dict[str, ChargedClick]:
        """Those of these clicks that were charged."""
        rows = await _queries.charged_clicks(tx, campaign_id=campaign_id, event_ids=list(event_ids))
        return {
            row["event_id"]: ChargedClick(
                row["event_id"],
                row["entry_id"],
                Funds(row["promo_cents"], row["cash_cents"]),
                row["created_at"],
                row["credited"],
            )
            for row in rows
        }

    async def revise(
        self, tx: Tx, campaign_id: str, found: Sequence[FoundInvalid], *, decided_by: str, now: datetime
    ) -> None:
        """Writes that these clicks are invalid after all."""
        await _queries.revise_decisions(
            tx,
            campaign_id=campaign_id,
            event_ids=[one.event_id for one in found],
            rules=[one.rule.value for one in found],
            evidences=[json.dumps(dict(one.evidence)) for one in found],
            rule_version=LATE_RULE_VERSION,
            decided_by=decided_by,
            now=now,
        )

    async def insert_claim(self, tx: Tx, claim: ClickClaim) -> None:
        """Stores a claim; AlreadyExists where the click was claimed before."""
        stored = await _queries.insert_claim(
            tx,
            claim_id=claim.claim_id,
            campaign_id=claim.campaign_id,
            event_id=claim.event_id,
            spend_entry_id=claim.spend_entry_id,
            claimed_by=claim.claimed_by,
            reason=claim.reason,
            status=claim.status,
            now=claim.created_at,
        )
        if stored is None:
            raise AlreadyExists(f"a claim about {claim.event_id}")
        step = Step(claim.claim_id, 1, ClickClaimEvent.CLAIM, None, claim.status, claim.claimed_by, claim.created_at)
        await self._history.record(tx, step)

    async def claim(self, tx: Tx, claim_id: str) -> ClickClaim | None:
        row = await _queries.get_claim(tx, claim_id=claim_id)
        return None if row is None else _claim(row)

    async def save_claim(self, tx: Tx, before: ClickClaim, after: ClickClaim, event: ClickClaimEvent) -> None:
        """Writes a decision about a claim; StaleVersion where somebody else was first."""
        saved = await _queries.save_claim(
            tx,
            claim_id=after.claim_id,
            expected_version=before.version,
            status=after.status,
            decided_by=after.decided_by,
            decision_reason=after.decision_reason,
            version=after.version,
            now=after.updated_at,
        )
        if saved is None:
            raise StaleVersion(after.claim_id, after.version)
        step = Step(
            after.claim_id, after.version, event, before.status, after.status, after.decided_by, after.updated_at
        )
        await self._history.record(tx, step)

    async def claims(
        self,
        tx: Tx,
        campaign_id: str | None,
        statuses: Collection[ClickClaimStatus],
        before: str | None,
        limit: int,
    ) -> list[ClickClaim]:
        """Claims, newest first, older than the given one; of all campaigns where none is named."""
        rows = await _queries.list_claims(
            tx, campaign_id=campaign_id, statuses=sorted(statuses), before=before, limit=limit
        )
        return [_claim(row) for row in rows]


def _click(row: Record, place: tuple[int, int] = (0, 0)) -> StandingClick:
    return StandingClick(
        campaign_id=row["campaign_id"],
        event_id=row["event_id"],
        revision=row["revision"],
        verdict=Verdict(row["verdict"]),
        rule=Rule(row["rule"]) if row["rule"] else None,
        rule_version=row["rule_version"] or 0,
        versions=json.loads(row["versions"]),
        hits=json.loads(row["hits"]),
        evidence=json.loads(row["evidence"]),
        price_cents=row["price_cents"],
        budget_day=row["budget_day"],
        decided_at=row["decided_at"],
        charged_cents=-(row["spent_cents"] or 0),
        credited_cents=row["credited_cents"] or 0,
        spend_entry_id=row["spend_entry_id"] or "",
        credit_entry_id=row["credit_entry_id"] or "",
        received_at=row["received_at"],
        place=place,
    )


def _claim(row: Record) -> ClickClaim:
    return ClickClaim(
        claim_id=row["claim_id"],
        campaign_id=row["campaign_id"],
        event_id=row["event_id"],
        spend_entry_id=row["spend_entry_id"],
        claimed_by=row["claimed_by"],
        reason=row["reason"],
        status=ClickClaimStatus(row["status"]),
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        decided_by=row["decided_by"],
        decision_reason=row["decision_reason"],
    )
