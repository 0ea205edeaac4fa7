"""Alerts over a socket: who is told what, once, and which mail leaves."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import grpc
import pytest

from callsheet.growth.v1 import notification_pb2, search_document_pb2
from callsheet.growth.v1 import saved_search_pb2 as pb
from callsheet.growth.v1.growth_pb2_grpc import GrowthServiceStub
from devstack.roles import DatabaseUrls
from server.core.clock import ManualClock
from server.core.db import Tx
from server.growth.saved_searches.domain import local_day
from server.growth.saved_searches.matching import MOST_MATCHES, Ask, Match, PostgresSearchIndex
from server.growth.saved_searches.timers import FIND_DUE
from tests.rpc.growth import document, enqueue, lasting, person, service, stored, struct, zone_at
from tests.rpc.harness import Running, as_user, refusal, running_server
from tests.support.parts import Mailbox

OWNER, OTHER = "usr_owner", "usr_other"
MODELS: dict[str, object] = {"roles": {"any_of": ["model"]}}
CHEAP: dict[str, object] = {"price_cents": {"lte": 30_000}}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime.now(UTC))


@pytest.fixture
async def server(database: DatabaseUrls, mail: Mailbox, clock: ManualClock) -> AsyncIterator[Running]:
    async with running_server(database, clock=clock, smtp_url=mail.smtp_url) as running:
        for user_id in (OWNER, OTHER):
            await person(running, user_id)
        yield running


@pytest.fixture
def growth(server: Running) -> GrowthServiceStub:
    return GrowthServiceStub(server.channel)


async def search(server: Running, tree: dict[str, object], user_id: str = OWNER, *, hour: int = 12) -> pb.SavedSearch:
    request = pb.CreateSavedSearchRequest(
        scope=pb.SEARCH_SCOPE_PEOPLE,
        query=struct(tree),
        city="berlin",
        time_zone=zone_at(hour, server.app.core.clock.now()),
    )
    answer = await GrowthServiceStub(server.channel).CreateSavedSearch(request, metadata=lasting(user_id))
    return answer.saved_search


async def night(server: Running) -> None:
    """The schedule's tick and everything that follows from it."""
    await enqueue(server, FIND_DUE)
    await server.worker().run_due()


async def alerts(server: Running, user_id: str = OWNER, search_id: str = "") -> list[pb.SavedSearchAlert]:
    answer = await GrowthServiceStub(server.channel).ListSavedSearchAlerts(
        pb.ListSavedSearchAlertsRequest(search_id=search_id), metadata=lasting(user_id)
    )
    return list(answer.alerts)


def found(alert: pb.SavedSearchAlert) -> list[str]:
    return [shown.document_id for shown in alert.documents]


async def test_what_is_new_is_told_by_notification_and_mail(
    server: Running, growth: GrowthServiceStub, mail: Mailbox
) -> None:
    await stored(server, document("early"))
    saved = await search(server, {"all": [MODELS, CHEAP]})
    await stored(server, document("anna"), document("dear", price_cents=90_000), document("ben", roles=["stylist"]))

    await night(server)

    (alert,) = await alerts(server)
    assert (alert.search_id, found(alert), alert.match_count, alert.email_sent) == (
        saved.search_id,
        ["srv_anna"],
        1,
        True,
    )
    told = await growth.ListNotifications(notification_pb2.ListNotificationsRequest(), metadata=lasting(OWNER))
    (notification,) = told.notifications
    assert (notification.kind, notification.related_id) == ("saved_search_alert", alert.alert_id)
    assert dict(notification.payload.items()) == {"search_id": saved.search_id, "city": "berlin", "match_count": 1}
    (sent,) = mail.mails()
    assert sent.recipients == ("owner@example.org",)
    assert "Anna" in sent.text
    assert "Anna" in sent.html
    source = mail.store.source(sent.mail_id) or b""
    assert f"<{alert.alert_id}@callsheet>".encode() in source
    assert re.search(rb"^List-Unsubscribe: <http[^>]+/v1/unsubscribe\?token=[\w-]+>\r\n", source, re.MULTILINE)
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in source


async def test_a_day_is_run_once_however_often_the_clock_ticks(server: Running, mail: Mailbox) -> None:
    await search(server, MODELS)
    await stored(server, document("anna"))
    await night(server)
    await stored(server, document("ben"))
    for _ in range(3):
        await night(server)

    assert [found(alert) for alert in await alerts(server)] == [["srv_anna"]]
    assert len(mail.mails()) == 1


