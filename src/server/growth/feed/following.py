"""Who follows whom."""

from dataclasses import dataclass

from server.core.call import Actor
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.errors import AlreadyExists, NotFound
from server.core.pagination import Listing, Page, PageTokens, page_size
from server.directory.ports import People
from server.growth.errors import LimitReached
from server.growth.feed.domain import MOST_FOLLOWED, Follow, TargetKind, check_target
from server.growth.feed.repository import FollowRepository


@dataclass(frozen=True, slots=True)
class Following:
    """Somebody follows, or follows no more."""

    actor: Actor
    target_id: str
    target_kind: TargetKind


@dataclass(frozen=True, slots=True)
class ListFollows:
    """A page of whom somebody follows, or of who follows them."""

    actor: Actor
    user_id: str
    page_size: int
    page_token: str


class FollowUseCases:
    """The operations on the graph."""

    def __init__(
        self, database: Database, repository: FollowRepository, people: People, clock: Clock, pages: PageTokens
    ) -> None:
        self._database = database
        self._repository = repository
        self._people = people
        self._clock = clock
        self._pages = pages

    async def follow(self, command: Following, once: Guard[Follow] | None) -> Follow:
        """Follows somebody else who exists; creators are known to another system and are taken at its word."""
        follower = command.actor.user_id
        check_target(follower, command.target_id, command.target_kind)

        async def work(tx: Tx) -> Follow:
            if await self._repository.count(tx, follower) >= MOST_FOLLOWED:
                raise LimitReached("followed people", MOST_FOLLOWED)
            if command.target_kind is TargetKind.SERVICE_PROFILE:
                profile = await self._people.get(tx, command.target_id)
                if profile is None or profile.erased:
                    raise NotFound(command.target_id)
            follow = Follow(follower, command.target_id, command.target_kind, self._clock.now())
            if not await self._repository.insert(tx, follow):
                raise AlreadyExists(f"the follow of {command.target_id}")
            return follow

        return await self._database.run(work, once=once)

    async def unfollow(self, command: Following, once: Guard[None] | None) -> None:
        """Ends a follow; NotFound where there is none."""

        async def work(tx: Tx) -> None:
            follower = command.actor.user_id
            if not await self._repository.delete(tx, follower, command.target_id, command.target_kind):
                raise NotFound(command.target_id)

        await self._database.run(work, once=once)

    async def following(self, command: ListFollows) -> Page[Follow]:
        """Whom somebody follows, in order of id."""
        listing, after, size = self._listing("ListFollowing", command)
        async with self._database.read() as tx:
            found = await self._repository.followed_by(tx, command.user_id, after=after, limit=size + 1)
        return self._pages.page(listing, found, size, lambda follow: (follow.target_id,))

    async def followers(self, command: ListFollows) -> Page[Follow]:
        """Who follows somebody, in order of id."""
        listing, after, size = self._listing("ListFollowers", command)
        async with self._database.read() as tx:
            found = await self._repository.followers_of(tx, command.user_id, after=after, limit=size + 1)
        return self._pages.page(listing, found, size, lambda follow: (follow.follower_user_id,))

    def _listing(self, method: str, command: ListFollows) -> tuple[Listing, str | None, int]:
        listing = Listing(method, command.actor.user_id, {"user_id": command.user_id})
        position = self._pages.position(listing, command.page_token, length=1)
        return listing, position[0] if position else None, page_size(command.page_size)
