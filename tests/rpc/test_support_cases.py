"""Cases over a socket: opening, reading, queues and conversation."""

import asyncio

import pytest
from grpc import StatusCode

from callsheet.support.v1 import case_pb2, cases_pb2
from server.core.call import Role
from tests.rpc.booking import BUYER, PROVIDER
from tests.rpc.harness import Running, as_user, refusal
from tests.rpc.support_callers import (
    AGENT,
    Support,
    as_agent,
    as_buyer,
    as_provider,
    as_stranger,
    opening,
    support_on,
)


@pytest.fixture
async def support(server: Running) -> Support:
    return await support_on(server)


async def test_a_case_is_opened_with_its_first_message_and_read(support: Support) -> None:
    opened = await support.open()
    read = await support.read(opened.case_id, as_buyer())
    messages = await support.stub.ListMessages(
        cases_pb2.ListMessagesRequest(case_id=opened.case_id), metadata=as_provider()
    )

    assert read == opened
    assert (opened.status, opened.customer_user_id, opened.seller_user_id) == (
        case_pb2.CASE_STATUS_OPEN,
        BUYER,
        PROVIDER,
    )
    assert [(said.author_role, said.body_html) for said in messages.messages] == [
        (case_pb2.AUTHOR_ROLE_BUYER, "<p>Nobody came.</p>\n")
    ]


async def test_the_provider_of_an_order_is_the_customer_of_the_case_they_open(support: Support) -> None:
    opened = await support.open(as_provider())
    assert (opened.customer_role, opened.seller_user_id) == (case_pb2.AUTHOR_ROLE_SELLER, BUYER)


async def test_what_staff_see_of_a_case_is_absent_for_its_parties(support: Support) -> None:
    opened = await support.open()
    seen_by_agent = await support.read(opened.case_id)
    assert not opened.HasField("handling")
    assert seen_by_agent.handling.severity == case_pb2.CASE_SEVERITY_NORMAL
    assert seen_by_agent.handling.HasField("first_response_due_at")


async def test_there_is_one_open_case_of_a_type_per_order(support: Support) -> None:
    first = await support.open()
    refused = await refusal(support.stub.OpenCase(opening(support.order_id), metadata=as_provider()))
    other = await support.open(type=case_pb2.CASE_TYPE_PAYMENT)

    assert (refused.code, refused.reason) == (StatusCode.ALREADY_EXISTS, "CASE_ALREADY_OPEN")
    assert refused.metadata["case_id"] == first.case_id
    assert other.case_id != first.case_id


