"""Feeds: pages of posts, newest first, that neither repeat nor skip nor shrink.

A page continues behind the place of its last post, which is fixed by that post's first publication. What is published
meanwhile lands before the reader; what is hidden or filtered is left out by the query itself, so a page is always as
full as the rest of the feed allows.

The home feed is gathered when it is read. Whoever follows few has each author's newest posts merged. Whoever follows
many finds a page among the newest posts of all; where that window holds too few, the authors are merged after all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from server.core.call import Actor
from server.core.db import Database, Tx
from server.core.errors import NotFound
from server.core.pagination import Listing, Page, PageTokens, page_size
from server.directory.ports import People
from server.growth.feed.domain import FeedPost, Viewer
from server.growth.feed.repository import NEWEST, FeedRepository, FollowRepository, Place

FEW_AUTHORS = 200
WINDOW = 4_000
NOBODY = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A post as one viewer sees it."""

    post: FeedPost
    blurred: bool


@dataclass(frozen=True, slots=True)
class ReadFeed:
    """A page of a feed; nobody in particular may read some of them."""

    actor: Actor | None
    page_size: int
    page_token: str
    author_id: str = ""
    city: str = ""
    roles: Sequence[str] = ()


class FeedReading:
    """The feeds."""

    def __init__(
        self,
        database: Database,
        posts: FeedRepository,
        follows: FollowRepository,
        people: People,
        pages: PageTokens,
    ) -> None:
        self._database = database
        self._posts = posts
        self._follows = follows
        self._people = people
        self._pages = pages

    async def get(self, feed_id: str, actor: Actor | None) -> Shown:
        """One post: for its author and for staff always, for others where they would be shown it."""
        async with self._database.read() as tx:
            post = await self._posts.get(tx, feed_id)
            viewer = await self._viewer(tx, actor)
        known = actor is not None and post is not None and (actor.sees_everybody or actor.user_id == post.author_id)
        if post is None or not (known or (post.is_visible and post.content.nsfw_band <= viewer.highest_band)):
            raise NotFound(feed_id)
        return Shown(post, viewer.sees_blurred(post))

    async def home(self, command: ReadFeed) -> Page[Shown]:
        """Posts of whom the caller follows; of anybody for one who follows nobody."""
        listing, before, size = self._listing("ListHomeFeed", command)
        async with self._database.read() as tx:
            viewer = await self._viewer(tx, command.actor)
            posts = await self._home(tx, viewer, before, size + 1)
        return self._page(listing, posts, size, viewer)

    async def author(self, command: ReadFeed) -> Page[Shown]:
        """What one author has published."""
        listing, before, size = self._listing("ListAuthorFeed", command)
        async with self._database.read() as tx:
            viewer = await self._viewer(tx, command.actor)
            posts = await self._posts.of_authors(
                tx, [command.author_id], highest_band=viewer.highest_band, before=before, limit=size + 1
            )
        return self._page(listing, posts, size, viewer)

    async def discover(self, command: ReadFeed) -> Page[Shown]:
        """What anybody has published, in a city or of some roles where they are named."""
        listing, before, size = self._listing("DiscoverFeed", command)
        async with self._database.read() as tx:
            viewer = await self._viewer(tx, command.actor)
            posts = await self._posts.discovered(
                tx, command.city, command.roles, highest_band=viewer.highest_band, before=before, limit=size + 1
            )
        return self._page(listing, posts, size, viewer)

    async def _home(self, tx: Tx, viewer: Viewer, before: Place, limit: int) -> list[FeedPost]:
        user_id, band = viewer.user_id or NOBODY, viewer.highest_band
        authors = await self._follows.some_followed(tx, user_id, limit=FEW_AUTHORS + 1)
        if not authors:
            return await self._posts.discovered(tx, "", (), highest_band=band, before=before, limit=limit)
        if len(authors) <= FEW_AUTHORS:
            return await self._posts.of_authors(tx, sorted(set(authors)), highest_band=band, before=before, limit=limit)
        found = await self._posts.of_followed_among_newest(
            tx, user_id, highest_band=band, before=before, window=WINDOW, limit=limit
        )
        if len(found) == limit:
            return found
        return await self._posts.of_all_followed(tx, user_id, highest_band=band, before=before, limit=limit)

    async def _viewer(self, tx: Tx, actor: Actor | None) -> Viewer:
        if actor is None:
            return Viewer(None)
        profile = await self._people.get(tx, actor.user_id)
        return Viewer(actor.user_id, 0 if profile is None else profile.nsfw_preference)

    def _listing(self, method: str, command: ReadFeed) -> tuple[Listing, Place, int]:
        principal = NOBODY if command.actor is None else command.actor.user_id
        filters = {"author_id": command.author_id, "city": command.city, "roles": sorted(command.roles)}
        listing = Listing(method, principal, filters)
        position = self._pages.position(listing, command.page_token, length=2)
        before = Place(datetime.fromisoformat(position[0]), position[1]) if position else NEWEST
        return listing, before, page_size(command.page_size)

    def _page(self, listing: Listing, posts: Sequence[FeedPost], size: int, viewer: Viewer) -> Page[Shown]:
        shown = [Shown(post, viewer.sees_blurred(post)) for post in posts]
        return self._pages.page(listing, shown, size, _place)


def _place(shown: Shown) -> tuple[str, str]:
    """Where a post stands in every feed."""
    published_at = shown.post.published_at
    if published_at is None:
        raise ValueError("only what is published is in a feed")
    return published_at.isoformat(), shown.post.feed_id
