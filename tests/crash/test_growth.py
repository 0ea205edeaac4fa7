"""Points of growth: between two batches of alerts, before a mail leaves, and before its leaving is written down."""

from dataclasses import replace

import pytest

from callsheet.growth.v1 import saved_search_pb2 as pb
from callsheet.growth.v1.growth_pb2_grpc import GrowthServiceStub
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
