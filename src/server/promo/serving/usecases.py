"""Selects what a search shows. Nothing is asked of the database: the board has it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from server.adapters.viewings import Viewings
from server.core.clock import Clock
from server.core.errors import FieldInvalid, Violation
from server.core.ids import Ids
from server.promo.domain.campaign import Format, Surface
from server.promo.domain.policy import Place
from server.promo.hashes import ViewerHashes
from server.promo.serving.board import Board
from server.promo.serving.counting import Counts
from server.promo.serving.domain.slots import Page, Placed, arrange
from server.promo.serving.domain.unserved import Unserved
from server.promo.serving.examining import Draw, examine
from server.promo.serving.keeping import Keeper
from server.promo.serving.metrics import ServingMetrics
from server.promo.serving.times import milliseconds, seconds
from server.promo.tokens import ImpressionToken, TokenSigner


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody looks for, and who looks; of nobody known, both names are empty."""

    place: Place
    keywords: tuple[str, ...]
    query_hash: str
    user_id: str
    device: str
    organic_count: int
    fold: int


@dataclass(frozen=True, slots=True)
class Placement:
    """A listing that is shown, where, and what its events have to carry."""

    position: int
    format: Format
    campaign_id: str
    listing_id: str
    impression_id: str
    token: str


class PlacementUseCases:
    """Answers searches from a server's memory."""

    def __init__(
        self,
        keeper: Keeper,
        counts: Counts,
        viewings: Viewings,
        hashes: ViewerHashes,
        signer: TokenSigner,
        clock: Clock,
        ids: Ids,
        draw: Draw,
        metrics: ServingMetrics,
    ) -> None:
        self._keeper = keeper
        self._counts = counts
        self._viewings = viewings
        self._hashes = hashes
        self._signer = signer
        self._clock = clock
        self._ids = ids
        self._draw = draw
        self._metrics = metrics

    async def select(self, search: Search) -> Sequence[Placement]:
        """The placements of one page, from its top. Where nothing is sold, there are none."""
        check_search(search)
        board, now = self._keeper.board(), self._clock.now()
        policy = board.policies.get(search.place)
        if policy is None:
            return ()
        viewer = self._hashes.viewer(search.user_id, search.device)
        seen = await self._viewings.of(viewer, now.date()) if viewer else {}
        page = Page(search.organic_count, search.fold, policy.max_density_top20, policy.max_above_fold)
        placed = self._fill(board, search, page, seen, now)
        shown = [
            self._signed(search, one, viewer_hash=viewer, served_today=sum(seen.values()) + len(placed), now=now)
            for one in placed
        ]
        if viewer and shown:
            await self._viewings.shown(viewer, now.date(), [placement.campaign_id for placement in shown])
        self._metrics.served(len(shown))
        return shown

    def _fill(
        self, board: Board, search: Search, page: Page, seen: Mapping[str, int], now: datetime
    ) -> Sequence[Placed]:
        """Who stands where. It waits for nothing, so no other search can take the same money in between."""
        at = seconds(now)
        examined = examine(
            board.fitting(search.place, search.keywords),
            keywords=search.keywords,
            seen=seen,
            page=page,
            at=at,
            draw=self._draw,
        )
        arrangement = arrange(page, [contender for contender, _ in examined.contenders.values()])
        for campaign_id, reason in examined.refused.items():
            if reason is Unserved.BUDGET_IN_FLIGHT:
                board.rest(campaign_id)
        for placed in arrangement.placed:
            _, entry = examined.contenders[placed.contender.campaign_id]
            self._keeper.shown(entry, at)
        left_out = {contender.campaign_id: reason for contender, reason in arrangement.left_out}
        self._counts.searched(search.place, now, {**examined.refused, **left_out})
        return arrangement.placed

    def _signed(
        self, search: Search, placed: Placed, *, viewer_hash: str, served_today: int, now: datetime
    ) -> Placement:
        """The placement, with everything that a click on it will be judged by."""
        contender = placed.contender
        impression_id = self._ids.new("pimp")
        token = ImpressionToken(
            campaign_id=contender.campaign_id,
            impression_id=impression_id,
            issued_at_ms=milliseconds(now),
            price_cents=contender.price_cents,
            slot=placed.position,
            served_today=served_today,
            surface=search.place.surface,
            viewer_hash=viewer_hash,
            listing_id=contender.listing_id,
            role=search.place.role or "",
            city=search.place.city,
            query_hash=search.query_hash,
        )
        return Placement(
            position=placed.position,
            format=contender.format,
            campaign_id=contender.campaign_id,
            listing_id=contender.listing_id,
            impression_id=impression_id,
            token=self._signer.sign(token),
        )


def check_search(search: Search) -> None:
    """What the proto's rules cannot say: a role is looked for among people, and nowhere else."""
    if (search.place.surface is Surface.PEOPLE_SEARCH) != (search.place.role is not None):
        raise FieldInvalid(Violation("role", f"must be given exactly on {Surface.PEOPLE_SEARCH}"))
