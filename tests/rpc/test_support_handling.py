"""How cases are handled over a socket: who may take which step, and what follows from it."""

import asyncio

import grpc
import pytest
from grpc import StatusCode

from callsheet.support.v1 import case_pb2, cases_pb2
from callsheet.support.v1 import handling_pb2 as pb
from server.core.call import Role
from tests.rpc.booking import BUYER, STRANGER
from tests.rpc.harness import Running, as_user, read_refusal, refusal
from tests.rpc.support_callers import (
    AGENT,
    OTHER_AGENT,
    Support,
    as_agent,
    as_buyer,
    as_provider,
    as_stranger,
    support_on,
)


@pytest.fixture
async def support(server: Running) -> Support:
    return await support_on(server)


async def test_an_assigned_case_is_investigated(support: Support) -> None:
    case = await support.open()
    assigned = await support.assign(case.case_id, owner_user_id=OTHER_AGENT)
    again = await support.assign(case.case_id)

    assert (assigned.status, assigned.handling.owner_user_id) == (
        case_pb2.CASE_STATUS_INVESTIGATING,
        OTHER_AGENT,
    )
    assert again.handling.owner_user_id == AGENT
    assert await support.events(case.case_id) == ["open", "investigate", "assigned"]
    assert await support.events(case.case_id, as_buyer()) == ["open", "investigate"]


async def test_the_customers_answer_goes_on_with_the_case(support: Support) -> None:
    case = await support.open()
    waiting = await support.await_customer(case.case_id)
    await support.say(case.case_id, "I was there.", as_provider())
    still = await support.read(case.case_id)
    await support.say(case.case_id, "On Monday.", as_buyer())
    going_on = await support.read(case.case_id)

    assert waiting.handling.HasField("paused_at")
    assert not waiting.handling.HasField("resolution_due_at")
    assert still.status == case_pb2.CASE_STATUS_AWAITING_CUSTOMER
    assert going_on.status == case_pb2.CASE_STATUS_INVESTIGATING
    assert going_on.handling.HasField("next_response_due_at")
    assert await support.said(case.case_id) == ["Nobody came.", "When was that?", "I was there.", "On Monday."]


async def test_the_sellers_answer_goes_on_with_the_case(support: Support) -> None:
    case = await support.open()
    waiting = await support.await_seller(case.case_id)
    await support.say(case.case_id, "Hello?", as_buyer())
    assert (await support.read(case.case_id)).status == case_pb2.CASE_STATUS_AWAITING_SELLER
    await support.say(case.case_id, "I was there.", as_provider())
    assert (await support.read(case.case_id)).status == case_pb2.CASE_STATUS_INVESTIGATING
    assert waiting.handling.HasField("resolution_due_at")


async def test_a_case_without_another_side_waits_for_nobody(support: Support) -> None:
    case = await support.open(type=case_pb2.CASE_TYPE_PRODUCT, leg_id="")
    refused = await refusal(
        support.stub.AwaitSeller(pb.AwaitSellerRequest(case_id=case.case_id, body_md="Well?"), metadata=as_agent())
    )
    assert refused.violations == {"case_id": "must have another side to wait for"}
    assert await support.said(case.case_id) == ["Nobody came."]


async def test_a_decision_takes_two_people(support: Support) -> None:
    case = await support.open()
    await support.investigate(case.case_id)
    pending = await support.request_decision(case.case_id)
    by_the_same = await refusal(
        support.stub.DenyCase(pb.DenyCaseRequest(case_id=case.case_id, body_md="No."), metadata=as_agent())
    )
    denied = await support.deny(case.case_id)

    assert pending.handling.decision_requested_by == AGENT
    assert (by_the_same.code, by_the_same.reason) == (StatusCode.PERMISSION_DENIED, "FOUR_EYES")
    assert (denied.status, denied.handling.reason_code) == (case_pb2.CASE_STATUS_DENIED, "attended")
    assert denied.handling.decision_requested_by == ""
    assert await support.said(case.case_id, as_buyer()) == ["Nobody came.", "They were there."]


async def test_a_requested_decision_can_be_refused_with_a_reason(support: Support) -> None:
    case = await support.open()
    await support.investigate(case.case_id)
    await support.request_decision(case.case_id)
    without = await refusal(
        support.stub.InvestigateCase(pb.InvestigateCaseRequest(case_id=case.case_id), metadata=as_agent(OTHER_AGENT))
    )
    refused = await support.investigate(case.case_id, as_agent(OTHER_AGENT), reason="Ask the studio first.")

    assert without.violations == {"reason": "must say why the requested decision is refused"}
    assert (refused.status, refused.handling.owner_user_id) == (case_pb2.CASE_STATUS_INVESTIGATING, AGENT)
    assert (await support.events(case.case_id))[-1] == "reject_decision"