async def test_the_next_day_tells_what_changed_since(server: Running, clock: ManualClock, mail: Mailbox) -> None:
    await search(server, MODELS)
    await stored(server, document("anna"), document("ben"))
    await night(server)
    assert await stored(server, document("anna"), document("ben", price_cents=100)) == 1
    clock.advance(timedelta(days=1))
    await night(server)
    clock.advance(timedelta(days=1))
    await night(server)

    assert [set(found(alert)) for alert in await alerts(server)] == [{"srv_ben"}, {"srv_anna", "srv_ben"}]
    assert len(mail.mails()) == 2


async def test_before_the_morning_nothing_is_told(server: Running, clock: ManualClock) -> None:
    await search(server, MODELS, hour=6)
    await stored(server, document("anna"))
    await night(server)
    assert await alerts(server) == []

    clock.advance(timedelta(hours=1))
    await night(server)
    assert len(await alerts(server)) == 1


async def test_an_item_is_told_once_a_day_and_the_older_search_has_it(server: Running, clock: ManualClock) -> None:
    older = await search(server, MODELS)
    clock.advance(timedelta(seconds=1))  # ids of one instant have no order
    newer = await search(server, {"any": [CHEAP, {"verified": True}]})
    await search(server, CHEAP, OTHER)
    await stored(server, document("anna"), document("ben", roles=["stylist"]))
    await night(server)

    assert {alert.search_id: found(alert) for alert in await alerts(server)} == {
        older.search_id: ["srv_anna"],
        newer.search_id: ["srv_ben"],
    }
    (others,) = await alerts(server, OTHER)
    assert set(found(others)) == {"srv_anna", "srv_ben"}


async def test_own_items_are_not_told(server: Running) -> None:
    await search(server, MODELS)
    await stored(server, document("mine", owner_user_id=OWNER))
    await night(server)

    assert await alerts(server) == []


async def test_equal_searches_cost_one_query(server: Running) -> None:
    for number in range(6):
        await search(server, {"all": [CHEAP, MODELS]} if number % 2 else {"all": [MODELS, CHEAP]}, f"usr_{number}")
    await search(server, CHEAP)
    await stored(server, document("anna"))
    server.statements.forget()
    await night(server)

    assert server.statements.containing("city = $2 and change_seq >= $3") == 2
    assert [len(await alerts(server, f"usr_{number}")) for number in range(6)] == [1] * 6


async def test_a_pause_silences_and_ends_by_itself(
    server: Running, growth: GrowthServiceStub, clock: ManualClock
) -> None:
    saved = await search(server, MODELS)
    day = local_day(saved.time_zone, clock.now())
    paused = await growth.PauseSavedSearch(
        pb.PauseSavedSearchRequest(search_id=saved.search_id, paused_until=(day + timedelta(days=2)).isoformat()),
        metadata=lasting(OWNER),
    )
    assert paused.saved_search.paused_until == (day + timedelta(days=2)).isoformat()
    await stored(server, document("anna"))
    for expected in (0, 0, 1):
        await night(server)
        assert len(await alerts(server)) == expected
        clock.advance(timedelta(days=1))


async def test_a_pause_is_resumed_and_bounded(server: Running, growth: GrowthServiceStub, clock: ManualClock) -> None:
    saved = await search(server, MODELS)
    day = local_day(saved.time_zone, clock.now())
    for wrong in (day, day + timedelta(days=31), day - timedelta(days=1)):
        refused = await refusal(
            growth.PauseSavedSearch(
                pb.PauseSavedSearchRequest(search_id=saved.search_id, paused_until=wrong.isoformat()),
                metadata=lasting(OWNER),
            )
        )
        assert "30 days after today" in refused.violations["paused_until"]
    malformed = await refusal(
        growth.PauseSavedSearch(
            pb.PauseSavedSearchRequest(search_id=saved.search_id, paused_until="2026-02-31"), metadata=lasting(OWNER)
        )
    )
    assert "paused_until" in malformed.violations
    await growth.PauseSavedSearch(
        pb.PauseSavedSearchRequest(search_id=saved.search_id, paused_until=(day + timedelta(days=30)).isoformat()),
        metadata=lasting(OWNER),
    )
    foreign = await refusal(
        growth.ResumeSavedSearch(pb.ResumeSavedSearchRequest(search_id=saved.search_id), metadata=lasting(OTHER))
    )
    resumed = await growth.ResumeSavedSearch(
        pb.ResumeSavedSearchRequest(search_id=saved.search_id), metadata=lasting(OWNER)
    )
    assert foreign.reason == "NOT_FOUND"
    assert resumed.saved_search.paused_until == ""