async def test_of_concurrent_openings_one_wins(support: Support) -> None:
    answers = await asyncio.gather(*(support.open() for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(answer, case_pb2.Case) for answer in answers) == 1


async def test_a_case_does_not_exist_for_a_stranger(support: Support) -> None:
    case = await support.open()
    calls = [
        support.stub.GetCase(cases_pb2.GetCaseRequest(case_id=case.case_id), metadata=as_stranger()),
        support.stub.ListMessages(cases_pb2.ListMessagesRequest(case_id=case.case_id), metadata=as_stranger()),
        support.stub.PostMessage(
            cases_pb2.PostMessageRequest(case_id=case.case_id, body_md="Hello"), metadata=as_stranger()
        ),
        support.stub.OpenCase(opening(support.order_id), metadata=as_stranger()),
        support.stub.GetCase(cases_pb2.GetCaseRequest(case_id="sca_unknown"), metadata=as_buyer()),
    ]
    refused = [await refusal(call) for call in calls]
    assert {(answer.code, answer.reason) for answer in refused} == {(StatusCode.NOT_FOUND, "NOT_FOUND")}


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"leg_id": ""}, "leg_id", "must name the order of a booking case"),
        ({"type": case_pb2.CASE_TYPE_DMCA}, "type", "comes from a notice or from the payment processor"),
        ({"type": case_pb2.CASE_TYPE_CHARGEBACK}, "type", "comes from a notice or from the payment processor"),
        (
            {"studio_id": "std_1"},
            "studio_id",
            "is taken from services and staff only, because it cannot be checked here",
        ),
        ({"body_md": ""}, "body_md", "must be at least 1 characters"),
        ({"body_md": "x" * 20_001}, "body_md", "must be at most 20000 characters"),
        ({"subtype": "No Show"}, "subtype", "does not match regex pattern `^$|^[a-z][a-z0-9_]{1,39}$`"),
    ],
)
async def test_a_bad_opening_names_field_and_rule(
    support: Support, changes: dict[str, object], field: str, rule: str
) -> None:
    refused = await refusal(support.stub.OpenCase(opening(support.order_id, **changes), metadata=as_buyer()))
    assert (refused.code, refused.reason) == (StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
    assert refused.violations == {field: rule}


async def test_only_staff_and_services_open_cases_for_others(support: Support) -> None:
    for_the_buyer = opening(support.order_id, customer_user_id=BUYER)
    refused = await refusal(support.stub.OpenCase(for_the_buyer, metadata=as_provider()))
    nobodys = await refusal(
        support.stub.OpenCase(opening(support.order_id), metadata=as_user("svc_fans", Role.SERVICE))
    )
    opened = (await support.stub.OpenCase(for_the_buyer, metadata=as_agent())).case

    assert (refused.code, refused.reason) == (StatusCode.PERMISSION_DENIED, "NOT_SELF")
    assert nobodys.violations == {"customer_user_id": "must name whose case it is when a service opens it"}
    assert (opened.customer_user_id, opened.customer_role) == (BUYER, case_pb2.AUTHOR_ROLE_BUYER)


async def test_a_service_vouches_for_what_cannot_be_checked_here(support: Support) -> None:
    request = cases_pb2.OpenCaseRequest(
        type=case_pb2.CASE_TYPE_PRODUCT, order_id="fan_1", customer_user_id=BUYER, body_md="It does not play."
    )
    opened = (await support.stub.OpenCase(request, metadata=as_user("svc_fans", Role.SERVICE))).case
    assert (opened.order_id, opened.seller_user_id) == ("fan_1", "")


async def test_a_repeated_opening_with_one_key_is_one_case(support: Support) -> None:
    first = await support.open(idempotency_key="k1")
    again = await support.open(idempotency_key="k1")
    assert again == first


async def test_notes_stay_among_staff(support: Support) -> None:
    case = await support.open()
    before = await support.read(case.case_id, as_buyer())
    await support.say(case.case_id, "I know this one.", as_agent(), internal=True)
    after = await support.read(case.case_id, as_buyer())
    listed = {
        who: [said.body_md for said in (await support.stub.ListMessages(request, metadata=metadata)).messages]
        for request in [cases_pb2.ListMessagesRequest(case_id=case.case_id)]
        for who, metadata in {
            "buyer": as_buyer(),
            "service": as_user("svc_bff", Role.SERVICE),
            "agent": as_agent(),
        }.items()
    }

    assert listed == {
        "buyer": ["Nobody came."],
        "service": ["Nobody came."],
        "agent": ["Nobody came.", "I know this one."],
    }
    assert after == before
    assert (await support.read(case.case_id)).version == before.version + 1


async def test_only_staff_write_notes(support: Support) -> None:
    case = await support.open()
    note = cases_pb2.PostMessageRequest(case_id=case.case_id, body_md="psst", visibility=case_pb2.VISIBILITY_INTERNAL)
    refused = await refusal(support.stub.PostMessage(note, metadata=as_buyer()))
    assert (refused.code, refused.reason) == (StatusCode.PERMISSION_DENIED, "ROLE_REQUIRED")


async def test_an_agent_is_support_and_no_person_to_the_parties(support: Support) -> None:
    case = await support.open()
    posted = await support.say(case.case_id, "We look into it.", as_agent())
    (_, seen) = (
        await support.stub.ListMessages(cases_pb2.ListMessagesRequest(case_id=case.case_id), metadata=as_buyer())
    ).messages
    assert (posted.author_user_id, seen.author_user_id) == (AGENT, "")
    assert seen.author_role == case_pb2.AUTHOR_ROLE_AGENT


async def test_messages_come_in_pages_that_belong_to_their_reader(support: Support) -> None:
    case = await support.open()
    for text in ("one", "two"):
        await support.say(case.case_id, text, as_buyer())
    first = await support.stub.ListMessages(
        cases_pb2.ListMessagesRequest(case_id=case.case_id, page_size=2), metadata=as_buyer()
    )
    onward = cases_pb2.ListMessagesRequest(case_id=case.case_id, page_size=2, page_token=first.next_page_token)
    second = await support.stub.ListMessages(onward, metadata=as_buyer())
    foreign = await refusal(support.stub.ListMessages(onward, metadata=as_agent()))

    assert [said.body_md for said in (*first.messages, *second.messages)] == ["Nobody came.", "one", "two"]
    assert second.next_page_token == ""
    assert (foreign.code, foreign.reason) == (StatusCode.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID")


async def queue(support: Support, queue: cases_pb2.Queue.ValueType, **call: object) -> list[str]:
    """The ids of a queue, read page by page."""
    found: list[str] = []
    token = ""
    while True:
        page = await support.stub.ListCases(
            cases_pb2.ListCasesRequest(queue=queue, page_size=1, page_token=token),
            metadata=call.get("metadata", as_agent()),  # type: ignore[arg-type]  # one keyword, one type
        )
        found += [case.case_id for case in page.cases]
        token = page.next_page_token
        if not token:
            return found


async def test_queues_hold_what_they_are_named_for(support: Support) -> None:
    slow = await support.open()
    urgent = await support.open(type=case_pb2.CASE_TYPE_PAYMENT)

    assert await queue(support, cases_pb2.QUEUE_OWN, metadata=as_buyer()) == [urgent.case_id, slow.case_id]
    assert await queue(support, cases_pb2.QUEUE_INVOLVING, metadata=as_provider()) == [urgent.case_id, slow.case_id]
    assert await queue(support, cases_pb2.QUEUE_OWN, metadata=as_provider()) == []
    assert await queue(support, cases_pb2.QUEUE_UNASSIGNED) == [urgent.case_id, slow.case_id]
    assert await queue(support, cases_pb2.QUEUE_MINE) == []
    assert await queue(support, cases_pb2.QUEUE_BREACHING) == []


async def test_queues_of_staff_are_for_staff(support: Support) -> None:
    for name in (cases_pb2.QUEUE_MINE, cases_pb2.QUEUE_UNASSIGNED, cases_pb2.QUEUE_BREACHING):
        refused = await refusal(support.stub.ListCases(cases_pb2.ListCasesRequest(queue=name), metadata=as_buyer()))
        assert (refused.code, refused.reason) == (StatusCode.PERMISSION_DENIED, "ROLE_REQUIRED")


async def test_reading_a_case_is_one_statement(support: Support, server: Running) -> None:
    case = await support.open()
    server.statements.forget()
    await support.read(case.case_id, as_buyer())
    assert server.statements.count("GetCase") == 1
