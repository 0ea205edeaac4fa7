"""Follows, posts and feeds over a socket."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import asyncpg
import grpc
import pytest

from callsheet.growth.v1 import feed_pb2 as pb
from callsheet.growth.v1 import follow_pb2
from callsheet.growth.v1.growth_pb2_grpc import GrowthServiceStub
from devstack.roles import DatabaseUrls
from server.core.call import Role
from server.core.clock import ManualClock
from server.growth.feed import reading
from server.growth.feed.posting import PostModeration
from server.growth.feed.repository import FeedRepository
from tests.rpc.growth import lasting, person, service
from tests.rpc.harness import Running, refusal, running_server

READER, AUTHOR, OTHER = "usr_reader", "usr_author", "usr_other"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime.now(UTC))


@pytest.fixture
async def server(database: DatabaseUrls, clock: ManualClock) -> AsyncIterator[Running]:
    async with running_server(database, clock=clock) as running:
        for user_id in (READER, AUTHOR, OTHER):
            await person(running, user_id)
        yield running


@pytest.fixture
def growth(server: Running) -> GrowthServiceStub:
    return GrowthServiceStub(server.channel)


def content(**changes: object) -> pb.PostContent:
    values: dict[str, object] = {"kind": pb.POST_KIND_CASE_STUDY, "title": "Work"}
    message = pb.PostContent(role_tags=["Model"])
    for name, value in {**values, **changes}.items():
        setattr(message, name, value)
    return message


def to(target_id: str, kind: "follow_pb2.TargetKind.ValueType | None" = None) -> follow_pb2.FollowRequest:
    chosen = follow_pb2.TARGET_KIND_SERVICE_PROFILE if kind is None else kind
    return follow_pb2.FollowRequest(target_id=target_id, target_kind=chosen)


async def posted(server: Running, clock: ManualClock, author: str = AUTHOR, **changes: object) -> str:
    """A published post; its id. Every post has a moment of its own."""
    clock.advance(timedelta(seconds=1))
    growth = GrowthServiceStub(server.channel)
    draft = await growth.CreateFeedPost(pb.CreateFeedPostRequest(content=content(**changes)), metadata=lasting(author))
    await growth.PublishFeedPost(pb.PublishFeedPostRequest(feed_id=draft.post.feed_id), metadata=lasting(author))
    return draft.post.feed_id


async def without_cases(database: DatabaseUrls) -> None:
    """The case itself is Support's; what hiding does to a feed does not need its row."""
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute("alter table feed_post drop constraint feed_post_hidden_by_case_fkey")
    await connection.close()


async def hidden(server: Running, feed_id: str) -> None:
    """A case hides a post."""
    core = server.app.core
    moderation = PostModeration(FeedRepository(), core.clock)
    await core.database.run(lambda tx: moderation.hide(tx, feed_id, "sca_1"))


Turn = Callable[[], Awaitable[None]]


async def nothing() -> None:
    """Between two pages nothing happens."""


Pager = Callable[[GrowthServiceStub, int, str], Awaitable["PageOfPosts"]]
PageOfPosts = pb.ListHomeFeedResponse | pb.ListAuthorFeedResponse | pb.DiscoverFeedResponse


async def home(growth: GrowthServiceStub, size: int, token: str) -> PageOfPosts:
    return await growth.ListHomeFeed(pb.ListHomeFeedRequest(page_size=size, page_token=token), metadata=lasting(READER))


async def authors(growth: GrowthServiceStub, size: int, token: str) -> PageOfPosts:
    return await growth.ListAuthorFeed(
        pb.ListAuthorFeedRequest(author_id=AUTHOR, page_size=size, page_token=token), metadata=lasting(READER)
    )


async def discovery(growth: GrowthServiceStub, size: int, token: str) -> PageOfPosts:
    return await growth.DiscoverFeed(
        pb.DiscoverFeedRequest(city="berlin", roles=["model"], page_size=size, page_token=token),
        metadata=lasting(READER),
    )


async def read(growth: GrowthServiceStub, pager: Pager, *, size: int = 3, between: Turn = nothing) -> list[list[str]]:
    """Every page of a feed, with something happening between them."""
    pages: list[list[str]] = []
    token = ""
    while not pages or token:
        answer = await pager(growth, size, token)
        pages.append([shown.post.feed_id for shown in answer.posts])
        token = answer.next_page_token
        await between()
    return pages


async def read_home(growth: GrowthServiceStub) -> list[list[str]]:
    return await read(growth, home)


