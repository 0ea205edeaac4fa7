"""Whoever dies while bookings are paid, countered, cancelled, disputed and paid out: nobody pays twice, and no cent is
lost.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from itertools import cycle

import asyncpg
import grpc
import pytest
from google.api.httpbody_pb2 import HttpBody

from callsheet.booking.v1 import policy_pb2
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from callsheet.payments.v1.webhook_pb2_grpc import WebhookServiceStub
from server.booking.domain.order import RETURNS, TRANSITIONS, Event, Status
from server.booking.money.timers import RECONCILE
from tests.crash.bookings import STORIES, Ending, Teller
from tests.crash.folding import Sums, folded
from tests.crash.mortals import Household, Mortal
from tests.crash.victim import Workplace
from tests.payments.sandbox import API_KEY, Sandbox, running_sandbox
from tests.payments.slice import SECRET, delivering
from tests.rpc.booking import described, offered
from tests.rpc.booking_flow import as_provider, payable_provider, saved_card
from tests.rpc.harness import Running, running_server
from tests.support.waiting import eventually

WORKERS = (
    Mortal(dies_at="payments.call_stored", story="pay"),
    Mortal(dies_at="payments.call_made", story="cancel"),
    Mortal(dies_at="payments.call_settled", story="pay"),
    Mortal(dies_at="payments.call_failed", story="declined"),
    Mortal(dies_at="payments.call_lost", story="lost"),
    Mortal(dies_at="payments.event_handled", story="pay"),
    Mortal(dies_at="booking.payment_begun", story="tip"),
    Mortal(dies_at="booking.payment_moved", story="counter"),
    Mortal(dies_at="booking.refund_moved", story="cancel"),
    Mortal(dies_at="booking.payout_settled", story="milestones"),
    Mortal(dies_at="booking.transfer_answered", story="milestones"),
    Mortal(dies_at="booking.reversal_answered", story="dispute_after_payout"),
    Mortal(dies_at="booking.chargeback_booked", story="chargeback_won"),
    Mortal(dies_at="booking.dispute_let_go", story="dispute"),
    Mortal(dies_at="job.handled", story="chargeback_lost"),
)
SERVERS = (
    Mortal(dies_at="booking.submitted", story="pay_in_person"),
    Mortal(dies_at="booking.countered", story="counter"),
    Mortal(dies_at="booking.accepted", story="counter"),
    Mortal(dies_at="booking.cancelled", story="declined"),
    Mortal(dies_at="booking.completed", story="pay"),
    Mortal(dies_at="booking.milestone_approved", story="milestones"),
    Mortal(dies_at="booking.tip_asked", story="tip"),
    Mortal(dies_at="booking.rescheduled", story="longer"),
    Mortal(dies_at="booking.dispute_opened", story="dispute"),
    Mortal(dies_at="booking.dispute_decided", story="dispute_after_payout"),
    Mortal(dies_at="payments.event_stored", story="shorter"),
)
REST_WITHIN_SECONDS = 300.0

BALANCES = """
    select order_id, charged_cents, refunded_cents, withdrawn_cents, reinstated_cents, transferred_cents, reversed_cents
    from booking.refund_balance
"""
ROWS = """
    select order_id,
           (select sum(captured_cents) from booking.payment p where p.order_id = o.order_id),
           (select coalesce(sum(amount_cents), 0) from booking.refund r
            where r.order_id = o.order_id and r.status = 'succeeded'),
           (select sum(withdrawn_cents) from booking.payment p where p.order_id = o.order_id),
           (select sum(reinstated_cents) from booking.payment p where p.order_id = o.order_id),
           (select coalesce(sum(amount_cents), 0) from booking.transfer t
            where t.order_id = o.order_id and t.status = 'succeeded'),
           (select coalesce(sum(r.amount_cents), 0)
            from booking.transfer_reversal r join booking.transfer t using (transfer_id)
            where t.order_id = o.order_id and r.status = 'succeeded')
    from booking.order o
