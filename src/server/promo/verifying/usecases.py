"""Compares, each minute, everything that is known of what was spent.

Claims are read first, then the ledger and the committed offsets in one snapshot of the database. So a claim at or below
the offset that the ledger does not know was not merely too young to be there: no commit can bring it any more. Views
are read before and after: one that moved in between is looked at again in a minute.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import structlog
from prometheus_client import CollectorRegistry, Counter

from server.adapters.budgets.port import Budgets, HeldClaim, View
from server.adapters.eventlog.errors import LogBroken
from server.adapters.eventlog.port import EventLog, Partition
from server.core.clock import Clock
from server.core.crash import point
from server.core.db import Database, Tx
from server.promo.domain.agreement import Disagreement, Finding, Held, drifted, of_days, under_way
from server.promo.domain.partitions import CLICK_LOG, partition_of
from server.promo.verifying.repository import Place, VerifyingRepository

LOOKED_BACK = timedelta(minutes=5)
LOOKED_AT_ONCE = 200
_A_DAY = timedelta(days=1)


class VerifierMetrics:
    """What the verifier found."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.findings = Counter(
            "callsheet_promo_disagreements", "sums of campaigns that did not agree", ["kind"], registry=registry
        )
        self.released = Counter(
            "callsheet_promo_claims_released", "claims taken back that never reached the ledger", registry=registry
        )


@dataclass(frozen=True, slots=True)
class _Claimed:
    """What the live view says, read before the database was."""

    views: Mapping[str, View]
    held: Mapping[str, Sequence[HeldClaim]]


@dataclass(frozen=True, slots=True)
class _Written:
    """What the database says, at one instant."""

    places: Mapping[int, Place]
    clicked: Mapping[str, int]
    in_ledger: Mapping[str, frozenset[str]]
    findings: Sequence[Finding]


class Verifier:
    """Looks at the campaigns that were charged lately."""

    def __init__(
        self,
        database: Database,
        repository: VerifyingRepository,
        budgets: Budgets,
        log: EventLog,
        partitions: int,
        metrics: VerifierMetrics,
        clock: Clock,
    ) -> None:
        self._database = database
        self._repository = repository
        self._budgets = budgets
        self._event_log = log
        self._partitions = partitions
        self._metrics = metrics
        self._clock = clock
        self._log = structlog.get_logger("verifier")

    async def verify(self) -> list[Finding]:
        """One look; what does not agree is logged and counted, and what drifted is released."""
        async with self._database.read() as tx:
            zones = await self._repository.active_since(tx, self._clock.now() - LOOKED_BACK)
        findings = await self._of_logs()
        active = list(zones)
        for start in range(0, len(active), LOOKED_AT_ONCE):
            some = {campaign: zones[campaign] for campaign in active[start : start + LOOKED_AT_ONCE]}
            findings += await self._of_campaigns(some)
        for finding in findings:
            self._metrics.findings.labels(finding.kind.value).inc()
            self._log.error("does not agree", kind=finding.kind.value, subject=finding.subject, **finding.details)
        return findings

    async def _of_campaigns(self, zones: Mapping[str, str]) -> list[Finding]:
        claimed = await self._claimed(list(zones))
        written = await self._written(zones, claimed)
        after = await self._budgets.views(list(zones))
        findings = list(written.findings)
        for campaign in zones:
            findings += await self._of_claims(campaign, claimed, written)
            if claimed.views.get(campaign) == after.get(campaign):
                findings += self._of_view(campaign, claimed, written)
        return findings

    async def _claimed(self, campaigns: Sequence[str]) -> _Claimed:
        views = await self._budgets.views(campaigns)
        return _Claimed(views, {campaign: await self._budgets.held(campaign) for campaign in campaigns})

    async def _written(self, zones: Mapping[str, str], claimed: _Claimed) -> _Written:
        first_days = {campaign: self._yesterday(zone) for campaign, zone in zones.items()}
        async with self._database.snapshot() as tx:
            days = await self._repository.days(tx, zones, first_days)
            return _Written(
                places=await self._repository.places(tx),
                clicked=await self._repository.clicked(tx, list(zones)),
                in_ledger={
                    campaign: await self._charged(tx, campaign, held) for campaign, held in claimed.held.items()
                },
                findings=[finding for campaign, sums in days.items() for finding in of_days(campaign, sums)],
            )

    async def _charged(self, tx: Tx, campaign_id: str, held: Sequence[HeldClaim]) -> frozenset[str]:
        keys = [claim.key for claim in held]
        return await self._repository.in_ledger(tx, campaign_id, keys) if keys else frozenset()

    async def _of_claims(self, campaign_id: str, claimed: _Claimed, written: _Written) -> list[Finding]:
        """Takes back what drifted, by its id, if it is still listed as it was."""
        place = self._place(campaign_id, written)
        if place is None:
            return []
        listed = {claim.key: claim for claim in claimed.held[campaign_id]}
        findings = []
        for claim in drifted(self._held(campaign_id, claimed, written), place.last_offset):
            released = await self._budgets.release(campaign_id, listed[claim.key])
            await point("verifier.released")
            self._metrics.released.inc(int(released))
            details: dict[str, str | int] = {
                "key": claim.key,
                "offset": claim.offset,
                "cents": claim.price_cents,
                "released": int(released),
            }
            findings.append(Finding(Disagreement.CLAIM, campaign_id, details))
        return findings

    def _of_view(self, campaign_id: str, claimed: _Claimed, written: _Written) -> list[Finding]:
        """The live view against the ledger. One that an earlier writer left behind is loaded before it is asked."""
        view, place = claimed.views.get(campaign_id), self._place(campaign_id, written)
        if view is None or place is None or view.at.fence != place.fence:
            return []
        held = self._held(campaign_id, claimed, written)
        if drifted(held, place.last_offset):
            return []
        expected = written.clicked.get(campaign_id, 0) + under_way(held, place.last_offset)
        if view.spent.total_cents == expected:
            return []
        details = {"view_cents": view.spent.total_cents, "expected_cents": expected}
        return [Finding(Disagreement.BUDGET, campaign_id, details)]

    async def _of_logs(self) -> list[Finding]:
        """Offsets are dense and only grow: a log that is shorter than what was read of it is another one."""
        async with self._database.read() as tx:
            places = await self._repository.places(tx)
        findings = []
        for number, place in places.items():
            if place.last_offset == 0:
                continue
            partition = Partition(CLICK_LOG, number)
            try:
                window = await self._event_log.read(partition, after=place.last_offset, limit=1)
            except LogBroken as broken:
                findings.append(_broken(partition, place, type(broken).__name__))
                continue
            if place.generation is not None and window.generation != place.generation:
                findings.append(_broken(partition, place, "recreated"))
        return findings

    def _held(self, campaign_id: str, claimed: _Claimed, written: _Written) -> list[Held]:
        known = written.in_ledger[campaign_id]
        return [
            Held(claim.key, claim.offset, claim.price_cents, claim.key in known) for claim in claimed.held[campaign_id]
        ]

    def _place(self, campaign_id: str, written: _Written) -> Place | None:
        return written.places.get(partition_of(campaign_id, self._partitions))

    def _yesterday(self, zone: str) -> date:
        return self._clock.now().astimezone(ZoneInfo(zone)).date() - _A_DAY


def _broken(partition: Partition, place: Place, why: str) -> Finding:
    return Finding(Disagreement.LOG, str(partition), {"last_offset": place.last_offset, "why": why})