async def test_a_changed_query_looks_at_what_comes(server: Running, growth: GrowthServiceStub) -> None:
    saved = await search(server, {"roles": {"any_of": ["stylist"]}})
    await stored(server, document("anna"))
    request = pb.UpdateSavedSearchRequest(search_id=saved.search_id, query=struct(MODELS))
    request.update_mask.paths.append("query")
    updated = await growth.UpdateSavedSearch(request, metadata=lasting(OWNER))
    await stored(server, document("ben"))
    await night(server)

    assert updated.saved_search.city == "berlin"
    assert [found(alert) for alert in await alerts(server)] == [["srv_ben"]]


@pytest.mark.parametrize("paths", [[], ["scope"], ["query", "user_id"], ["city"]])
async def test_an_update_names_what_it_replaces(server: Running, growth: GrowthServiceStub, paths: list[str]) -> None:
    saved = await search(server, MODELS)
    request = pb.UpdateSavedSearchRequest(search_id=saved.search_id, query=struct(MODELS))
    request.update_mask.paths.extend(paths)
    refused = await refusal(growth.UpdateSavedSearch(request, metadata=lasting(OWNER)))

    assert refused.code == grpc.StatusCode.INVALID_ARGUMENT
    assert set(refused.violations) & {"update_mask", "city"}


async def test_a_preview_shows_what_matches_now(server: Running, growth: GrowthServiceStub) -> None:
    await stored(
        server,
        document("anna", available=[{"firstDay": "2026-12-01", "lastDay": "2026-12-10"}]),
        document("ben", latitude=52.5, longitude=13.4, verified=True, tags=["Ballet"], ratingHundredths=480),
        document("mine", owner_user_id=OWNER),
        document("paris", city="paris"),
    )

    async def shown(tree: dict[str, object]) -> set[str]:
        answer = await growth.PreviewSavedSearch(
            pb.PreviewSavedSearchRequest(scope=pb.SEARCH_SCOPE_PEOPLE, query=struct(tree), city="berlin"),
            metadata=lasting(OWNER),
        )
        return {shown.document_id for shown in answer.documents}

    assert await shown(MODELS) == {"srv_anna", "srv_ben"}
    assert await shown({"available": {"from": "2026-12-10", "to": "2026-12-10"}}) == {"srv_anna"}
    assert await shown({"available": {"from": "2026-12-10", "to": "2026-12-11"}}) == set()
    assert await shown({"distance": {"latitude": 52.52, "longitude": 13.4, "km": 3}}) == {"srv_ben"}
    assert await shown({"distance": {"latitude": 52.6, "longitude": 13.4, "km": 3}}) == set()
    assert await shown({"all": [{"verified": True}, {"tags": {"all_of": ["ballet"]}}]}) == {"srv_ben"}
    assert await shown({"rating_hundredths": {"gte": 400, "lte": 480}}) == {"srv_ben"}
    assert await shown({"any": [{"verified": True}, {"price_cents": {"gte": 20_000}}]}) == {"srv_anna", "srv_ben"}


async def test_documents_are_checked_and_forgotten(server: Running, growth: GrowthServiceStub) -> None:
    bad = [
        document("twice"),
        document("twice"),
        document("place", latitude=52.5),
        document("days", available=[{"firstDay": "2026-12-02", "lastDay": "2026-12-01"}]),
    ]
    refused = await refusal(
        growth.UpsertSearchDocuments(
            search_document_pb2.UpsertSearchDocumentsRequest(documents=bad), metadata=as_user(OWNER)
        )
    )
    assert refused.code == grpc.StatusCode.PERMISSION_DENIED
    refused = await refusal(
        growth.UpsertSearchDocuments(
            search_document_pb2.UpsertSearchDocumentsRequest(documents=bad), metadata=service()
        )
    )
    assert set(refused.violations) == {
        "documents[1].document_id",
        "documents[2].latitude",
        "documents[3].available[0].last_day",
    }
    assert await stored(server, document("anna"), document("ben")) == 2
    assert await stored(server, document("anna"), document("ben")) == 0
    gone = await growth.DeleteSearchDocuments(
        search_document_pb2.DeleteSearchDocumentsRequest(document_ids=["srv_anna", "srv_nobody"]), metadata=service()
    )
    assert gone.deleted == 1