async def test_a_home_feed_holds_whom_one_follows(
    server: Running, growth: GrowthServiceStub, clock: ManualClock
) -> None:
    mine = [await posted(server, clock) for _ in range(4)]
    await posted(server, clock, OTHER)
    await growth.Follow(to(AUTHOR), metadata=lasting(READER))
    server.statements.forget()

    assert await read_home(growth) == [mine[:0:-1], mine[:1]]
    assert server.statements.count("ListHomeFeed") == 6


async def test_whoever_follows_nobody_discovers(server: Running, growth: GrowthServiceStub, clock: ManualClock) -> None:
    everything = [await posted(server, clock, author) for author in (AUTHOR, OTHER, AUTHOR)]
    assert await read_home(growth) == [everything[::-1]]


@pytest.mark.parametrize(
    ("pager", "few", "window"),
    [(home, 200, 4_000), (home, 0, 4_000), (home, 0, 5), (authors, 200, 4_000), (discovery, 200, 4_000)],
)
async def test_pages_neither_repeat_nor_skip_nor_shrink(
    server: Running,
    growth: GrowthServiceStub,
    clock: ManualClock,
    database: DatabaseUrls,
    monkeypatch: pytest.MonkeyPatch,
    pager: Pager,
    few: int,
    window: int,
) -> None:
    """Whichever way a feed is gathered, while posts are published, taken back and hidden by a case between the pages,
    and among posts that the reader does not want to see.
    """
    monkeypatch.setattr(reading, "FEW_AUTHORS", few)
    monkeypatch.setattr(reading, "WINDOW", window)
    await without_cases(database)
    chance = random.Random(7)  # noqa: S311  a sequence to repeat, no secret
    await growth.Follow(to(AUTHOR), metadata=lasting(READER))
    for _ in range(28):
        author, band = chance.choice([AUTHOR, AUTHOR, OTHER]), chance.choice([0, 0, 1, 2])
        await posted(server, clock, author, city=chance.choice(["berlin", "berlin", "paris"]), nsfw_band=band)
    whole = [feed_id for page in await read(growth, pager, size=200) for feed_id in page]
    draft = pb.CreateFeedPostRequest(content=content(city="berlin"))
    late = await growth.CreateFeedPost(draft, metadata=lasting(AUTHOR))
    gone: list[str] = []

    async def between() -> None:
        await posted(server, clock, city="berlin")
        await growth.PublishFeedPost(pb.PublishFeedPostRequest(feed_id=late.post.feed_id), metadata=lasting(AUTHOR))
        withdrawn, concealed = chance.sample(whole, 2)
        gone.extend((withdrawn, concealed))
        await growth.UnpublishFeedPost(pb.UnpublishFeedPostRequest(feed_id=withdrawn), metadata=service())
        await hidden(server, concealed)

    pages = await read(growth, pager, size=4, between=between)
    seen = [feed_id for page in pages for feed_id in page]

    assert len(pages) > 2
    assert len(seen) == len(set(seen))
    assert all(len(page) == 4 for page in pages[:-1])
    assert [feed_id for feed_id in whole if feed_id in seen] == seen
    assert set(whole) - set(seen) <= set(gone)


async def test_a_post_keeps_the_place_of_its_first_publication(
    server: Running, growth: GrowthServiceStub, clock: ManualClock
) -> None:
    first, second = [await posted(server, clock) for _ in range(2)]
    await growth.UnpublishFeedPost(pb.UnpublishFeedPostRequest(feed_id=first), metadata=lasting(AUTHOR))
    clock.advance(timedelta(hours=1))
    again = [
        await growth.PublishFeedPost(pb.PublishFeedPostRequest(feed_id=first), metadata=lasting(AUTHOR))
        for _ in range(2)
    ]

    assert again[0] == again[1]
    assert await read_home(growth) == [[second, first]]


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"kind": pb.POST_KIND_TOURING}, {"content.city", "content.starts_on", "content.ends_on"}),
        ({"kind": pb.POST_KIND_AVAILABILITY, "city": "berlin"}, {"content.starts_on", "content.ends_on"}),
        ({"kind": pb.POST_KIND_STUDIO_SLOT}, {"content.studio_id"}),
    ],
)
async def test_a_post_without_what_its_kind_needs_is_not_shown(
    growth: GrowthServiceStub, changes: dict[str, object], missing: set[str]
) -> None:
    draft = await growth.CreateFeedPost(pb.CreateFeedPostRequest(content=content(**changes)), metadata=lasting(AUTHOR))
    refused = await refusal(
        growth.PublishFeedPost(pb.PublishFeedPostRequest(feed_id=draft.post.feed_id), metadata=lasting(AUTHOR))
    )
    assert (refused.reason, set(refused.violations)) == ("FIELD_INVALID", missing)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "content.title"),
        ({"kind": pb.POST_KIND_UNSPECIFIED}, "content.kind"),
        ({"nsfw_band": 3}, "content.nsfw_band"),
        ({"city": "Berlin"}, "content.city"),
        ({"starts_on": "2026-02-30"}, "content.starts_on"),
        ({"starts_on": "2026-12-02", "ends_on": "2026-12-01"}, "content.ends_on"),
        ({"studio_id": "srv_1"}, "content.studio_id"),
    ],
)
async def test_a_malformed_post_is_refused(growth: GrowthServiceStub, changes: dict[str, object], field: str) -> None:
    refused = await refusal(
        growth.CreateFeedPost(pb.CreateFeedPostRequest(content=content(**changes)), metadata=lasting(AUTHOR))
    )
    assert field in refused.violations


