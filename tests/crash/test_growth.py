"""Points of growth: between two batches of alerts, before a mail leaves, and before its leaving is written down."""

from dataclasses import replace

import pytest

from callsheet.growth.v1 import saved_search_pb2 as pb
from callsheet.growth.v1.growth_pb2_grpc import GrowthServiceStub
from server.growth.saved_searches.nightly import SEARCHES_AT_ONCE
from server.growth.saved_searches.timers import FIND_DUE
from tests.crash.victim import Workplace
from tests.rpc.growth import document, enqueue, lasting, person, stored, struct, zone_at
from tests.rpc.harness import running_server
from tests.support.parts import Mailbox

OWNER = "usr_owner"


@pytest.mark.parametrize(
    ("point", "status", "mails"),
    [("alerts.told", "sent", 1), ("mail.claimed", "sending", 0), ("mail.handed_over", "sending", 1)],
)
async def test_a_night_whose_worker_dies_tells_once_and_mails_at_most_once(
    workplace: Workplace, mail: Mailbox, point: str, status: str, mails: int
) -> None:
    """A mail that was claimed is never claimed again. So a death before handing it over loses it, one after does not
    double it, and the row says `sending` for good; the notification in the app is there once in every case.
    """
    place = replace(workplace, settings={"CALLSHEET_SMTP_URL": mail.smtp_url})
    await a_morning(place)
    await place.dies_at(point)

    async def told() -> bool:
        return bool(await place.rows("select from core.job where kind = 'growth.send_alert_mail' and status = 'done'"))

    await place.works_until(told, "the alert's mail to be settled")
    [alert] = await place.rows("select mail_status from saved_search_alert")
    assert alert["mail_status"] == status
    assert len(await place.rows("select from notification")) == 1
    assert len(mail.mails()) == mails


async def test_a_night_goes_on_where_its_worker_died(workplace: Workplace) -> None:
    """A city with more searches than two batches take: two ticks of the clock may have it run twice at a time."""
    place, searches = workplace, 2 * SEARCHES_AT_ONCE + 1
    await a_morning(place)
    await place.rows(
        """
        insert into saved_search (search_id, user_id, scope, query_json, query_hash, city, time_zone)
        select 'ssv_00' || number, 'usr_' || number, scope, query_json, query_hash, city, time_zone
        from saved_search, generate_series(2, $1::int) as number
        """,
        searches,
    )
    await place.dies_at("alerts.told")
    before = await place.rows("select user_id from notification")

    async def ran() -> bool:
        # Two thousand mails would say nothing that the one of the other tests does not.
        await place.rows("delete from core.job where kind = 'growth.send_alert_mail' and status = 'queued'")
        return not await place.rows("select from core.job where kind = 'growth.run_searches' and status <> 'done'")

    await place.works_until(ran, "the city to be run to its end")
    after = [told["user_id"] for told in await place.rows("select user_id from notification")]

    assert 0 < len(before) < searches
    assert len(after) == len(set(after)) == searches


async def a_morning(place: Workplace) -> None:
    """Somebody's search has something to find, and it is late enough to tell them."""
    async with running_server(place.database) as server:
        await person(server, OWNER)
        request = pb.CreateSavedSearchRequest(
            scope=pb.SEARCH_SCOPE_PEOPLE,
            query=struct({"roles": {"any_of": ["model"]}}),
            city="berlin",
            time_zone=zone_at(12, server.app.core.clock.now()),
        )
        await GrowthServiceStub(server.channel).CreateSavedSearch(request, metadata=lasting(OWNER))
        await stored(server, document("anna"))
        await enqueue(server, FIND_DUE)
