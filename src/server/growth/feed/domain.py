"""Posts and what they must be, who may see them, and who follows whom. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from server.core.errors import FieldInvalid, StaleVersion, Violation

MOST_FOLLOWED = 10_000
BLURRED_BAND = 1


class PostKind(StrEnum):
    """What a post is about."""

    CASE_STUDY = "case_study"
    AVAILABILITY = "availability"
    TOURING = "touring"
    STUDIO_SLOT = "studio_slot"
    INFLUENCE = "influence"


class TargetKind(StrEnum):
    """What somebody follows."""

    SERVICE_PROFILE = "service_profile"
    FANSUB_CREATOR = "fansub_creator"


PREFIX_OF_TARGET = {TargetKind.SERVICE_PROFILE: "usr_", TargetKind.FANSUB_CREATOR: "fsc_"}


@dataclass(frozen=True, slots=True)
class MediaPreview:
    """A picture that may be shown to anybody."""

    url: str
    alt: str


@dataclass(frozen=True, slots=True)
class PostContent:
    """What an author decides of a post."""

    kind: PostKind
    title: str
    body_md: str
    role_tags: tuple[str, ...]
    media_preview: tuple[MediaPreview, ...]
    nsfw_band: int
    city: str | None
    starts_on: date | None
    ends_on: date | None
    studio_id: str | None


@dataclass(frozen=True, slots=True)
class FeedPost:
    """A post, published or not."""

    feed_id: str
    author_id: str
    content: PostContent
    verified: bool
    is_published: bool
    published_at: datetime | None
    hidden_by_case: str | None
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def is_visible(self) -> bool:
        return self.is_published and self.hidden_by_case is None


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at a feed, and what they want to see: None stands for somebody without a token."""

    user_id: str | None
    nsfw_preference: int = 0

    @property
    def highest_band(self) -> int:
        """Band 1 is shown to everybody who is known, blurred where they prefer so; band 2 to whoever asked for it."""
        return 0 if self.user_id is None else max(BLURRED_BAND, self.nsfw_preference)

    def sees_blurred(self, post: FeedPost) -> bool:
        return post.content.nsfw_band > self.nsfw_preference


@dataclass(frozen=True, slots=True)
class Follow:
    """One person follows another, or a creator."""

    follower_user_id: str
    target_id: str
    target_kind: TargetKind
    created_at: datetime


def check_content(content: PostContent) -> None:
    """What holds of drafts too."""
    if content.starts_on and content.ends_on and content.ends_on < content.starts_on:
        raise FieldInvalid(Violation("content.ends_on", "must not be before starts_on"))


def check_complete(content: PostContent) -> None:
    """What a kind needs before anybody is shown it."""
    needed: dict[str, object] = {}
    if content.kind in (PostKind.AVAILABILITY, PostKind.TOURING):
        needed = {"city": content.city, "starts_on": content.starts_on, "ends_on": content.ends_on}
    elif content.kind is PostKind.STUDIO_SLOT:
        needed = {"studio_id": content.studio_id}
    missing: Sequence[str] = [name for name, value in needed.items() if value is None]
    if missing:
        raise FieldInvalid(
            *(Violation(f"content.{name}", f"is required for a post about {content.kind.value}") for name in missing)
        )


def edited(post: FeedPost, content: PostContent, seen: int, *, now: datetime) -> FeedPost:
    """The post with other content; one that is published stays complete."""
    if seen not in (0, post.version):
        raise StaleVersion(post.feed_id, post.version)
    check_content(content)
    if post.is_published:
        check_complete(content)
    return replace(post, content=content, version=post.version + 1, updated_at=now)


def published(post: FeedPost, *, now: datetime) -> FeedPost:
    """The post, shown. Its place is that of its first publication, however often it is taken back."""
    if post.is_published:
        return post
    check_complete(post.content)
    return replace(
        post, is_published=True, published_at=post.published_at or now, version=post.version + 1, updated_at=now
    )


def unpublished(post: FeedPost, *, now: datetime) -> FeedPost:
    """The post as a draft again."""
    if not post.is_published:
        return post
    return replace(post, is_published=False, version=post.version + 1, updated_at=now)


def check_target(follower_user_id: str, target_id: str, kind: TargetKind) -> None:
    """Nobody follows themselves, and an id says what it names."""
    if target_id == follower_user_id:
        raise FieldInvalid(Violation("target_id", "must not be the caller"))
    if not target_id.startswith(PREFIX_OF_TARGET[kind]):
        raise FieldInvalid(Violation("target_id", f"must begin with {PREFIX_OF_TARGET[kind]} for this target_kind"))
