"""The directory over a socket: profiles, export, erasure."""

import asyncio

import asyncpg
import grpc
import pytest
from google.protobuf import json_format

from callsheet.booking.v1 import ordering_pb2
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from callsheet.directory.v1 import directory_pb2 as pb
from callsheet.directory.v1.directory_pb2_grpc import DirectoryServiceStub
from devstack.roles import DatabaseUrls
from server.core.call import Role
from tests.rpc.booking import BUYER, created
from tests.rpc.harness import Running, as_user, refusal

SERVICE = as_user("svc_accounts", Role.SERVICE)
ADMIN = as_user("usr_admin", Role.ADMIN)


def ada(**changes: object) -> pb.UserUpsert:
    values: dict[str, object] = {
        "user_id": BUYER,
        "email": "Ada@Example.com",
        "kinds": [pb.USER_KIND_BUYER],
        "time_zone": "Europe/Berlin",
        "locale": "de-DE",
        "nsfw_preference": 1,
    }
    return pb.UserUpsert(**{**values, **changes})  # type: ignore[arg-type]  # the message's own field names


async def test_a_profile_is_stored_without_its_address_in_sight(server: Running, database: DatabaseUrls) -> None:
    directory = DirectoryServiceStub(server.channel)
    stored = await directory.UpsertUsers(pb.UpsertUsersRequest(users=[ada()]), metadata=SERVICE)
    read = await directory.GetUser(pb.GetUserRequest(user_id=BUYER), metadata=as_user(BUYER))
    assert read.user == stored.users[0]
    assert (read.user.locale, [*read.user.kinds], read.user.erased) == ("de-DE", [pb.USER_KIND_BUYER], False)

    connection = await asyncpg.connect(database.app_url)
    row = await connection.fetchrow("select * from directory.user_profile")
    await connection.close()
    assert row is not None
    assert b"example" not in bytes(row["email_ciphertext"]).lower()
    assert len(row["email_hash"]) == 32


async def test_storing_the_same_again_changes_nothing(server: Running) -> None:
    directory = DirectoryServiceStub(server.channel)
    first = await directory.UpsertUsers(pb.UpsertUsersRequest(users=[ada()]), metadata=SERVICE)
    same = await directory.UpsertUsers(pb.UpsertUsersRequest(users=[ada(email="ada@example.com")]), metadata=SERVICE)
    changed = await directory.UpsertUsers(pb.UpsertUsersRequest(users=[ada(locale="en")]), metadata=SERVICE)
    assert same == first
    assert changed.users[0].updated_at.ToDatetime() > first.users[0].updated_at.ToDatetime()


async def test_a_batch_is_stored_whole_or_not_at_all(server: Running) -> None:
    directory = DirectoryServiceStub(server.channel)
    batch = [ada(), ada(user_id="usr_b", time_zone="Nowhere/Land"), ada(user_id="usr_c"), ada(user_id="usr_c")]
    refused = await refusal(directory.UpsertUsers(pb.UpsertUsersRequest(users=batch), metadata=SERVICE))
    assert refused.violations == {
        "users[1].time_zone": "must be an IANA zone, such as Europe/Berlin",
        "users[3].user_id": "must not be named twice",
    }
    nobody = await refusal(directory.GetUser(pb.GetUserRequest(user_id=BUYER), metadata=SERVICE))
    assert nobody.code is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "no address"}, "users[0].email"),
        ({"kinds": []}, "users[0].kinds"),
        ({"user_id": "svc_x"}, "users[0].user_id"),
        ({"nsfw_preference": 3}, "users[0].nsfw_preference"),
        ({"locale": "not a tag"}, "users[0].locale"),
    ],
)
async def test_a_broken_rule_is_named_with_its_place(server: Running, change: dict[str, object], field: str) -> None:
    directory = DirectoryServiceStub(server.channel)
    refused = await refusal(directory.UpsertUsers(pb.UpsertUsersRequest(users=[ada(**change)]), metadata=SERVICE))
    assert field in refused.violations


async def test_batches_with_the_same_people_do_not_deadlock(server: Running) -> None:
    directory = DirectoryServiceStub(server.channel)
    people = [ada(user_id=f"usr_{letter}") for letter in "abcdefgh"]
    calls = [
        directory.UpsertUsers(pb.UpsertUsersRequest(users=people if turn % 2 else people[::-1]), metadata=SERVICE)
        for turn in range(20)
    ]
    answers = await asyncio.gather(*calls)
    assert {len(answer.users) for answer in answers} == {8}


async def test_an_export_has_everything_that_names_the_person(server: Running) -> None:
    directory = DirectoryServiceStub(server.channel)
    await directory.UpsertUsers(pb.UpsertUsersRequest(users=[ada()]), metadata=SERVICE)
    order_id = await created(BookingServiceStub(server.channel))
    export = await directory.ExportUser(pb.ExportUserRequest(user_id=BUYER), metadata=as_user(BUYER))
    sections = {section.name: [json_format.MessageToDict(row) for row in section.rows] for section in export.sections}
    assert sections["directory.user_profile"][0]["email"] == "Ada@Example.com"
    assert [row["order_id"] for row in sections["booking.order"]] == [order_id]
    assert [row["event"] for row in sections["booking.order_event"]] == ["create"]


async def test_an_erased_person_is_nowhere_and_their_orders_still_agree(
    server: Running, database: DatabaseUrls
) -> None:
    directory, booking = DirectoryServiceStub(server.channel), BookingServiceStub(server.channel)
    await directory.UpsertUsers(pb.UpsertUsersRequest(users=[ada()]), metadata=SERVICE)
    order_id = await created(booking)

    erased = await directory.EraseUser(pb.EraseUserRequest(user_id=BUYER), metadata=ADMIN)
    again = await directory.EraseUser(pb.EraseUserRequest(user_id=BUYER), metadata=ADMIN)
    assert again.pseudonym == erased.pseudonym != BUYER

    order = (
        await booking.GetOrder(
            ordering_pb2.GetOrderRequest(order_id=order_id), metadata=as_user("usr_agent", Role.AGENT)
        )
    ).order
    assert order.buyer_user_id == erased.pseudonym
    assert await _tables_that_contain(database, BUYER) == []

    late = await directory.UpsertUsers(pb.UpsertUsersRequest(users=[ada()]), metadata=SERVICE)
    assert (late.users[0].user_id, late.users[0].erased) == (erased.pseudonym, True)
    assert await _tables_that_contain(database, BUYER) == []


async def test_somebody_unknown_cannot_be_erased(server: Running) -> None:
    call = DirectoryServiceStub(server.channel).EraseUser(pb.EraseUserRequest(user_id="usr_nobody"), metadata=ADMIN)
    assert (await refusal(call)).reason == "NOT_FOUND"


async def _tables_that_contain(database: DatabaseUrls, text: str) -> list[str]:
    """Every table of the database in which the text stands anywhere. Slow and thorough."""
    connection = await asyncpg.connect(database.owner_url)
    tables = await connection.fetch(
        """select format('%I.%I', schemaname, tablename) as name from pg_tables
           where schemaname not in ('pg_catalog', 'information_schema')"""
    )
    found = [
        table["name"]
        for table in tables
        if await connection.fetchval(
            f"select exists (select from {table['name']} t where t::text like $1)", f"%{text}%"
        )
    ]
    await connection.close()
    return found
