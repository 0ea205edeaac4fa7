"""Rows of posts and follows, and what they mean."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from callsheet.sql.growth_feed import Queries
from server.core.db import Record, Tx, load_queries
from server.growth.feed.domain import FeedPost, Follow, MediaPreview, PostContent, PostKind, TargetKind

_queries = load_queries("server.growth.feed", Queries)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reader is: everything before this is older."""

    published_at: datetime
    feed_id: str


NEWEST = Place(datetime(9999, 12, 31, tzinfo=UTC), "")


class FollowRepository:
    """Reads and writes who follows whom, on the caller's transaction."""

    async def count(self, tx: Tx, user_id: str) -> int:
        """How many somebody follows, holding others off until the transaction ends."""
        await _queries.lock_person(tx, user_id=user_id)
        found = await _queries.count_followed(tx, user_id=user_id)
        return found if isinstance(found, int) else 0

    async def insert(self, tx: Tx, follow: Follow) -> bool:
        """Whether that is new."""
        made = await _queries.insert_follow(
            tx,
            follower_user_id=follow.follower_user_id,
            target_id=follow.target_id,
            target_kind=follow.target_kind,
            now=follow.created_at,
        )
        return made is not None

    async def delete(self, tx: Tx, follower_user_id: str, target_id: str, kind: TargetKind) -> bool:
        """Whether that was so."""
        gone = await _queries.delete_follow(
            tx, follower_user_id=follower_user_id, target_id=target_id, target_kind=kind
        )
        return gone is not None

    async def followed_by(self, tx: Tx, user_id: str, *, after: str | None, limit: int) -> list[Follow]:
        return [_follow(row) for row in await _queries.followed_by(tx, user_id=user_id, after=after, limit=limit)]

    async def followers_of(self, tx: Tx, user_id: str, *, after: str | None, limit: int) -> list[Follow]:
        return [_follow(row) for row in await _queries.followers_of(tx, user_id=user_id, after=after, limit=limit)]

    async def some_followed(self, tx: Tx, user_id: str, *, limit: int) -> list[str]:
        return [row["target_id"] for row in await _queries.some_followed(tx, user_id=user_id, limit=limit)]


class FeedRepository:
    """Reads and writes posts on the caller's transaction."""

    async def insert(self, tx: Tx, post: FeedPost) -> None:
        await _queries.insert_post(
            tx, feed_id=post.feed_id, author_id=post.author_id, now=post.created_at, **_content_row(post.content)
        )

    async def get(self, tx: Tx, feed_id: str) -> FeedPost | None:
        row = await _queries.get_post(tx, feed_id=feed_id)
        return None if row is None else _post(row)

    async def lock(self, tx: Tx, feed_id: str) -> FeedPost | None:
        """A post, held until the transaction ends."""
        row = await _queries.lock_post(tx, feed_id=feed_id)
        return None if row is None else _post(row)

    async def save(self, tx: Tx, post: FeedPost) -> None:
        await _queries.update_post(
            tx,
            feed_id=post.feed_id,
            verified_chip=post.verified,
            is_published=post.is_published,
            published_at=post.published_at,
            hidden_by_case=post.hidden_by_case,
            version=post.version,
            now=post.updated_at,
            **_content_row(post.content),
        )

    async def of_authors(
        self, tx: Tx, authors: Sequence[str], *, highest_band: int, before: Place, limit: int
    ) -> list[FeedPost]:
        rows = await _queries.posts_of_authors(
            tx,
            authors=list(authors),
            highest_band=highest_band,
            before_at=before.published_at,
            before_id=before.feed_id,
            limit=limit,
        )
        return [_post(row) for row in rows]

    async def of_followed_among_newest(
        self, tx: Tx, user_id: str, *, highest_band: int, before: Place, window: int, limit: int
    ) -> list[FeedPost]:
        rows = await _queries.posts_of_followed_among_newest(
            tx,
            user_id=user_id,
            highest_band=highest_band,
            before_at=before.published_at,
            before_id=before.feed_id,
            window_size=window,
            limit=limit,
        )
        return [_post(row) for row in rows]

    async def of_all_followed(
        self, tx: Tx, user_id: str, *, highest_band: int, before: Place, limit: int
    ) -> list[FeedPost]:
        rows = await _queries.posts_of_all_followed(
            tx,
            user_id=user_id,
            highest_band=highest_band,
            before_at=before.published_at,
            before_id=before.feed_id,
            limit=limit,
        )
        return [_post(row) for row in rows]

    async def discovered(
        self, tx: Tx, city: str, roles: Sequence[str], *, highest_band: int, before: Place, limit: int
    ) -> list[FeedPost]:
        """The newest of a city, or of anywhere for an empty one."""
        if city:
            rows = await _queries.discover_city(
                tx,
                city=city,
                roles=list(roles),
                highest_band=highest_band,
                before_at=before.published_at,
                before_id=before.feed_id,
                limit=limit,
            )
        else:
            rows = await _queries.discover_everywhere(
                tx,
                roles=list(roles),
                highest_band=highest_band,
                before_at=before.published_at,
                before_id=before.feed_id,
                limit=limit,
            )
        return [_post(row) for row in rows]


def _content_row(content: PostContent) -> dict[str, object]:
    return {
        "role_tags": list(content.role_tags),
        "kind": content.kind,
        "title": content.title,
        "body_md": content.body_md or None,
        "media_preview": json.dumps([{"url": shown.url, "alt": shown.alt} for shown in content.media_preview]),
        "nsfw_band": content.nsfw_band,
        "city": content.city,
        "starts_on": content.starts_on,
        "ends_on": content.ends_on,
        "studio_id": content.studio_id,
    }


def _post(row: Record) -> FeedPost:
    return FeedPost(
        feed_id=row["feed_id"],
        author_id=row["author_id"],
        content=PostContent(
            kind=PostKind(row["kind"]),
            title=row["title"],
            body_md=row["body_md"] or "",
            role_tags=tuple(row["role_tags"]),
            media_preview=tuple(MediaPreview(shown["url"], shown["alt"]) for shown in json.loads(row["media_preview"])),
            nsfw_band=row["nsfw_band"],
            city=row["city"],
            starts_on=row["starts_on"],
            ends_on=row["ends_on"],
            studio_id=row["studio_id"],
        ),
        verified=row["verified_chip"],
        is_published=row["is_published"],
        published_at=row["published_at"],
        hidden_by_case=row["hidden_by_case"],
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _follow(row: Record) -> Follow:
    return Follow(row["follower_user_id"], row["target_id"], TargetKind(row["target_kind"]), row["created_at"])