async def test_a_published_post_stays_complete_and_is_changed_by_version(
    server: Running, growth: GrowthServiceStub, clock: ManualClock
) -> None:
    tour: dict[str, object] = {
        "kind": pb.POST_KIND_TOURING,
        "city": "berlin",
        "starts_on": "2026-12-01",
        "ends_on": "2026-12-03",
    }
    feed_id = await posted(server, clock, AUTHOR, **tour)

    def updating(paths: list[str], version: int = 0, **changes: object) -> pb.UpdateFeedPostRequest:
        request = pb.UpdateFeedPostRequest(feed_id=feed_id, content=content(**{**tour, **changes}), version=version)
        request.update_mask.paths.extend(paths)
        return request

    incomplete = await refusal(growth.UpdateFeedPost(updating(["city"], city=""), metadata=lasting(AUTHOR)))
    unknown = await refusal(growth.UpdateFeedPost(updating(["author_id"]), metadata=lasting(AUTHOR)))
    stale = await refusal(growth.UpdateFeedPost(updating(["title"], 1), metadata=lasting(AUTHOR)))
    foreign = await refusal(growth.UpdateFeedPost(updating(["title"]), metadata=lasting(OTHER)))
    updated = await growth.UpdateFeedPost(updating(["title"], 2, title="Tour", city="paris"), metadata=lasting(AUTHOR))

    assert set(incomplete.violations) == {"content.city"}
    assert set(unknown.violations) == {"update_mask"}
    assert (stale.reason, foreign.reason) == ("STALE_VERSION", "NOT_FOUND")
    assert (updated.post.content.title, updated.post.content.city, updated.post.version) == ("Tour", "berlin", 3)


async def test_a_viewer_sees_what_they_want_to_see(
    server: Running, growth: GrowthServiceStub, clock: ManualClock
) -> None:
    posts = [await posted(server, clock, nsfw_band=band) for band in (0, 1, 2)]
    for preference in (1, 2):
        await person(server, f"usr_prefers{preference}", nsfw_preference=preference)

    async def shown(metadata: tuple[tuple[str, str], ...] | None) -> dict[int, bool]:
        answer = await growth.DiscoverFeed(pb.DiscoverFeedRequest(), metadata=metadata)
        return {posts.index(shown.post.feed_id): shown.blurred for shown in answer.posts}

    assert await shown(None) == {0: False}
    assert await shown(lasting(READER)) == {0: False, 1: True}
    assert await shown(lasting("usr_prefers1")) == {0: False, 1: False}
    assert await shown(lasting("usr_prefers2")) == {0: False, 1: False, 2: False}
    hidden = await refusal(growth.GetFeedPost(pb.GetFeedPostRequest(feed_id=posts[2]), metadata=lasting(READER)))
    own = await growth.GetFeedPost(pb.GetFeedPostRequest(feed_id=posts[2]), metadata=lasting(AUTHOR))
    assert hidden.reason == "NOT_FOUND"
    assert own.shown.blurred


async def test_discovery_is_by_city_and_role(server: Running, growth: GrowthServiceStub, clock: ManualClock) -> None:
    berlin = await posted(server, clock, city="berlin")
    paris = await posted(server, clock, city="paris")

    async def found(**wanted: object) -> list[str]:
        answer = await growth.DiscoverFeed(pb.DiscoverFeedRequest(**wanted))  # type: ignore[arg-type]
        return [shown.post.feed_id for shown in answer.posts]

    assert await found() == [paris, berlin]
    assert await found(city="berlin", roles=["MODEL"]) == [berlin]
    assert await found(roles=["stylist"]) == []


