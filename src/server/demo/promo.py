"""The story of a sponsored listing: a card pays into its budget, searches show it, viewers click, and the budget moves
by what the clicks were worth: not by the one that came twice, nor by the one whose token was tampered with. Each click
says what was decided about it, by which rule, and what it cost.

Its city and everybody in it is new each time, so that it can be told again.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import grpc
from rich.console import Console
from rich.table import Column, Table

from callsheet.promo.v1 import budget_pb2, campaign_pb2, click_pb2, events_pb2, placement_pb2, policy_pb2, topup_pb2
from callsheet.promo.v1 import campaign_calls_pb2 as calls_pb2
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from server.config import Settings
from server.core.call import Role
from server.core.clock import SystemClock
from server.core.ids import Ids, SystemIds
from server.demo.caller import caller
from server.demo.stage import Stage, money

PATIENCE_SECONDS: Final = 30.0
LOOK_EVERY_SECONDS: Final = 0.25
LOOKED_AT_SECONDS: Final = 1.5
"""So long a viewer looks at a page before clicking: a click within a moment would be a machine's."""
PAID_CENTS: Final = 1_500
CREDIT_CENTS: Final = 300
"""A welcome, which is spent before cash."""
CPC_CENTS: Final = 120
VIEWERS: Final = 3
AGENT: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part, and where."""

    advertiser: str
    listing: str
    city: str


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who searches, from a device and an address of their own."""

    device: str
    address: str