async def test_a_late_commit_is_not_lost(server: Running, database: DatabaseUrls) -> None:
    """A writer that holds its city's lock makes the next one wait, so that numbers appear in order."""
    slow = await asyncpg.connect(database.app_url)
    try:
        transaction = slow.transaction()
        await transaction.start()
        await slow.execute("select pg_advisory_xact_lock(hashtextextended('search city:berlin', 0))")
        waiting = asyncio.create_task(stored(server, document("later")))
        elsewhere = await stored(server, document("paris", city="paris"))
        await slow.execute(
            "insert into search_document (document_id, scope, owner_user_id, city, title) "
            "values ('srv_first', 'people', 'usr_p', 'berlin', 'First')"
        )
        await transaction.commit()
        await waiting
        numbers = {
            row["document_id"]: row["change_seq"]
            for row in await slow.fetch("select document_id, change_seq from search_document")
        }
    finally:
        await slow.close()
    assert elsewhere == 1
    assert numbers["srv_first"] < numbers["srv_later"]


async def test_what_changes_while_a_city_is_run_displaces_nothing(
    server: Running, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The catalogue stores more than an alert tells, between the night's look at how far it goes and its query."""
    await search(server, MODELS)
    await stored(server, document("early"))
    matches = PostgresSearchIndex.matches
    late = [document(f"late{number:02}") for number in range(MOST_MATCHES)]

    async def raced(index: PostgresSearchIndex, tx: Tx, ask: Ask) -> list[Match]:
        while late:
            await stored(server, *(late.pop() for _ in range(len(late))))
        return await matches(index, tx, ask)

    monkeypatch.setattr(PostgresSearchIndex, "matches", raced)
    await night(server)
    clock.advance(timedelta(days=1))
    await night(server)

    next_day, first_day = await alerts(server)
    assert found(first_day) == ["srv_early"]
    assert next_day.match_count == MOST_MATCHES


async def test_notifications_are_paged_and_read(server: Running, growth: GrowthServiceStub) -> None:
    await search(server, MODELS)
    await search(server, {"verified": True})
    await stored(server, document("anna"), document("ben", roles=[], verified=True))
    await night(server)
    request = notification_pb2.ListNotificationsRequest(page_size=1)
    first = await growth.ListNotifications(request, metadata=lasting(OWNER))
    request.page_token = first.next_page_token
    second = await growth.ListNotifications(request, metadata=lasting(OWNER))
    ids = [first.notifications[0].notification_id, second.notifications[0].notification_id]
    mark = notification_pb2.MarkNotificationsReadRequest(notification_ids=ids[:1])
    others = await growth.MarkNotificationsRead(mark, metadata=lasting(OTHER))
    marked = [(await growth.MarkNotificationsRead(mark, metadata=lasting(OWNER))).marked for _ in range(2)]
    unread = await growth.ListNotifications(
        notification_pb2.ListNotificationsRequest(unread_only=True), metadata=lasting(OWNER)
    )

    assert (others.marked, marked) == (0, [1, 0])
    assert [told.notification_id for told in unread.notifications] == ids[1:]
    assert second.next_page_token == ""


async def test_whoever_unsubscribes_gets_no_more_mail(
    server: Running, growth: GrowthServiceStub, clock: ManualClock, mail: Mailbox
) -> None:
    await search(server, MODELS)
    await stored(server, document("anna"))
    await night(server)
    token = re.findall(r"unsubscribe\?token=([\w-]+)", mail.mails()[0].text)[0]
    for _ in range(2):
        answer = await growth.Unsubscribe(notification_pb2.UnsubscribeRequest(token=token))
        assert answer.topic == "saved_search_alert"
    await stored(server, document("ben"))
    clock.advance(timedelta(days=1))
    await night(server)

    assert [alert.email_sent for alert in await alerts(server)] == [False, True]
    assert len(mail.mails()) == 1


@pytest.mark.parametrize("token", ["x", "not base64!", "A" * 60])
async def test_a_made_up_token_unsubscribes_nobody(growth: GrowthServiceStub, token: str) -> None:
    refused = await refusal(growth.Unsubscribe(notification_pb2.UnsubscribeRequest(token=token)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "UNSUBSCRIBE_TOKEN_INVALID")
