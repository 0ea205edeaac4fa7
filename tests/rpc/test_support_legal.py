"""Copyright notices over a socket: what is hidden, who may answer, and when the post comes back."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from grpc import StatusCode

from callsheet.support.v1 import case_pb2
from callsheet.support.v1 import legal_pb2 as pb
from devstack.roles import DatabaseUrls
from server.core.clock import ManualClock
from tests.rpc.booking import BUYER, PROVIDER
from tests.rpc.harness import Running, refusal, running_server
from tests.rpc.support_callers import Support, as_agent, as_buyer, as_provider, as_stranger, support_on

POST = "fdp_0000000000000000000000000a"
WHOLE_NOTICE = list(range(1, 7))
WHOLE_ANSWER = [1, 3, 4, 5, 7]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime.now(UTC))


async def publish(database: DatabaseUrls) -> None:
    """The post that notices are about."""
    connection = await asyncpg.connect(database.owner_url)
    try:
        await connection.execute(
            "insert into feed_post (feed_id, author_id, role_tags, kind, title, is_published, published_at)"
            " values ($1, $2, '{}', 'case_study', 'Portraits', true, now())",
            POST,
            PROVIDER,
        )
    finally:
        await connection.close()


@pytest.fixture
async def server(database: DatabaseUrls, clock: ManualClock) -> AsyncIterator[Running]:
    await publish(database)
    async with running_server(database, clock=clock) as running:
        yield running


@pytest.fixture
async def support(server: Running) -> Support:
    return await support_on(server)


async def hidden_by(database: DatabaseUrls) -> str | None:
    connection = await asyncpg.connect(database.app_url)
    try:
        found: str | None = await connection.fetchval("select hidden_by_case from feed_post where feed_id = $1", POST)
    finally:
        await connection.close()
    return found


def notice(elements: list[int] | None = None, **changes: str) -> pb.FileDmcaNoticeRequest:
    request = pb.FileDmcaNoticeRequest(
        content_id=POST, name="Ada Lovelace", contact="ada@example.com", statement="This is my picture."
    )
    request.elements.extend(WHOLE_NOTICE if elements is None else elements)  # type: ignore[arg-type]  # by number
    for name, value in changes.items():
        setattr(request, name, value)
    return request


async def filed(support: Support) -> str:
    """The case of a notice; its id."""
    return (await support.stub.FileDmcaNotice(notice(), metadata=as_agent())).case.case_id


def answer(case_id: str, elements: list[int] | None = None) -> pb.FileCounterNoticeRequest:
    request = pb.FileCounterNoticeRequest(
        case_id=case_id, name="Bob", contact="bob@example.com", statement="I took it myself."
    )
    request.elements.extend(WHOLE_ANSWER if elements is None else elements)  # type: ignore[arg-type]  # by number
    return request


async def answered(support: Support) -> tuple[str, pb.FileCounterNoticeResponse]:
    case_id = await filed(support)
    return case_id, await support.stub.FileCounterNotice(answer(case_id), metadata=as_provider())


async def test_a_notice_hides_the_post_and_tells_its_author(support: Support, database: DatabaseUrls) -> None:
    response = await support.stub.FileDmcaNotice(notice(), metadata=as_agent())
    case = response.case
    assert (case.type, case.seller_user_id, case.content_id) == (case_pb2.CASE_TYPE_DMCA, PROVIDER, POST)
    assert response.notices_against_respondent == 1
    assert await hidden_by(database) == case.case_id
    (told,) = await support.said(case.case_id, as_provider())
    assert told.startswith("A copyright notice was received for your post")
    assert "ada@example.com" not in told


@pytest.mark.parametrize("missing", WHOLE_NOTICE)
async def test_an_incomplete_notice_is_refused_and_hides_nothing(
    support: Support, database: DatabaseUrls, missing: int
) -> None:
    elements = [element for element in WHOLE_NOTICE if element != missing]
    refused = await refusal(support.stub.FileDmcaNotice(notice(elements), metadata=as_agent()))
    name = pb.NoticeElement.Name(pb.NoticeElement.ValueType(missing)).removeprefix("NOTICE_ELEMENT_").lower()
    assert (refused.code, refused.violations) == (
        StatusCode.INVALID_ARGUMENT,
        {"elements": f"must include {name}"},
    )
    assert await hidden_by(database) is None


async def test_a_notice_about_nothing_or_against_oneself_is_refused(support: Support) -> None:
    unknown = await refusal(support.stub.FileDmcaNotice(notice(content_id="fdp_unknown"), metadata=as_agent()))
    own = await refusal(support.stub.FileDmcaNotice(notice(complainant_user_id=PROVIDER), metadata=as_agent()))
    assert unknown.code is StatusCode.NOT_FOUND
    assert own.violations == {"complainant_user_id": "must not be whose content it is"}


async def test_a_hidden_post_is_not_hidden_twice(support: Support) -> None:
    case_id = await filed(support)
    again = await refusal(support.stub.FileDmcaNotice(notice(), metadata=as_agent()))
    assert (again.reason, again.metadata["case_id"]) == ("CASE_ALREADY_OPEN", case_id)


async def test_an_answered_post_comes_back_by_itself(
    support: Support, server: Running, database: DatabaseUrls, clock: ManualClock
) -> None:
    case_id, response = await answered(support)
    opens, closes = (stamp.ToDatetime(UTC) for stamp in (response.restore_from, response.restore_until))
    clock.advance(opens - clock.now())
    await server.worker().run_due()
    early = await hidden_by(database)
    clock.advance(timedelta(days=1))
    await server.worker().run_due()

    assert early == case_id
    assert await hidden_by(database) is None
    assert clock.now() < closes
    assert "dmca_restore" in await support.events(case_id)


async def test_the_complainant_gets_a_copy_of_the_answer(support: Support) -> None:
    case_id = (await support.stub.FileDmcaNotice(notice(complainant_user_id=BUYER), metadata=as_agent())).case.case_id
    await support.stub.FileCounterNotice(answer(case_id), metadata=as_provider())
    for reader in (as_buyer(), as_agent()):
        copied = "".join(await support.said(case_id, reader))
        assert all(part in copied for part in ("I took it myself.", "Bob", "bob@example.com"))
    assert all("ada@example.com" not in said for said in await support.said(case_id, as_provider()))


async def test_a_court_keeps_the_post_hidden(
    support: Support, server: Running, database: DatabaseUrls, clock: ManualClock
) -> None:
    case_id, response = await answered(support)
    await support.stub.RecordCourtAction(
        pb.RecordCourtActionRequest(case_id=case_id, reference="N.D. Cal. 26-1"), metadata=as_agent()
    )
    clock.advance(response.restore_until.ToDatetime(UTC) - clock.now())
    await server.worker().run_due()
    refused = await refusal(
        support.stub.RestoreContent(pb.RestoreContentRequest(case_id=case_id, reason="?"), metadata=as_agent())
    )
    assert await hidden_by(database) == case_id
    assert (refused.reason, refused.metadata["why"]) == ("LEGAL_STEP_REFUSED", "a court action is recorded")


async def test_staff_restore_within_the_window_and_not_before(
    support: Support, database: DatabaseUrls, clock: ManualClock
) -> None:
    case_id, response = await answered(support)
    restoring = pb.RestoreContentRequest(case_id=case_id, reason="No court was asked.")
    early = await refusal(support.stub.RestoreContent(restoring, metadata=as_agent()))
    clock.advance(response.restore_from.ToDatetime(UTC) - clock.now())
    await support.stub.RestoreContent(restoring, metadata=as_agent())
    again = await refusal(support.stub.RestoreContent(restoring, metadata=as_agent()))

    assert early.metadata["why"] == f"not before {response.restore_from.ToDatetime(UTC).isoformat()}"
    assert again.metadata["why"] == "the content was restored"
    assert await hidden_by(database) is None


async def test_nothing_is_answered_twice_or_after_the_post_is_back(support: Support, clock: ManualClock) -> None:
    case_id, response = await answered(support)
    twice = await refusal(support.stub.FileCounterNotice(answer(case_id), metadata=as_provider()))
    clock.advance(response.restore_from.ToDatetime(UTC) - clock.now())
    await support.stub.RestoreContent(
        pb.RestoreContentRequest(case_id=case_id, reason="No court was asked."), metadata=as_agent()
    )
    late = await refusal(support.stub.FileCounterNotice(answer(case_id), metadata=as_provider()))
    court = await refusal(
        support.stub.RecordCourtAction(
            pb.RecordCourtActionRequest(case_id=case_id, reference="too late"), metadata=as_agent()
        )
    )
    assert (twice.reason, twice.metadata["why"]) == ("LEGAL_STEP_REFUSED", "the notice was answered")
    assert (late.metadata["why"], court.metadata["why"]) == ("the content was restored", "the content was restored")


async def test_only_the_author_answers_and_completely(support: Support) -> None:
    case_id = await filed(support)
    for caller in (as_buyer(), as_stranger()):
        refused = await refusal(support.stub.FileCounterNotice(answer(case_id), metadata=caller))
        assert refused.code is StatusCode.NOT_FOUND
    incomplete = await refusal(support.stub.FileCounterNotice(answer(case_id, [1, 3, 4, 5]), metadata=as_provider()))
    assert incomplete.violations == {"elements": "must include consent_to_jurisdiction"}


async def test_without_an_answer_nothing_comes_back(support: Support) -> None:
    case_id = await filed(support)
    calls = [
        support.stub.RestoreContent(pb.RestoreContentRequest(case_id=case_id, reason="?"), metadata=as_agent()),
        support.stub.RecordCourtAction(
            pb.RecordCourtActionRequest(case_id=case_id, reference="?"), metadata=as_agent()
        ),
    ]
    refused = [await refusal(call) for call in calls]
    assert {answer.metadata["why"] for answer in refused} == {"there is no counter-notice"}


async def test_who_sent_a_notice_is_not_stored_in_the_clear(support: Support, database: DatabaseUrls) -> None:
    await filed(support)
    connection = await asyncpg.connect(database.app_url)
    try:
        stored: bytes = await connection.fetchval("select parties_ciphertext from dmca_notice")
        details: str = await connection.fetchval("select string_agg(details_json::text, '') from support_event")
    finally:
        await connection.close()
    assert b"Lovelace" not in stored
    assert "Lovelace" not in details
