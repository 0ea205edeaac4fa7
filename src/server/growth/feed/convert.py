"""Protobuf and domain, in both directions."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from callsheet.growth.v1 import feed_pb2 as pb
from callsheet.growth.v1 import follow_pb2
from server.core.call import Actor
from server.core.errors import FieldInvalid, Violation
from server.core.grpc.proto import EnumMap, timestamp
from server.core.pagination import Page
from server.growth.feed.domain import FeedPost, Follow, MediaPreview, PostContent, PostKind, TargetKind
from server.growth.feed.following import Following, ListFollows
from server.growth.feed.posting import CreatePost, MovePost, UpdatePost
from server.growth.feed.reading import ReadFeed, Shown

KINDS = EnumMap(pb.PostKind, PostKind, "POST_KIND_", pb.PostKind.ValueType)
TARGETS = EnumMap(follow_pb2.TargetKind, TargetKind, "TARGET_KIND_", follow_pb2.TargetKind.ValueType)
UPDATABLE = frozenset(field.name for field in pb.PostContent.DESCRIPTOR.fields)


def following(request: follow_pb2.FollowRequest | follow_pb2.UnfollowRequest, actor: Actor) -> Following:
    return Following(actor=actor, target_id=request.target_id, target_kind=TARGETS.member(request.target_kind))


def list_follows(
    request: follow_pb2.ListFollowingRequest | follow_pb2.ListFollowersRequest, actor: Actor
) -> ListFollows:
    return ListFollows(actor=actor, user_id=request.user_id, page_size=request.page_size, page_token=request.page_token)


def create_post(request: pb.CreateFeedPostRequest, actor: Actor) -> CreatePost:
    return CreatePost(actor=actor, author_id=request.author_id, content=content(request.content))


def update_post(request: pb.UpdateFeedPostRequest, actor: Actor) -> UpdatePost:
    paths = frozenset(request.update_mask.paths)
    if not paths or not paths <= UPDATABLE:
        raise FieldInvalid(Violation("update_mask", f"must name some of {', '.join(sorted(UPDATABLE))}"))
    return UpdatePost(
        actor=actor, feed_id=request.feed_id, version=request.version, change=_change(content(request.content), paths)
    )


def move_post(request: pb.PublishFeedPostRequest | pb.UnpublishFeedPostRequest, actor: Actor) -> MovePost:
    return MovePost(actor=actor, feed_id=request.feed_id)


def home(request: pb.ListHomeFeedRequest, actor: Actor) -> ReadFeed:
    return ReadFeed(actor=actor, page_size=request.page_size, page_token=request.page_token)


def author_feed(request: pb.ListAuthorFeedRequest, actor: Actor | None) -> ReadFeed:
    return ReadFeed(
        actor=actor, page_size=request.page_size, page_token=request.page_token, author_id=request.author_id
    )


def discover(request: pb.DiscoverFeedRequest, actor: Actor | None) -> ReadFeed:
    return ReadFeed(
        actor=actor,
        page_size=request.page_size,
        page_token=request.page_token,
        city=request.city,
        roles=tuple(_words(request.roles)),
    )


def content(message: pb.PostContent) -> PostContent:
    return PostContent(
        kind=KINDS.member(message.kind),
        title=message.title,
        body_md=message.body_md,
        role_tags=tuple(_words(message.role_tags)),
        media_preview=tuple(MediaPreview(shown.url, shown.alt) for shown in message.media_preview),
        nsfw_band=message.nsfw_band,
        city=message.city or None,
        starts_on=_day(message.starts_on, "content.starts_on"),
        ends_on=_day(message.ends_on, "content.ends_on"),
        studio_id=message.studio_id or None,
    )


def follow_response(follow: Follow) -> follow_pb2.FollowResponse:
    return follow_pb2.FollowResponse(follow=_edge(follow))


def unfollow_response(nothing: None) -> follow_pb2.UnfollowResponse:
    return follow_pb2.UnfollowResponse()


def list_following_response(page: Page[Follow]) -> follow_pb2.ListFollowingResponse:
    return follow_pb2.ListFollowingResponse(follows=map(_edge, page.items), next_page_token=page.next_token)


def list_followers_response(page: Page[Follow]) -> follow_pb2.ListFollowersResponse:
    return follow_pb2.ListFollowersResponse(follows=map(_edge, page.items), next_page_token=page.next_token)


def create_response(post: FeedPost) -> pb.CreateFeedPostResponse:
    return pb.CreateFeedPostResponse(post=_post(post))


def update_response(post: FeedPost) -> pb.UpdateFeedPostResponse:
    return pb.UpdateFeedPostResponse(post=_post(post))


def publish_response(post: FeedPost) -> pb.PublishFeedPostResponse:
    return pb.PublishFeedPostResponse(post=_post(post))


def unpublish_response(post: FeedPost) -> pb.UnpublishFeedPostResponse:
    return pb.UnpublishFeedPostResponse(post=_post(post))


def verify_response(post: FeedPost) -> pb.VerifyFeedPostResponse:
    return pb.VerifyFeedPostResponse(post=_post(post))


def get_response(shown: Shown) -> pb.GetFeedPostResponse:
    return pb.GetFeedPostResponse(shown=_shown(shown))


def home_response(page: Page[Shown]) -> pb.ListHomeFeedResponse:
    return pb.ListHomeFeedResponse(posts=map(_shown, page.items), next_page_token=page.next_token)


def author_feed_response(page: Page[Shown]) -> pb.ListAuthorFeedResponse:
    return pb.ListAuthorFeedResponse(posts=map(_shown, page.items), next_page_token=page.next_token)


def discover_response(page: Page[Shown]) -> pb.DiscoverFeedResponse:
    return pb.DiscoverFeedResponse(posts=map(_shown, page.items), next_page_token=page.next_token)


def _change(new: PostContent, paths: frozenset[str]) -> Callable[[PostContent], PostContent]:
    return lambda old: replace(old, **{path: getattr(new, path) for path in paths})


def _words(words: Iterable[str]) -> dict[str, None]:
    """In lower case, each once, in their order."""
    return dict.fromkeys(word.strip().lower() for word in words)


def _day(text: str, field: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise FieldInvalid(Violation(field, "must be a day such as 2026-12-31")) from None


def _edge(follow: Follow) -> follow_pb2.FollowEdge:
    return follow_pb2.FollowEdge(
        follower_user_id=follow.follower_user_id,
        target_id=follow.target_id,
        target_kind=TARGETS.number(follow.target_kind),
        created_at=timestamp(follow.created_at),
    )


def _shown(shown: Shown) -> pb.ShownPost:
    return pb.ShownPost(post=_post(shown.post), blurred=shown.blurred)


def _post(post: FeedPost) -> pb.FeedPost:
    what = post.content
    return pb.FeedPost(
        feed_id=post.feed_id,
        author_id=post.author_id,
        content=pb.PostContent(
            kind=KINDS.number(what.kind),
            title=what.title,
            body_md=what.body_md,
            role_tags=what.role_tags,
            media_preview=[pb.MediaPreview(url=shown.url, alt=shown.alt) for shown in what.media_preview],
            nsfw_band=what.nsfw_band,
            city=what.city or "",
            starts_on=what.starts_on.isoformat() if what.starts_on else "",
            ends_on=what.ends_on.isoformat() if what.ends_on else "",
            studio_id=what.studio_id or "",
        ),
        verified_chip=post.verified,
        is_published=post.is_published,
        published_at=timestamp(post.published_at) if post.published_at else None,
        hidden=post.hidden_by_case is not None,
        version=post.version,
        created_at=timestamp(post.created_at),
        updated_at=timestamp(post.updated_at),
    )