"""
UNHANDLED = """
    select type, status, reason from payments.webhook_event
    where status not in ('handled', 'ignored') and type <> 'account.updated'
"""
PAID_TWICE = """
    select order_id from booking.payment where status = 'captured' and purpose = 'principal'
    group by order_id having count(*) > 1
"""


@dataclass(frozen=True, slots=True)
class Measure:
    """How many bookings there are at least, how many of them at once, and who dies meanwhile."""

    bookings: int
    at_once: int
    servers: Sequence[Mortal]
    workers: Sequence[Mortal]


SHORT = Measure(bookings=4, at_once=4, servers=SERVERS[3:4], workers=WORKERS[1:2])
FULL = Measure(bookings=200, at_once=12, servers=SERVERS * 3, workers=WORKERS * 3)


@pytest.mark.parametrize("measure", [SHORT, pytest.param(FULL, marks=pytest.mark.crash)], ids=["short", "full"])
async def test_no_cent_is_lost_whoever_dies(workplace: Workplace, measure: Measure) -> None:
    chance = random.Random(20261128)  # noqa: S311  a seed, so that a run can be told again
    async with running_sandbox() as sandbox:
        place = replace(
            workplace,
            settings={
                "STRIPE_API_KEY": API_KEY,
                "CALLSHEET_STRIPE_API_BASE": sandbox.address,
                "CALLSHEET_STRIPE_WEBHOOK_SECRET": SECRET,
            },
        )
        house = Household(place, measure.servers, measure.workers, chance)
        async with asyncpg.create_pool(place.database.app_url, min_size=1, max_size=measure.at_once) as database:
            tell = Teller(house, sandbox, database, *await opened_for_business(place, sandbox))
            async with receiving(house, sandbox), house.living():
                endings = await told(tell, measure, chance)
                await come_to_rest(place, sandbox)
        assert house.deaths == deaths_of(measure)
        assert len(endings) >= measure.bookings
        await they_add_up(place, sandbox, endings)
        await every_status_follows_from_its_history(place)
        await the_reconciliation_names_no_cent(place, sandbox)


async def told(tell: Teller, measure: Measure, chance: random.Random) -> list[Ending]:
    """Stories until there are enough of them and everybody has died; the next deaths' own come more often."""
    kinds = cycle(chance.sample(sorted(STORIES), len(STORIES)))
    endings: list[Ending] = []

    async def teller() -> None:
        while len(endings) + measure.at_once <= measure.bookings or not tell.household.outlived:
            wanted = tell.household.wanted()
            kind = chance.choice(wanted) if wanted and chance.random() < 0.5 else next(kinds)
            endings.append(await STORIES[kind](tell))

    async with asyncio.TaskGroup() as tellers:
        for _ in range(measure.at_once):
            tellers.create_task(teller())
    return endings


@asynccontextmanager
async def receiving(house: Household, sandbox: Sandbox) -> AsyncIterator[None]:
    """Webhooks go to whichever server serves, as the gateway hands them on; where it dies the sandbox tries again."""

    async def receive(body: bytes, signature: str) -> object:
        webhooks = WebhookServiceStub(await house.channel())
        request = HttpBody(content_type="application/json", data=body)
        return await webhooks.ReceiveStripeEvent(request, metadata=(("stripe-signature", signature),))

    async with delivering(sandbox, receive, grpc.aio.AioRpcError):
        yield


def beside(place: Workplace, sandbox: Sandbox) -> AbstractAsyncContextManager[Running]:
    """A server in the test's own process, before and after those that die."""
    return running_server(
        place.database, STRIPE_API_KEY=API_KEY, stripe_api_base=sandbox.address, stripe_webhook_secret=SECRET
    )


