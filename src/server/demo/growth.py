"""The story of growth: a search finds somebody and mails, a follower reads a feed, credit is given, spent and reversed.

Everybody in it is new each time, so that it can be told again.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct
from rich.console import Console
from rich.table import Table

from callsheet.directory.v1 import directory_pb2
from callsheet.directory.v1.directory_pb2_grpc import DirectoryServiceStub
from callsheet.growth.v1 import credit_pb2, feed_pb2, follow_pb2, saved_search_pb2, search_document_pb2
from callsheet.growth.v1.growth_pb2_grpc import GrowthServiceStub
from server.bootstrap.application import application
from server.config import Settings
from server.core.call import Role
from server.core.clock import SystemClock
from server.core.ids import SystemIds
from server.demo.caller import Caller, caller
from server.growth.saved_searches.timers import FIND_DUE

PATIENCE_SECONDS: Final = 30.0
LOOK_EVERY_SECONDS: Final = 0.5
MORNING: Final = 9
QUERY: Final[dict[str, object]] = {
    "all": [{"roles": {"any_of": ["model", "dancer"]}}, {"price_cents": {"lte": 30_000}}]
}


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part."""

    buyer: str
    dancer: str


class Story:
    """Tells it, chapter by chapter."""

    def __init__(self, settings: Settings, calls: Caller, output: Console) -> None:
        self._settings = settings
        self._calls = calls
        self._output = output
        self._growth = GrowthServiceStub(calls.channel)
        ids = SystemIds(SystemClock())
        self._cast = Cast(ids.new("usr"), ids.new("usr"))
        self._suffix = ids.new("srv").removeprefix("srv_")

    async def tell(self) -> bool:
        """Whether everything came about."""
        await self._people()
        alerted = await self._search()
        await self._feed()
        await self._credit()
        return alerted

    async def _people(self) -> None:
        kinds = {
            self._cast.buyer: directory_pb2.USER_KIND_BUYER,
            self._cast.dancer: directory_pb2.USER_KIND_PROVIDER,
        }
        users = [
            directory_pb2.UserUpsert(
                user_id=user_id,
                email=f"{user_id.removeprefix('usr_')}@example.org",
                kinds=[kind],
                time_zone="Europe/Berlin",
            )
            for user_id, kind in kinds.items()
        ]
        await DirectoryServiceStub(self._calls.channel).UpsertUsers(
            directory_pb2.UpsertUsersRequest(users=users), metadata=self._calls.as_("svc_accounts", Role.SERVICE)
        )
        self._output.rule("Growth")
        self._output.print(f"A buyer [bold]{self._cast.buyer}[/] and a dancer [bold]{self._cast.dancer}[/] sign up.")

    async def _search(self) -> bool:
        """A search is saved, somebody who matches appears, and the morning comes."""
        saved = await self._growth.CreateSavedSearch(
            saved_search_pb2.CreateSavedSearchRequest(
                scope=saved_search_pb2.SEARCH_SCOPE_PEOPLE,
                query=ParseDict(QUERY, Struct()),
                city="berlin",
                time_zone=_zone_where_it_is(MORNING, datetime.now(UTC)),
            ),
            metadata=self._calls.as_(self._cast.buyer),
        )
        self._output.print(f"The buyer saves a search, [bold]{saved.saved_search.search_id}[/].")
        await self._growth.UpsertSearchDocuments(
            search_document_pb2.UpsertSearchDocumentsRequest(
                documents=[
                    saved_search_pb2.SearchDocument(
                        document_id=f"srv_{self._suffix}",
                        scope=saved_search_pb2.SEARCH_SCOPE_PEOPLE,
                        owner_user_id=self._cast.dancer,
                        city="berlin",
                        title="Contemporary dance, by the hour",
                        roles=["dancer"],
                        price_cents=18_000,
                    )
                ]
            ),
            metadata=self._calls.as_("svc_catalogue", Role.SERVICE),
        )
        await self._morning()
        alert = await self._alert()
        if alert is None:
            self._output.print("[red]No mail within half a minute: is the worker running?[/]")
            return False
        self._output.print(
            f"In the morning the alert [bold]{alert.alert_id}[/] tells of “{alert.documents[0].title}”, "
            "and its mail is in the catcher that `make up` names."
        )
        return True

    async def _morning(self) -> None:
        """What the schedule does every quarter of an hour, now."""
        async with application(self._settings, "demo") as app:
            core = app.core
            key = core.clock.now().isoformat()
            await core.database.run(lambda tx: core.jobs.enqueue(tx, FIND_DUE, key=key))

    async def _alert(self) -> saved_search_pb2.SavedSearchAlert | None:
        """The alert as soon as its mail was taken."""
        request = saved_search_pb2.ListSavedSearchAlertsRequest()
        for _ in range(int(PATIENCE_SECONDS / LOOK_EVERY_SECONDS)):
            found = await self._growth.ListSavedSearchAlerts(request, metadata=self._calls.as_(self._cast.buyer))
            if found.alerts and found.alerts[0].email_sent:
                return found.alerts[0]
            await asyncio.sleep(LOOK_EVERY_SECONDS)
        return None

    async def _feed(self) -> None:
        """The dancer goes on tour, and the buyer reads of it."""
        dancer, buyer = self._calls.as_(self._cast.dancer), self._calls.as_(self._cast.buyer)
        await self._growth.Follow(
            follow_pb2.FollowRequest(target_id=self._cast.dancer, target_kind=follow_pb2.TARGET_KIND_SERVICE_PROFILE),
            metadata=buyer,
        )
        content = feed_pb2.PostContent(
            kind=feed_pb2.POST_KIND_TOURING,
            title="In Lisbon for a week",
            role_tags=["dancer"],
            city="lisbon",
            starts_on="2027-03-01",
            ends_on="2027-03-07",
        )
        draft = await self._growth.CreateFeedPost(feed_pb2.CreateFeedPostRequest(content=content), metadata=dancer)
        await self._growth.PublishFeedPost(feed_pb2.PublishFeedPostRequest(feed_id=draft.post.feed_id), metadata=dancer)
        home = await self._growth.ListHomeFeed(feed_pb2.ListHomeFeedRequest(page_size=5), metadata=buyer)
        titles = ", ".join(f"“{shown.post.content.title}”" for shown in home.posts)
        self._output.print(f"The buyer follows the dancer and reads: {titles}.")

    async def _credit(self) -> None:
        """A goodwill, an order's fee, and half of it back."""
        service = self._calls.as_("svc_booking", Role.SERVICE)
        buyer = self._cast.buyer
        await self._growth.GrantCredit(
            credit_pb2.GrantCreditRequest(
                user_id=buyer,
                amount_cents=1_500,
                currency="usd",
                scope=credit_pb2.CREDIT_SCOPE_BUYER_FEE_ONLY,
                reason="goodwill",
                related_id=f"sca_{self._suffix}",
            ),
            metadata=self._calls.as_("usr_finance", Role.FINANCE),
        )
        redeemed = await self._growth.RedeemCredit(
            credit_pb2.RedeemCreditRequest(
                user_id=buyer,
                amount_cents=1_000,
                currency="usd",
                scope=credit_pb2.CREDIT_SCOPE_BUYER_FEE_ONLY,
                reason="order",
                related_id=f"ord_{self._suffix}",
            ),
            metadata=service,
        )
        await self._growth.ReverseRedeem(
            credit_pb2.ReverseRedeemRequest(
                user_id=buyer,
                amount_cents=500,
                entry_id=redeemed.entry.entry_id,
                reason="refund",
                related_id=f"ref_{self._suffix}",
            ),
            metadata=service,
        )
        ledger = await self._growth.ListCreditEntries(
            credit_pb2.ListCreditEntriesRequest(user_id=buyer), metadata=self._calls.as_(buyer)
        )
        self._output.print(_ledger(list(ledger.entries)))


async def play(settings: Settings, output: Console) -> bool:
    """Plays the story; whether everything came about."""
    async with caller(settings) as calls:
        return await Story(settings, calls, output).tell()


def _ledger(entries: list[credit_pb2.CreditEntry]) -> Table:
    """The ledger, oldest first, with the balance after each line."""
    table = Table("line", "kind", "why", "cents", "balance", "hash", title="The buyer's credit")
    balance = 0
    for entry in reversed(entries):
        signed = entry.amount_cents if entry.kind == credit_pb2.CREDIT_ENTRY_KIND_AWARD else -entry.amount_cents
        balance += signed
        kind = credit_pb2.CreditEntryKind.Name(entry.kind).removeprefix("CREDIT_ENTRY_KIND_").lower()
        table.add_row(str(entry.sequence), kind, entry.reason, f"{signed:+,}", f"{balance:,}", entry.hash.hex()[:12])
    return table


def _zone_where_it_is(hour: int, now: datetime) -> str:
    """A zone where it is that hour now, so that nobody waits for the morning."""
    offset = (hour - now.hour + 11) % 24 - 11
    return f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT"