async def test_goodwill_is_given_where_nothing_is_owed(support: Support) -> None:
    case = await support.open()
    await support.investigate(case.case_id)
    await support.request_decision(case.case_id)
    answer = await support.stub.GrantGoodwill(
        pb.GrantGoodwillRequest(case_id=case.case_id, body_md="Have a free hour."), metadata=as_agent(OTHER_AGENT)
    )
    assert answer.case.status == case_pb2.CASE_STATUS_GOODWILL


async def test_escalation_is_one_step_more_severe(support: Support) -> None:
    case = await support.open()
    escalated = (
        await support.stub.EscalateCase(
            pb.EscalateCaseRequest(case_id=case.case_id, reason="Threats."), metadata=as_agent()
        )
    ).case
    investigated = await support.investigate(case.case_id)
    assert (escalated.status, escalated.handling.severity) == (
        case_pb2.CASE_STATUS_ESCALATED,
        case_pb2.CASE_SEVERITY_HIGH,
    )
    assert investigated.status == case_pb2.CASE_STATUS_INVESTIGATING


async def test_staff_close_what_is_undecided_and_customers_what_is_decided(support: Support) -> None:
    case = await support.open()
    by_customer = await refusal(support.stub.CloseCase(pb.CloseCaseRequest(case_id=case.case_id), metadata=as_buyer()))
    by_seller = await refusal(support.stub.CloseCase(pb.CloseCaseRequest(case_id=case.case_id), metadata=as_provider()))
    unexplained = await refusal(support.stub.CloseCase(pb.CloseCaseRequest(case_id=case.case_id), metadata=as_agent()))
    await support.investigate(case.case_id)
    await support.request_decision(case.case_id)
    await support.deny(case.case_id)
    by_staff = await refusal(
        support.stub.CloseCase(pb.CloseCaseRequest(case_id=case.case_id, reason="Done."), metadata=as_agent())
    )
    closed = await support.close(case.case_id, as_buyer())

    assert (by_customer.reason, by_customer.metadata["status"]) == ("ILLEGAL_TRANSITION", "open")
    assert (by_seller.code, by_seller.reason) == (StatusCode.NOT_FOUND, "NOT_FOUND")
    assert unexplained.violations == {"reason": "must say why the case ends"}
    assert (by_staff.reason, by_staff.metadata["status"]) == ("ILLEGAL_TRANSITION", "denied")
    assert (closed.status, closed.closed_reason) == (case_pb2.CASE_STATUS_CLOSED, "accepted by the customer")


async def test_a_reopened_case_begins_a_new_cycle(support: Support) -> None:
    case = await support.open()
    await support.close(case.case_id, reason="Spam.")
    silent = await refusal(
        support.stub.PostMessage(
            cases_pb2.PostMessageRequest(case_id=case.case_id, body_md="But!"), metadata=as_buyer()
        )
    )
    reopened = await support.reopen(case.case_id)
    seen = await support.read(case.case_id)

    assert (silent.reason, silent.metadata["status"]) == ("ILLEGAL_TRANSITION", "closed")
    assert reopened.status == case_pb2.CASE_STATUS_INVESTIGATING
    assert not reopened.HasField("closed_at")
    assert seen.handling.sla_cycle == 2
    assert seen.handling.HasField("first_response_due_at")
    assert (await support.said(case.case_id))[-1] == "It happened again."


async def test_a_case_is_not_reopened_beside_another_open_one(support: Support) -> None:
    case = await support.open()
    await support.close(case.case_id, reason="Spam.")
    await support.open()
    refused = await refusal(
        support.stub.ReopenCase(pb.ReopenCaseRequest(case_id=case.case_id, reason="Again."), metadata=as_buyer())
    )
    assert (refused.code, refused.reason) == (StatusCode.ALREADY_EXISTS, "CASE_ALREADY_OPEN")


async def test_nobody_handles_their_own_case(support: Support) -> None:
    case = await support.open()
    as_buyer_and_agent = as_user(BUYER, Role.USER, Role.AGENT)
    own = await refusal(
        support.stub.AssignCase(pb.AssignCaseRequest(case_id=case.case_id), metadata=as_buyer_and_agent)
    )
    given = await refusal(
        support.stub.AssignCase(pb.AssignCaseRequest(case_id=case.case_id, owner_user_id=BUYER), metadata=as_agent())
    )
    assert {(own.code, own.reason), (given.code, given.reason)} == {(StatusCode.PERMISSION_DENIED, "OWN_CASE")}
    assert not (await support.read(case.case_id, as_buyer_and_agent)).HasField("handling")


async def test_customers_do_not_handle(support: Support) -> None:
    case = await support.open()
    refused = await refusal(
        support.stub.InvestigateCase(pb.InvestigateCaseRequest(case_id=case.case_id), metadata=as_buyer())
    )
    assert (refused.code, refused.reason) == (StatusCode.PERMISSION_DENIED, "ROLE_REQUIRED")