class Story:
    """Tells it, chapter by chapter."""

    def __init__(self, stage: Stage) -> None:
        calls = stage.calls
        self._stage = stage
        self._calls = calls
        self._output = stage.output
        self._promo = PromoServiceStub(calls.channel)
        self._ids: Ids = SystemIds(SystemClock())
        suffix = self._ids.new("srv").removeprefix("srv_")
        self._cast = Cast(self._ids.new("usr"), f"srv_{suffix}", f"town-{suffix}")
        self._service = calls.as_("svc_bff", Role.SERVICE)
        self._viewers = [Viewer(self._ids.new("device"), f"198.51.100.{number}") for number in range(1, VIEWERS + 1)]

    async def tell(self) -> bool:
        """Whether everything came about."""
        self._output.rule("Promo")
        campaign_id = await self._campaign()
        shown = await self._searches()
        if len(shown) < VIEWERS:
            self._output.print("[red]Nothing was shown within half a minute: is the server up to date?[/]")
            return False
        sent = await self._clicks(shown)
        return await self._budget(campaign_id) and await self._verdicts(campaign_id, sent)

    async def _campaign(self) -> str:
        """A town is opened for sponsored listings, and somebody pays to be seen there."""
        owner = self._calls.as_(self._cast.advertiser)
        await self._promo.PutPolicy(
            policy_pb2.PutPolicyRequest(
                surface=campaign_pb2.SURFACE_PEOPLE_SEARCH,
                role="photographer",
                city=self._cast.city,
                cpc_floor_cents=CPC_CENTS // 2,
                max_density_top20=2,
                max_above_fold=1,
            ),
            metadata=self._calls.as_("usr_admin", Role.ADMIN),
        )
        advertiser = await self._promo.CreateAdvertiser(calls_pb2.CreateAdvertiserRequest(), metadata=owner)
        request = calls_pb2.CreateCampaignRequest(
            advertiser_id=advertiser.advertiser.advertiser_id, terms=self._terms()
        )
        campaign_id = (await self._promo.CreateCampaign(request, metadata=owner)).campaign.campaign_id
        await self._promo.GrantCredit(
            budget_pb2.GrantCreditRequest(
                campaign_id=campaign_id,
                amount_cents=CREDIT_CENTS,
                source=budget_pb2.CREDIT_SOURCE_GRANT,
                reason="welcome",
                idempotency_key=self._ids.new("key"),
            ),
            metadata=self._calls.as_("usr_finance", Role.FINANCE),
        )
        await self._pay(campaign_id)
        await self._promo.ActivateCampaign(calls_pb2.ActivateCampaignRequest(campaign_id=campaign_id), metadata=owner)
        self._output.print(
            f"A photographer opens the campaign [bold]{campaign_id}[/] in {self._cast.city}, pays "
            f"{CPC_CENTS} cents a click, and has {PAID_CENTS + CREDIT_CENTS:,} cents to spend."
        )
        return campaign_id

    async def _pay(self, campaign_id: str) -> None:
        """The photographer's card is saved by their device, and pays."""
        card = await self._stage.card(self._cast.advertiser)
        request = topup_pb2.TopUpCampaignRequest(
            campaign_id=campaign_id,
            amount_cents=PAID_CENTS,
            payment_method_id=card,
            idempotency_key=self._ids.new("key"),
        )
        answer = await self._promo.TopUpCampaign(request, metadata=self._calls.as_(self._cast.advertiser))
        status = topup_pb2.TopUpStatus.Name(answer.topup.status).removeprefix("TOP_UP_STATUS_").lower()
        self._output.print(f"A card pays {money(PAID_CENTS)} into the budget: {answer.topup.topup_id}, {status}")

    def _terms(self) -> campaign_pb2.CampaignTerms:
        return campaign_pb2.CampaignTerms(
            name="Portraits",
            target_entity_type=campaign_pb2.TARGET_ENTITY_TYPE_SERVICE_PROFILE,
            target_entity_id=self._cast.listing,
            surface=campaign_pb2.SURFACE_PEOPLE_SEARCH,
            format=campaign_pb2.FORMAT_FEATURED,
            city_targets=[self._cast.city],
            role_targets=["photographer"],
            start_date=datetime.now(UTC).date().isoformat(),
            end_date=(datetime.now(UTC) + timedelta(days=30)).date().isoformat(),
            time_zone="Etc/UTC",
            cpc_cents=CPC_CENTS,
            daily_budget_cents=PAID_CENTS,
            total_budget_mode=campaign_pb2.TOTAL_BUDGET_MODE_UNLIMITED,
            pacing_mode=campaign_pb2.PACING_MODE_ACCELERATED,
        )

    async def _searches(self) -> list[tuple[Viewer, placement_pb2.Placement]]:
        """Each viewer searches until the listing is on the page."""
        shown = []
        for viewer in self._viewers:
            placement = await self._search(viewer)
            if placement is not None:
                shown.append((viewer, placement))
        if shown:
            self._output.print(f"{len(shown)} viewers search and see it, at position {shown[0][1].position}.")
        return shown

    async def _search(self, viewer: Viewer) -> placement_pb2.Placement | None:
        request = placement_pb2.SelectPlacementsRequest(
            surface=campaign_pb2.SURFACE_PEOPLE_SEARCH,
            role="photographer",
            city=self._cast.city,
            query_hash="portraits",
            device=viewer.device,
            organic_count=12,
        )
        for _ in range(int(PATIENCE_SECONDS / LOOK_EVERY_SECONDS)):
            try:
                found = await self._promo.SelectPlacements(request, metadata=self._service)
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.UNAVAILABLE:
                    raise
            else:
                if found.placements:
                    return found.placements[0]
            await asyncio.sleep(LOOK_EVERY_SECONDS)
        return None

    async def _clicks(self, shown: list[tuple[Viewer, placement_pb2.Placement]]) -> int:
        """Everybody clicks once, one of them once more, and somebody with a token that says less than it did."""
        impressions = [self._event(viewer, placement, events_pb2.EVENT_TYPE_IMPRESSION) for viewer, placement in shown]
        await self._record(impressions)
        await asyncio.sleep(LOOKED_AT_SECONDS)
        clicks = [self._event(viewer, placement, events_pb2.EVENT_TYPE_CLICK) for viewer, placement in shown]
        await self._record(clicks)
        again = self._event(*shown[0], events_pb2.EVENT_TYPE_CLICK)
        forged = self._event(*shown[1], events_pb2.EVENT_TYPE_CLICK)
        forged.token = forged.token[:-6] + "AAAAAA"
        await self._record([again, forged])
        self._output.print(
            f"They click {len(clicks)} times; one clicks twice, and one click comes with a forged token."
        )
        return len(clicks) + 2

    def _event(
        self, viewer: Viewer, placement: placement_pb2.Placement, kind: events_pb2.EventType.ValueType
    ) -> events_pb2.ViewerEvent:
        return events_pb2.ViewerEvent(
            event_id=self._ids.new("pevt"),
            type=kind,
            campaign_id=placement.campaign_id,
            impression_id=placement.impression_id,
            token=placement.token,
            role="photographer",
            city=self._cast.city,
            query_hash="portraits",
            device=viewer.device,
            ip_address=viewer.address,
            user_agent=AGENT,
        )

    async def _record(self, events: list[events_pb2.ViewerEvent]) -> None:
        await self._promo.RecordEvents(events_pb2.RecordEventsRequest(events=events), metadata=self._service)

    async def _budget(self, campaign_id: str) -> bool:
        """The budget moves as the stream decides."""
        due = VIEWERS * CPC_CENTS
        budget = budget_pb2.Budget()
        for _ in range(int(PATIENCE_SECONDS / LOOK_EVERY_SECONDS)):
            request = budget_pb2.GetBudgetRequest(campaign_id=campaign_id)
            answer = await self._promo.GetBudget(request, metadata=self._calls.as_(self._cast.advertiser))
            budget = answer.budget
            if budget.spent_today_cents >= due:
                break
            await asyncio.sleep(LOOK_EVERY_SECONDS)
        entries = await self._promo.ListBudgetEntries(
            budget_pb2.ListBudgetEntriesRequest(campaign_id=campaign_id),
            metadata=self._calls.as_(self._cast.advertiser),
        )
        self._output.print(_ledger(list(entries.entries)))
        if budget.spent_today_cents != due:
            self._output.print(
                f"[red]{budget.spent_today_cents} cents were charged, not {due}: is the stream running?[/]"
            )
            return False
        self._output.print(
            f"Charged: {budget.spent_today_cents} cents for {VIEWERS} clicks. Left: {budget.balance_cents:,} cents."
        )
        return True

    async def _verdicts(self, campaign_id: str, sent: int) -> bool:
        """Every click says what was decided about it; whether what they cost is what the budget lost."""
        owner, clicks = self._calls.as_(self._cast.advertiser), list[click_pb2.Click]()
        for _ in range(int(PATIENCE_SECONDS / LOOK_EVERY_SECONDS)):
            answer = await self._promo.ListClicks(click_pb2.ListClicksRequest(campaign_id=campaign_id), metadata=owner)
            clicks = list(answer.clicks)
            if len(clicks) == sent:
                break
            await asyncio.sleep(LOOK_EVERY_SECONDS)
        click_id, entry_id = Column("click", overflow="fold"), Column("entry", overflow="fold")
        table = Table(click_id, "verdict", "rule", "cents", entry_id, title="Every click")
        for click in sorted(clicks, key=lambda one: one.event_id):
            table.add_row(*_click(click))
        self._output.print(table)
        cost = sum(click.charged_cents - click.credited_cents for click in clicks)
        adds_up = len(clicks) == sent and cost == VIEWERS * CPC_CENTS
        mark = "[green]✓[/]" if adds_up else "[red]✗[/]"
        self._output.print(f"{len(clicks)} clicks, {cost} cents {mark}")
        return adds_up


