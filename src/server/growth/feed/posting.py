"""What authors, administrators and cases do with posts."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from server.core.call import Actor, Role
from server.core.clock import Clock
from server.core.db import Database, Guard, Tx
from server.core.errors import FieldInvalid, NotFound, NotSelf, Violation
from server.core.ids import Ids
from server.growth.feed.domain import FeedPost, PostContent, check_content, edited, published, unpublished
from server.growth.feed.repository import FeedRepository


@dataclass(frozen=True, slots=True)
class CreatePost:
    """An author writes a draft; a service may name the author."""

    actor: Actor
    author_id: str
    content: PostContent


@dataclass(frozen=True, slots=True)
class UpdatePost:
    """An author replaces parts of a post."""

    actor: Actor
    feed_id: str
    version: int
    change: Callable[[PostContent], PostContent]


@dataclass(frozen=True, slots=True)
class MovePost:
    """An author publishes a post or takes it back."""

    actor: Actor
    feed_id: str


class PostUseCases:
    """The operations on posts."""

    def __init__(self, database: Database, repository: FeedRepository, clock: Clock, ids: Ids) -> None:
        self._database = database
        self._repository = repository
        self._clock = clock
        self._ids = ids

    async def create(self, command: CreatePost, once: Guard[FeedPost] | None) -> FeedPost:
        """Stores a draft."""
        author_id = command.author_id or command.actor.user_id
        if author_id != command.actor.user_id and not command.actor.has(Role.SERVICE):
            raise NotSelf("author_id")
        if not author_id.startswith(("usr_", "fsc_")):
            raise FieldInvalid(Violation("author_id", "must name a person or a creator"))
        check_content(command.content)

        async def work(tx: Tx) -> FeedPost:
            now = self._clock.now()
            post = FeedPost(
                feed_id=self._ids.new("fdp"),
                author_id=author_id,
                content=command.content,
                verified=False,
                is_published=False,
                published_at=None,
                hidden_by_case=None,
                version=1,
                created_at=now,
                updated_at=now,
            )
            await self._repository.insert(tx, post)
            return post

        return await self._database.run(work, once=once)

    async def update(self, command: UpdatePost, once: Guard[FeedPost] | None) -> FeedPost:
        """Replaces parts of a post."""

        async def work(tx: Tx) -> FeedPost:
            post = await self._own(tx, command.feed_id, command.actor)
            after = edited(post, command.change(post.content), command.version, now=self._clock.now())
            await self._repository.save(tx, after)
            return after

        return await self._database.run(work, once=once)

    async def publish(self, command: MovePost, once: Guard[FeedPost] | None) -> FeedPost:
        """Shows a post, unless a case hides it; what is shown already stays so."""
        return await self._moved(command, lambda post: published(post, now=self._clock.now()), once)

    async def unpublish(self, command: MovePost, once: Guard[FeedPost] | None) -> FeedPost:
        """Makes a draft of a post again."""
        return await self._moved(command, lambda post: unpublished(post, now=self._clock.now()), once)

    async def verify(self, feed_id: str, once: Guard[FeedPost] | None, *, verified: bool) -> FeedPost:
        """Sets the chip that says we have checked what the post claims."""

        async def work(tx: Tx) -> FeedPost:
            post = await self._locked(tx, feed_id)
            after = replace(post, verified=verified, version=post.version + 1, updated_at=self._clock.now())
            await self._repository.save(tx, after)
            return after

        return await self._database.run(work, once=once)

    async def _moved(
        self, command: MovePost, move: Callable[[FeedPost], FeedPost], once: Guard[FeedPost] | None
    ) -> FeedPost:
        async def work(tx: Tx) -> FeedPost:
            post = await self._own(tx, command.feed_id, command.actor)
            after = move(post)
            if after is not post:
                await self._repository.save(tx, after)
            return after

        return await self._database.run(work, once=once)

    async def _own(self, tx: Tx, feed_id: str, actor: Actor) -> FeedPost:
        post = await self._locked(tx, feed_id)
        if post.author_id != actor.user_id and not actor.has(Role.SERVICE):
            raise NotFound(feed_id)
        return post

    async def _locked(self, tx: Tx, feed_id: str) -> FeedPost:
        post = await self._repository.lock(tx, feed_id)
        if post is None:
            raise NotFound(feed_id)
        return post


class PostModeration:
    """Hiding posts inside somebody's transaction, for the cases of Support. Begins and commits nothing."""

    def __init__(self, repository: FeedRepository, clock: Clock) -> None:
        self._repository = repository
        self._clock = clock

    async def author(self, tx: Tx, feed_id: str) -> str:
        """Whose post it is; NotFound where there is none. Locks the post."""
        return (await self._locked(tx, feed_id)).author_id

    async def hide(self, tx: Tx, feed_id: str, case_id: str) -> None:
        """Shows the post to nobody, whatever its author does; NotFound where there is none."""
        await self._set(tx, feed_id, case_id)

    async def show(self, tx: Tx, feed_id: str) -> None:
        """Leaves the post to its author again."""
        await self._set(tx, feed_id, None)

    async def _set(self, tx: Tx, feed_id: str, case_id: str | None) -> None:
        post = await self._locked(tx, feed_id)
        after = replace(post, hidden_by_case=case_id, version=post.version + 1, updated_at=self._clock.now())
        await self._repository.save(tx, after)

    async def _locked(self, tx: Tx, feed_id: str) -> FeedPost:
        post = await self._repository.lock(tx, feed_id)
        if post is None:
            raise NotFound(feed_id)
        return post