async def test_a_change_on_an_old_version_is_refused(support: Support) -> None:
    case = await support.open()
    await support.investigate(case.case_id)
    stale = await refusal(
        support.stub.EscalateCase(
            pb.EscalateCaseRequest(case_id=case.case_id, reason="Now.", version=1), metadata=as_agent()
        )
    )
    assert (stale.code, stale.reason, stale.metadata["version"]) == (StatusCode.ABORTED, "STALE_VERSION", "2")


async def test_a_party_names_the_version_that_it_sees(support: Support) -> None:
    case = await support.open()
    await support.say(case.case_id, "A note.", as_agent(), internal=True)
    await support.close(case.case_id, reason="Spam.")
    seen = await support.read(case.case_id, as_buyer())
    answer = await support.stub.ReopenCase(
        pb.ReopenCaseRequest(case_id=case.case_id, reason="Again.", version=seen.version), metadata=as_buyer()
    )
    assert (seen.version, answer.case.version) == (2, 3)


async def test_watchers_read_what_parties_read_until_they_are_removed(support: Support) -> None:
    case = await support.open()
    await support.say(case.case_id, "A note.", as_agent(), internal=True)
    added = await support.stub.AddWatcher(
        pb.AddWatcherRequest(case_id=case.case_id, user_id=STRANGER), metadata=as_agent()
    )
    seen = await support.said(case.case_id, as_stranger())
    mute = await refusal(
        support.stub.PostMessage(
            cases_pb2.PostMessageRequest(case_id=case.case_id, body_md="Hi"), metadata=as_stranger()
        )
    )
    await support.stub.RemoveWatcher(
        pb.RemoveWatcherRequest(case_id=case.case_id, user_id=STRANGER), metadata=as_agent()
    )
    gone = await refusal(support.stub.GetCase(cases_pb2.GetCaseRequest(case_id=case.case_id), metadata=as_stranger()))

    assert list(added.case.handling.watchers) == [STRANGER]
    assert seen == ["Nobody came."]
    assert (mute.reason, gone.reason) == ("NOT_FOUND", "NOT_FOUND")


async def test_severity_orders_queues_and_moves_no_deadline(support: Support) -> None:
    case = await support.open()
    before = await support.read(case.case_id)
    answer = await support.stub.UpdateCaseSeverity(
        pb.UpdateCaseSeverityRequest(case_id=case.case_id, severity=case_pb2.CASE_SEVERITY_URGENT, reason="VIP"),
        metadata=as_agent(),
    )
    assert answer.case.handling.severity == case_pb2.CASE_SEVERITY_URGENT
    assert answer.case.handling.first_response_due_at == before.handling.first_response_due_at
    assert await support.events(case.case_id, as_buyer()) == ["open"]


async def merged(support: Support) -> tuple[case_pb2.Case, case_pb2.Case]:
    """A signpost, and the case it points to."""
    one, other = await support.open(), await support.open(type=case_pb2.CASE_TYPE_PAYMENT, body_md="I paid twice.")
    answer = await support.stub.MergeCases(
        pb.MergeCasesRequest(case_id=one.case_id, into_case_id=other.case_id), metadata=as_agent()
    )
    return await support.read(one.case_id), answer.case


async def test_a_merged_case_is_a_signpost_and_its_messages_move(support: Support) -> None:
    ended, lasting = await merged(support)
    listed = await support.stub.ListMessages(
        cases_pb2.ListMessagesRequest(case_id=lasting.case_id), metadata=as_buyer()
    )
    assert (ended.status, ended.merged_into_case_id) == (case_pb2.CASE_STATUS_CLOSED, lasting.case_id)
    assert {(said.body_md, said.origin_case_id) for said in listed.messages} == {
        ("Nobody came.", ended.case_id),
        ("I paid twice.", ""),
    }
    assert await support.events(lasting.case_id) == ["open", "merged_in"]