def _click(click: click_pb2.Click) -> tuple[str, ...]:
    """What was decided about a click, and what it cost."""
    verdict = click_pb2.ClickVerdict.Name(click.verdict).removeprefix("CLICK_VERDICT_").lower()
    rule = "–"
    if click.rule:
        rule = (
            f"{click_pb2.ClickRule.Name(click.rule).removeprefix('CLICK_RULE_').lower()}, version {click.rule_version}"
        )
    charged = click.charged_cents - click.credited_cents
    effect = f"[green]-{charged}[/]" if charged else "[yellow]nothing[/]"
    return click.event_id, verdict, rule, effect, click.spend_entry_id or "–"


def _ledger(entries: list[budget_pb2.BudgetEntry]) -> Table:
    """The ledger, oldest first, with the balance after each line."""
    table = Table("line", "kind", "cents", "balance", "hash", title="The campaign's budget")
    balance = 0
    for number, entry in enumerate(reversed(entries), start=1):
        balance += entry.amount_cents
        kind = budget_pb2.BudgetEntryKind.Name(entry.kind).removeprefix("BUDGET_ENTRY_KIND_").lower()
        table.add_row(str(number), kind, f"{entry.amount_cents:+,}", f"{balance:,}", entry.hash[:12])
    return table


async def play(settings: Settings, output: Console) -> bool:
    """Plays the story; whether everything came about."""
    async with caller(settings) as calls:
        return await Story(Stage(calls, output)).tell()