async def opened_for_business(place: Workplace, sandbox: Sandbox) -> tuple[str, str, str, str]:
    """A provider who can be paid; what they offer at once and what on request, and two cards: good and bad."""
    async with beside(place, sandbox) as server:
        booking = BookingServiceStub(server.channel)
        profile = await offered(booking)
        await described(booking)
        await payable_provider(server, sandbox)
        rule = policy_pb2.CreateAutoAcceptRuleRequest(service_profile_id=profile, allow_ib=True)
        await booking.CreateAutoAcceptRule(rule, metadata=as_provider())
        good = await saved_card(server, sandbox)
        return (
            profile,
            await offered(booking),
            good,
            await saved_card(server, sandbox, "pm_card_chargeCustomerFail", but=good),
        )


async def come_to_rest(place: Workplace, sandbox: Sandbox) -> None:
    """Until everything is done that has to be: webhooks, what they lead to, and what is tried again. The provider's
    account was opened past us, so what is told of it waits in vain.
    """

    async def at_rest() -> bool:
        pending = (await sandbox.switches.post("webhooks/flush"))["pending"]
        busy = await place.rows(
            """
            select from core.job
            where (status = 'running' or (status = 'queued' and (run_at <= now() or last_error is not null)))
              and key not in (select event_id from payments.webhook_event where type = 'account.updated')
            """
        )
        return not pending and not busy

    await eventually(at_rest, "everything to be done", seconds=REST_WITHIN_SECONDS)


async def they_add_up(place: Workplace, sandbox: Sandbox, endings: Sequence[Ending]) -> None:
    """The processor's ledger, the orders' balances, the rows of money and the stories all tell the same sums."""
    ledger = await folded(sandbox)
    assert ledger == await sums(place, BALANCES) == await sums(place, ROWS)
    statuses = {row[0]: row[1] for row in await place.rows("select order_id, status::text from booking.order")}
    came_to = [
        Ending(
            ending.order_id,
            statuses[ending.order_id],
            ledger[ending.order_id].charged,
            ledger[ending.order_id].refunded,
            ledger[ending.order_id].transferred - ledger[ending.order_id].reversed,
        )
        for ending in endings
    ]
    assert came_to == list(endings)
    assert set(ledger) == {ending.order_id for ending in endings} == set(statuses)
    assert await place.rows(PAID_TWICE) == []
    assert await place.rows(UNHANDLED) == []
    assert await place.rows("select kind, last_error from core.job where status = 'held'") == []


async def every_status_follows_from_its_history(place: Workplace) -> None:
    """Each entry begins where the one before ended, by a step of the machine; the last one is where the order is."""
    orders = await place.rows(
        """
        select o.status::text as status, o.version,
               array_agg((e.sequence, e.event, e.from_status::text, e.to_status::text) order by e.sequence) as events
        from booking.order o join booking.order_event e using (order_id) group by o.order_id
        """
    )
    for order in orders:
        at: str | None = None
        for place_in_history, (sequence, event, before, after) in enumerate(order["events"], start=1):
            assert (sequence, before) == (place_in_history, at)
            step = None if before is None else TRANSITIONS.get((Status(before), Event(event)))
            assert before is None or step == after or event in RETURNS, (event, before, after)
            at = after
        assert (at, order["version"]) == (order["status"], len(order["events"]))


async def the_reconciliation_names_no_cent(place: Workplace, sandbox: Sandbox) -> None:
    async with beside(place, sandbox) as server:
        core = server.app.core
        await core.database.run(lambda tx: core.jobs.enqueue(tx, RECONCILE, key="after the deaths"))
        await server.worker().run_due()
    assert await place.rows("select from core.job where key = 'after the deaths' and status = 'done'")
    assert await place.rows("select name, expected_cents, found_cents from booking.money_finding") == []


async def sums(place: Workplace, sql: str) -> Mapping[str, Sums]:
    """An order a row: its id, and its sums in their order."""
    return {order_id: Sums(*map(int, cents)) for order_id, *cents in await place.rows(sql)}


def deaths_of(measure: Measure) -> Counter[str]:
    return Counter(mortal.dies_at for mortal in (*measure.servers, *measure.workers))
