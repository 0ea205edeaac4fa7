"""Which orders followed from clicks: told by booking, looked up a little later, when the click has been decided."""

from datetime import UTC, datetime, timedelta

from server.core.clock import Clock
from server.core.db import Database, Tx
from server.core.ids import first_of
from server.core.jobs import Jobs
from server.promo.reports.repository import ReportRepository
from server.promo.reports.timers import ATTRIBUTE_ORDER, DECIDED_WITHIN
from server.promo.tokens import ImpressionToken, TokenVerifier

WITHIN = timedelta(days=7)
"""How long after its impression an order may follow from a click."""

CLOCKS_APART = timedelta(hours=1)
"""The time in a click's id is its device's."""


class OrderAttribution:
    """The `Attribution`, and what its job does."""

    def __init__(
        self, database: Database, reports: ReportRepository, verifier: TokenVerifier, jobs: Jobs, clock: Clock
    ) -> None:
        self._database = database
        self._reports = reports
        self._verifier = verifier
        self._jobs = jobs
        self._clock = clock

    async def ordered(self, tx: Tx, order_id: str, click_token: str) -> None:
        now = self._clock.now()
        payload = {"click_token": click_token, "ordered_at": now.isoformat()}
        await self._jobs.enqueue(tx, ATTRIBUTE_ORDER, key=order_id, payload=payload, run_at=now + DECIDED_WITHIN)

    async def attribute(self, order_id: str, click_token: str, ordered_at: datetime) -> None:
        """Counts the order where one of our tokens says what its buyer saw, and a click on that was not invalid."""
        token = self._verifier.read(click_token).token
        if token is None:
            return
        issued_at = datetime.fromtimestamp(token.issued_at_ms / 1000, UTC)
        if timedelta(0) <= ordered_at - issued_at <= WITHIN:
            await self._database.run(lambda tx: self._count(tx, order_id, token, issued_at, ordered_at))

    async def _count(
        self, tx: Tx, order_id: str, token: ImpressionToken, issued_at: datetime, ordered_at: datetime
    ) -> None:
        clicked = await self._reports.was_clicked(
            tx,
            token.campaign_id,
            token.impression_id,
            since=first_of("pevt", issued_at - CLOCKS_APART),
            until=first_of("pevt", ordered_at + CLOCKS_APART),
        )
        if clicked:
            await self._reports.attribute(
                tx,
                order_id=order_id,
                campaign_id=token.campaign_id,
                impression_id=token.impression_id,
                ordered_at=ordered_at,
            )