async def test_nothing_is_done_with_a_merged_case(support: Support) -> None:
    ended, lasting = await merged(support)
    case_id, agent = ended.case_id, as_agent()
    calls = [
        support.stub.PostMessage(cases_pb2.PostMessageRequest(case_id=case_id, body_md="Hi"), metadata=as_buyer()),
        support.stub.AssignCase(pb.AssignCaseRequest(case_id=case_id), metadata=agent),
        support.stub.UpdateCaseSeverity(
            pb.UpdateCaseSeverityRequest(case_id=case_id, severity=case_pb2.CASE_SEVERITY_LOW), metadata=agent
        ),
        support.stub.AddWatcher(pb.AddWatcherRequest(case_id=case_id, user_id=STRANGER), metadata=agent),
        support.stub.RemoveWatcher(pb.RemoveWatcherRequest(case_id=case_id, user_id=STRANGER), metadata=agent),
        support.stub.InvestigateCase(pb.InvestigateCaseRequest(case_id=case_id), metadata=agent),
        support.stub.AwaitCustomer(pb.AwaitCustomerRequest(case_id=case_id, body_md="?"), metadata=agent),
        support.stub.AwaitSeller(pb.AwaitSellerRequest(case_id=case_id, body_md="?"), metadata=agent),
        support.stub.RequestDecision(pb.RequestDecisionRequest(case_id=case_id, proposal="Deny."), metadata=agent),
        support.stub.DenyCase(pb.DenyCaseRequest(case_id=case_id, body_md="No."), metadata=agent),
        support.stub.GrantGoodwill(pb.GrantGoodwillRequest(case_id=case_id, body_md="Yes."), metadata=agent),
        support.stub.EscalateCase(pb.EscalateCaseRequest(case_id=case_id, reason="Now."), metadata=agent),
        support.stub.CloseCase(pb.CloseCaseRequest(case_id=case_id, reason="Over."), metadata=agent),
        support.stub.ReopenCase(pb.ReopenCaseRequest(case_id=case_id, reason="Again."), metadata=as_buyer()),
        support.stub.MergeCases(pb.MergeCasesRequest(case_id=lasting.case_id, into_case_id=case_id), metadata=agent),
    ]
    refused = [await refusal(call) for call in calls]
    assert {(answer.code, answer.reason) for answer in refused} == {(StatusCode.FAILED_PRECONDITION, "CASE_MERGED")}
    assert {answer.metadata["merged_into_case_id"] for answer in refused} == {lasting.case_id}


async def test_only_cases_between_the_same_people_merge(support: Support) -> None:
    one = await support.open()
    private = await support.open(type=case_pb2.CASE_TYPE_PRODUCT, leg_id="")
    refused = await refusal(
        support.stub.MergeCases(
            pb.MergeCasesRequest(case_id=private.case_id, into_case_id=one.case_id), metadata=as_agent()
        )
    )
    itself = await refusal(
        support.stub.MergeCases(
            pb.MergeCasesRequest(case_id=one.case_id, into_case_id=one.case_id), metadata=as_agent()
        )
    )
    assert refused.violations == {"into_case_id": "must be a case between the same people"}
    assert itself.violations == {"into_case_id": "must be another case"}


async def test_a_history_comes_in_pages(support: Support) -> None:
    case = await support.open()
    await support.investigate(case.case_id)
    first = await support.stub.ListCaseEvents(
        cases_pb2.ListCaseEventsRequest(case_id=case.case_id, page_size=1), metadata=as_buyer()
    )
    second = await support.stub.ListCaseEvents(
        cases_pb2.ListCaseEventsRequest(case_id=case.case_id, page_size=1, page_token=first.next_page_token),
        metadata=as_buyer(),
    )
    assert [event.event for event in (*first.events, *second.events)] == ["open", "investigate"]
    assert [event.actor_user_id for event in (*first.events, *second.events)] == [BUYER, ""]
    assert second.next_page_token == ""


async def test_watching_shows_each_reader_what_they_may_see_as_it_happens(support: Support) -> None:
    case = await support.open()
    watch = cases_pb2.WatchCaseRequest(case_id=case.case_id)
    streams = [support.stub.WatchCase(watch, metadata=who) for who in (as_buyer(), as_agent())]
    first = [await anext(aiter(stream)) for stream in streams]
    assert [(answer.event.sequence, answer.event.event) for answer in first] == [(1, "open"), (1, "open")]

    await support.say(case.case_id, "A note.", as_agent(), internal=True)
    await support.investigate(case.case_id)
    by_buyer, by_agent = await asyncio.gather(*(anext(aiter(stream)) for stream in streams))
    last = await anext(aiter(streams[1]))

    assert (by_buyer.event.sequence, by_buyer.event.event) == (2, "investigate")
    assert (by_agent.event.sequence, by_agent.event.event) == (2, "note_posted")
    assert (last.event.sequence, last.event.event) == (3, "investigate")
    for stream in streams:
        stream.cancel()


async def test_a_stranger_watches_nothing(support: Support) -> None:
    case = await support.open()
    stream = support.stub.WatchCase(cases_pb2.WatchCaseRequest(case_id=case.case_id), metadata=as_stranger())
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await anext(aiter(stream))
    assert read_refusal(raised.value).reason == "NOT_FOUND"


async def test_a_transition_runs_a_known_number_of_statements(support: Support, server: Running) -> None:
    case = await support.open()
    server.statements.forget()
    await support.investigate(case.case_id)
    assert server.statements.count("InvestigateCase") <= 5