async def test_a_case_hides_a_post_whatever_its_author_does(
    server: Running, growth: GrowthServiceStub, clock: ManualClock, database: DatabaseUrls
) -> None:
    feed_id = await posted(server, clock)
    await without_cases(database)
    await hidden(server, feed_id)
    await growth.UnpublishFeedPost(pb.UnpublishFeedPostRequest(feed_id=feed_id), metadata=lasting(AUTHOR))
    again = await growth.PublishFeedPost(pb.PublishFeedPostRequest(feed_id=feed_id), metadata=lasting(AUTHOR))
    assert (again.post.is_published, again.post.hidden) == (True, True)
    assert await read_home(growth) == [[]]
    assert (await refusal(growth.GetFeedPost(pb.GetFeedPostRequest(feed_id=feed_id)))).reason == "NOT_FOUND"

    core = server.app.core
    await core.database.run(lambda tx: PostModeration(FeedRepository(), core.clock).show(tx, feed_id))
    assert await read_home(growth) == [[feed_id]]


async def test_follows_are_made_once_listed_and_ended(server: Running, growth: GrowthServiceStub) -> None:
    creator = to("fsc_creator", follow_pb2.TARGET_KIND_FANSUB_CREATOR)
    await growth.Follow(to(AUTHOR), metadata=lasting(READER))
    await growth.Follow(creator, metadata=lasting(READER))
    refusals = {
        "twice": growth.Follow(to(AUTHOR), metadata=lasting(READER)),
        "self": growth.Follow(to(READER), metadata=lasting(READER)),
        "nobody": growth.Follow(to("usr_nobody"), metadata=lasting(READER)),
        "kind": growth.Follow(to("fsc_creator"), metadata=lasting(READER)),
        "others": growth.ListFollowing(follow_pb2.ListFollowingRequest(user_id=READER), metadata=lasting(OTHER)),
    }
    reasons = {name: (await refusal(call)).reason for name, call in refusals.items()}
    page = await growth.ListFollowing(
        follow_pb2.ListFollowingRequest(user_id=READER, page_size=1), metadata=lasting(READER)
    )
    rest = await growth.ListFollowing(
        follow_pb2.ListFollowingRequest(user_id=READER, page_token=page.next_page_token), metadata=lasting(READER)
    )
    followers = await growth.ListFollowers(follow_pb2.ListFollowersRequest(user_id=AUTHOR), metadata=lasting(AUTHOR))
    gone = follow_pb2.UnfollowRequest(target_id=AUTHOR, target_kind=follow_pb2.TARGET_KIND_SERVICE_PROFILE)
    await growth.Unfollow(gone, metadata=lasting(READER))

    assert reasons == {
        "twice": "ALREADY_EXISTS",
        "self": "FIELD_INVALID",
        "nobody": "NOT_FOUND",
        "kind": "FIELD_INVALID",
        "others": "NOT_SELF",
    }
    assert [edge.target_id for edge in (*page.follows, *rest.follows)] == ["fsc_creator", AUTHOR]
    assert [edge.follower_user_id for edge in followers.follows] == [READER]
    assert (await refusal(growth.Unfollow(gone, metadata=lasting(READER)))).reason == "NOT_FOUND"


async def test_chips_are_set_by_administrators_and_creators_post_through_services(
    server: Running, growth: GrowthServiceStub, clock: ManualClock
) -> None:
    feed_id = await posted(server, clock)
    request = pb.VerifyFeedPostRequest(feed_id=feed_id, verified=True)
    refused = await refusal(growth.VerifyFeedPost(request, metadata=lasting(AUTHOR)))
    verified = await growth.VerifyFeedPost(request, metadata=lasting("usr_admin", Role.ADMIN))
    creator = pb.CreateFeedPostRequest(content=content(), author_id="fsc_creator")
    theirs = await growth.CreateFeedPost(creator, metadata=service())
    foreign = await refusal(growth.CreateFeedPost(creator, metadata=lasting(AUTHOR)))

    assert refused.code == grpc.StatusCode.PERMISSION_DENIED
    assert verified.post.verified_chip
    assert theirs.post.author_id == "fsc_creator"
    assert foreign.reason == "NOT_SELF"
