"""Saved searches over a socket: what is stored, refused and paged."""

import asyncio

import grpc
import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct

from callsheet.directory.v1 import directory_pb2
from callsheet.directory.v1.directory_pb2_grpc import DirectoryServiceStub
from callsheet.growth.v1 import saved_search_pb2 as pb
from callsheet.growth.v1.growth_pb2_grpc import GrowthServiceStub
from server.core.call import Role
from server.growth.saved_searches.domain import MOST_SEARCHES
from tests.rpc.harness import Running, as_user, refusal

OWNER, STRANGER = "usr_owner", "usr_stranger"
TREE: dict[str, object] = {"all": [{"roles": {"any_of": ["Model", "dancer"]}}, {"price_cents": {"lte": 30_000}}]}


def struct(tree: dict[str, object]) -> Struct:
    return ParseDict(tree, Struct())


def asked(tree: dict[str, object] | None = None, **changes: object) -> pb.CreateSavedSearchRequest:
    values: dict[str, object] = {"scope": pb.SEARCH_SCOPE_PEOPLE, "city": "berlin", "time_zone": "Europe/Berlin"}
    request = pb.CreateSavedSearchRequest(query=struct(TREE if tree is None else tree))
    for name, value in {**values, **changes}.items():
        setattr(request, name, value)
    return request


@pytest.fixture
def growth(server: Running) -> GrowthServiceStub:
    return GrowthServiceStub(server.channel)


async def created(growth: GrowthServiceStub, user_id: str = OWNER, **changes: str) -> pb.SavedSearch:
    answer = await growth.CreateSavedSearch(asked(None, **changes), metadata=as_user(user_id))
    return answer.saved_search


async def test_a_search_is_stored_in_normal_form_and_read(server: Running, growth: GrowthServiceStub) -> None:
    search = await created(growth)
    server.statements.forget()
    read = await growth.GetSavedSearch(pb.GetSavedSearchRequest(search_id=search.search_id), metadata=as_user(OWNER))

    assert read.saved_search == search
    assert server.statements.count("GetSavedSearch") == 1
    assert search.search_id.startswith("ssv_")
    assert (search.user_id, search.city, search.time_zone) == (OWNER, "berlin", "Europe/Berlin")
    assert (search.paused_until, search.last_alert_dt) == ("", "")
    assert MessageToDict(search.query) == {
        "all": [{"price_cents": {"lte": 30_000}}, {"roles": {"any_of": ["dancer", "model"]}}]
    }


async def test_without_a_zone_the_profile_tells_it(server: Running, growth: GrowthServiceStub) -> None:
    unknown = await refusal(growth.CreateSavedSearch(asked(time_zone=""), metadata=as_user(OWNER)))
    await DirectoryServiceStub(server.channel).UpsertUsers(
        directory_pb2.UpsertUsersRequest(
            users=[
                directory_pb2.UserUpsert(
                    user_id=OWNER,
                    email="owner@example.org",
                    kinds=[directory_pb2.USER_KIND_BUYER],
                    time_zone="America/New_York",
                )
            ]
        ),
        metadata=as_user("svc_accounts", Role.SERVICE),
    )
    search = await created(growth, time_zone="")

    assert unknown.violations == {"time_zone": "is required for somebody without a profile"}
    assert search.time_zone == "America/New_York"


@pytest.mark.parametrize(
    ("request_", "field", "rule"),
    [
        (asked({"all": []}), "query.all", "must be a list with at least one item"),
        (asked({"height": 3}), "query.height", "is unknown"),
        (asked({"all": [{"verified": True}, {"verified": False}]}), "query", "contradicts itself"),
        (asked({"roles": {"any_of": [None]}}), "query.roles.any_of[0]", "must be a text"),
        (asked(time_zone="Mars/Olympus"), "time_zone", "must be an IANA zone"),
        (asked(city="Berlin!"), "city", ""),
        (asked(scope=pb.SEARCH_SCOPE_UNSPECIFIED), "scope", ""),
        (pb.CreateSavedSearchRequest(scope=pb.SEARCH_SCOPE_PEOPLE, city="berlin"), "query", ""),
    ],
)
async def test_bad_input_is_refused_by_field_and_rule(
    growth: GrowthServiceStub, request_: pb.CreateSavedSearchRequest, field: str, rule: str
) -> None:
    refused = await refusal(growth.CreateSavedSearch(request_, metadata=as_user(OWNER)))

    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
    assert rule in refused.violations[field]


