"""What tests of promo's events start from: a viewer who was shown a listing, and what is told of them."""

from collections.abc import Sequence
from datetime import datetime

from callsheet.promo.v1 import events_pb2 as pb
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from server.adapters.eventlog.codec import Events, decode
from server.adapters.eventlog.port import EventLog, Partition
from server.core.call import Role
from server.core.clock import SystemClock, unix_microseconds
from server.core.ids import SystemIds
from server.promo.domain.campaign import Surface
from server.promo.domain.partitions import CLICK_LOG
from server.promo.hashes import ViewerHashes
from server.promo.tokens import ImpressionToken, TokenKeys, TokenSigner
from tests.rpc.harness import TOKEN_KEYS, as_user

IDS = SystemIds(SystemClock())
HASHES = ViewerHashes(b"pepper")
KEYS = TokenKeys.parse(TOKEN_KEYS)
BFF = as_user("svc_bff", Role.SERVICE)
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def placement(campaign_id: str = "", *, issued_at: datetime | None = None, **changes: object) -> ImpressionToken:
    """A token's content: a listing that was shown just now."""
    token = ImpressionToken(
        issued_at_ms=unix_microseconds(issued_at or SystemClock().now()) // 1000,
        price_cents=150,
        slot=3,
        served_today=7,
        surface=Surface.PEOPLE_SEARCH,
        campaign_id=campaign_id or IDS.new("pcmp"),
        impression_id=IDS.new("pimp"),
        viewer_hash=HASHES.viewer("", "device-1"),
        listing_id="srv_1",
        role="photographer",
        city="berlin",
        query_hash="q1",
    )
    return token._replace(**changes)  # type: ignore[arg-type]  # whatever a test changes


def event(shown: ImpressionToken, **changes: object) -> pb.ViewerEvent:
    """A click on that placement, with its signed token."""
    usual: dict[str, object] = {
        "event_id": IDS.new("pevt"),
        "type": pb.EVENT_TYPE_CLICK,
        "campaign_id": shown.campaign_id,
        "impression_id": shown.impression_id,
        "token": TokenSigner(KEYS).sign(shown),
        "role": "photographer",
        "city": "berlin",
        "query_hash": "q1",
        "device": "device-1",
        "ip_address": "192.0.2.7",
        "user_agent": BROWSER,
    }
    return pb.ViewerEvent(**{**usual, **changes})  # type: ignore[arg-type]  # whatever a test changes


async def recorded(promo: PromoServiceStub, *events: pb.ViewerEvent) -> list[pb.EventOutcome]:
    """What became of a batch."""
    answer = await promo.RecordEvents(pb.RecordEventsRequest(events=events), metadata=BFF)
    return list(answer.outcomes)


async def logged(log: EventLog, partitions: int = 4) -> list[dict[str, object]]:
    """The events of the log, partition by partition."""
    return [row for number in range(partitions) for batch in await batches(log, number) for row in rows(batch)]


async def batches(log: EventLog, number: int) -> list[Events]:
    """The batches of a partition, in order."""
    window = await log.read(Partition(CLICK_LOG, number), after=0, limit=1000)
    found = [decode(entry.record) for entry in window.entries]
    return [batch for batch in found if isinstance(batch, Events)]


def rows(batch: Events) -> Sequence[dict[str, object]]:
    found: list[dict[str, object]] = batch.columns.to_pylist()
    return found
