"""Guards hold when many ask at once, on connections of their own."""

import asyncio
from collections import Counter

import asyncpg

from devstack.roles import DatabaseUrls
from tests.db.conftest import World
from tests.db.connecting import connected

RIVALS = """
    insert into booking.order (order_id, buyer_user_id, provider_user_id, service_profile_id, mode, start_ts, end_ts,
      location_kind, time_zone, quote_hash, fee_policy_id, fee_bips, fee_min_cents, tax_bips, commission_bips,
      cancellation_policy, full_refund_until, half_refund_until, busy_from, busy_to)
    select 'ord_rival_' || number, 'usr_buyer', 'usr_provider', 'srv_1', 'IB', day, day + interval '1 hour', 'remote',
      'UTC', repeat('ab', 32), 'fpl_00000000000000000000000000', 0, 0, 0, 0, 'strict', day, day, day,
      day + interval '1 hour'
    from generate_series(1, 8) as number, (select now() + interval '30 days' as day) as at;
    insert into booking.order_event (order_id, sequence, event_id, event, to_status, actor_kind)
    select order_id, 1, 'oev_' || order_id, 'create', 'initiated', 'buyer'
    from booking.order where order_id like 'ord_rival_%'
"""
TAKE = """
    with provider as materialized (select pg_advisory_xact_lock(hashtextextended('provider:usr_provider', 0)))
    update booking.order set status = 'accepted', holds_slot = true, pay_by = start_ts, shown_at = now(), version = 2
    from provider where order_id = $1
"""
TELL = """
    insert into booking.order_event (order_id, sequence, event_id, event, from_status, to_status, actor_kind)
    values ($1, 2, 'oev_2' || $1, 'accept', 'initiated', 'accepted', 'system')
"""


async def test_of_those_who_want_one_slot_one_gets_it(world: World, database: DatabaseUrls) -> None:
    await world.app.execute(RIVALS)

    async def take(order_id: str) -> str:
        async with connected(database.app_url) as connection:
            try:
                async with connection.transaction():
                    await connection.execute(TAKE, order_id)
                    await connection.execute(TELL, order_id)
            except asyncpg.ExclusionViolationError as error:
                return str(error.constraint_name)
        return "taken"

    outcomes = await asyncio.gather(*(take(f"ord_rival_{number}") for number in range(1, 9)))
    assert Counter(outcomes) == {"taken": 1, "order_slot_excl": 7}


async def test_forty_blind_refunds_return_no_more_than_was_charged(world: World, database: DatabaseUrls) -> None:
    """Each wants ten percent of a subtotal of which ten percent went back before: nine go through."""

    async def reserve() -> str:
        async with connected(database.app_url) as connection:
            try:
                await connection.execute("""
                    update booking.refund_balance set subtotal_returned_cents = subtotal_returned_cents + 1000,
                      refunded_cents = refunded_cents + 1000
                    where order_id = 'ord_1'
                """)
            except asyncpg.CheckViolationError as error:
                return str(error.constraint_name)
        return "reserved"

    outcomes = await asyncio.gather(*(reserve() for _ in range(40)))
    assert Counter(outcomes) == {"reserved": 9, "refund_balance_subtotal": 31}
    await world.owner.execute("""
        update booking.refund_balance set subtotal_returned_cents = 1000, refunded_cents = 1111
    """)


async def test_credit_is_not_spent_twice(world: World, database: DatabaseUrls) -> None:
    async def spend() -> str:
        async with connected(database.app_url) as connection:
            try:
                await connection.execute("update credit_account set balance_cents = balance_cents - 200")
            except asyncpg.CheckViolationError as error:
                return str(error.constraint_name)
        return "spent"

    outcomes = await asyncio.gather(*(spend() for _ in range(10)))
    assert Counter(outcomes) == {"spent": 3, "credit_account_balance": 7}
    await world.owner.execute("update credit_account set balance_cents = 750")