async def test_a_stranger_learns_nothing(growth: GrowthServiceStub) -> None:
    search = await created(growth)
    for call in (
        growth.GetSavedSearch(pb.GetSavedSearchRequest(search_id=search.search_id), metadata=as_user(STRANGER)),
        growth.DeleteSavedSearch(pb.DeleteSavedSearchRequest(search_id=search.search_id), metadata=as_user(STRANGER)),
        growth.GetSavedSearch(pb.GetSavedSearchRequest(search_id="ssv_nothing"), metadata=as_user(OWNER)),
    ):
        refused = await refusal(call)
        assert (refused.code, refused.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    assert (
        await growth.GetSavedSearch(
            pb.GetSavedSearchRequest(search_id=search.search_id), metadata=as_user("usr_agent", Role.AGENT)
        )
    ).saved_search == search


async def test_one_key_creates_one_search(growth: GrowthServiceStub) -> None:
    request = asked(idempotency_key="first")
    answers = await asyncio.gather(*(growth.CreateSavedSearch(request, metadata=as_user(OWNER)) for _ in range(10)))
    other = await refusal(
        growth.CreateSavedSearch(asked(idempotency_key="first", city="paris"), metadata=as_user(OWNER))
    )
    listed = await growth.ListSavedSearches(pb.ListSavedSearchesRequest(), metadata=as_user(OWNER))

    assert {answer.saved_search.search_id for answer in answers} == {listed.saved_searches[0].search_id}
    assert len(listed.saved_searches) == 1
    assert other.reason == "IDEMPOTENCY_KEY_REUSED"


async def test_pages_hold_the_callers_searches_newest_first(growth: GrowthServiceStub) -> None:
    mine = [await created(growth, city=city) for city in ("berlin", "paris", "rome", "oslo", "porto")]
    await created(growth, user_id=STRANGER)

    found: list[pb.SavedSearch] = []
    token, pages = "", 0
    while pages == 0 or token:
        page = await growth.ListSavedSearches(
            pb.ListSavedSearchesRequest(page_size=2, page_token=token), metadata=as_user(OWNER)
        )
        found.extend(page.saved_searches)
        token, pages = page.next_page_token, pages + 1
    first = await growth.ListSavedSearches(pb.ListSavedSearchesRequest(page_size=2), metadata=as_user(OWNER))
    foreign = await refusal(
        growth.ListSavedSearches(
            pb.ListSavedSearchesRequest(page_token=first.next_page_token), metadata=as_user(STRANGER)
        )
    )

    assert (found, pages) == (mine[::-1], 3)
    assert foreign.reason == "PAGE_TOKEN_INVALID"


async def test_a_deleted_search_is_gone(growth: GrowthServiceStub) -> None:
    search = await created(growth)
    request = pb.DeleteSavedSearchRequest(search_id=search.search_id, idempotency_key="gone")
    for _ in range(2):
        await growth.DeleteSavedSearch(request, metadata=as_user(OWNER))

    again = await refusal(
        growth.DeleteSavedSearch(pb.DeleteSavedSearchRequest(search_id=search.search_id), metadata=as_user(OWNER))
    )
    assert again.reason == "NOT_FOUND"


async def test_the_number_of_searches_is_limited_under_concurrency(growth: GrowthServiceStub) -> None:
    outcomes = await asyncio.gather(
        *(growth.CreateSavedSearch(asked(), metadata=as_user(OWNER)) for _ in range(MOST_SEARCHES + 3)),
        return_exceptions=True,
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, grpc.aio.AioRpcError)]

    assert len(refused) == 3
    assert {error.code() for error in refused} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
