"""What the click stream hears of campaigns."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from callsheet.promo.v1 import log_pb2
from server.adapters.eventlog.delivery import Place
from server.core.clock import Clock
from server.core.db import Tx
from server.core.grpc.proto import timestamp
from server.core.outbox import Event, Outbox, Topic
from server.promo import convert
from server.promo.domain.campaign import Campaign
from server.promo.domain.funds import Funds
from server.promo.domain.partitions import CLICK_LOG, DEAD_LETTERS, RULES_KEY, SWITCHES_KEY, partitions_of
from server.promo.domain.switches import Switchboard

SCHEMA_VERSION = 1
CLICKS = Topic(CLICK_LOG, "control records: what decides about money besides clicks, in order per campaign")
SET_ASIDE = Topic(DEAD_LETTERS, "records that the click stream could not read", kept=timedelta(days=30))


class ControlFeed:
    """Publishes what is in force for a campaign, from the transaction that decides it."""

    def __init__(self, outbox: Outbox, clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock

    async def limits_changed(self, tx: Tx, campaigns: Sequence[Campaign]) -> None:
        await self._outbox.publish_all(tx, CLICKS, [self._limits(campaign) for campaign in campaigns])

    def _limits(self, campaign: Campaign) -> Event:
        record = log_pb2.LogRecord(
            schema_version=SCHEMA_VERSION,
            received_at=timestamp(self._clock.now()),
            control=log_pb2.ControlRecord(
                key=campaign.campaign_id,
                version=campaign.limits_version,
                campaign=convert.campaign_limits(campaign),
            ),
        )
        return Event(campaign.campaign_id, campaign.limits_version, record.SerializeToString())

    async def rules_changed(self, tx: Tx, version: int, book: str) -> None:
        """Every partition decides by these rules from where it hears of them."""
        record = log_pb2.LogRecord(
            schema_version=SCHEMA_VERSION,
            received_at=timestamp(self._clock.now()),
            control=log_pb2.ControlRecord(key=RULES_KEY, version=version, rules=log_pb2.RuleBook(book=book)),
        )
        await self._outbox.publish(tx, CLICKS, key=RULES_KEY, version=version, payload=record.SerializeToString())

    async def debit_requested(self, tx: Tx, debit_id: str, campaign: Campaign, funds: Funds) -> None:
        """Asks for money to be taken. It travels behind everything that was said of the campaign before."""
        record = log_pb2.LogRecord(
            schema_version=SCHEMA_VERSION,
            received_at=timestamp(self._clock.now()),
            control=log_pb2.ControlRecord(
                key=debit_id,
                version=1,
                debit=log_pb2.DebitRequest(
                    campaign_id=campaign.campaign_id,
                    promo_cents=-funds.promo_cents,
                    cash_cents=-funds.cash_cents,
                ),
            ),
        )
        await self._outbox.publish(
            tx, CLICKS, key=campaign.campaign_id, version=campaign.limits_version, payload=record.SerializeToString()
        )

    async def switched(self, tx: Tx, board: Switchboard) -> None:
        """Every partition charges, or does not, as the whole switchboard says from where it hears of it."""
        switches = log_pb2.KillSwitches(
            everything=board.everything, rules=sorted(board.rules), campaigns=sorted(board.campaigns)
        )
        record = log_pb2.LogRecord(
            schema_version=SCHEMA_VERSION,
            received_at=timestamp(self._clock.now()),
            control=log_pb2.ControlRecord(key=SWITCHES_KEY, version=board.version, switches=switches),
        )
        await self._outbox.publish(
            tx, CLICKS, key=SWITCHES_KEY, version=board.version, payload=record.SerializeToString()
        )


def place(partitions: int) -> Place:
    """The partitions that a control record's key leads to."""
    return partial(partitions_of, partitions=partitions)
