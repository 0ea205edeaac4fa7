"""Switching charging off, following a campaign, forgetting viewers, and keeping events for their days."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import grpc
import pytest

from callsheet.promo.v1 import budget_pb2, click_pb2, log_pb2, report_pb2
from callsheet.promo.v1 import switch_pb2 as pb
from callsheet.promo.v1.promo_pb2_grpc import PromoServiceStub
from devstack.roles import DatabaseUrls
from server.core.call import Role
from server.core.clock import ManualClock
from server.promo.outgoing import place
from server.promo.viewers.timers import KEEP_PARTITIONS
from server.promo.watching import usecases
from tests.rpc.growth import enqueue, lasting
from tests.rpc.harness import Running, refusal, running_server
from tests.rpc.promo import ADVERTISER, STRANGER, advertiser, campaign, funded
from tests.rpc.promo_paying import budget_of
from tests.rpc.promo_stream import Click, Stream

OWNER = lasting(ADVERTISER)
ADMIN = lasting("usr_admin", Role.ADMIN)


@pytest.fixture
async def server(database: DatabaseUrls, clock: ManualClock) -> AsyncIterator[Running]:
    async with running_server(database, clock=clock) as running:
        yield running


@pytest.fixture
async def name(promo: PromoServiceStub) -> str:
    made = (await campaign(promo, await advertiser(promo))).campaign_id
    await funded(promo, made, 10_000)
    return made


async def switch(
    promo: PromoServiceStub, scope: pb.KillSwitchScope.ValueType, *, stopped: bool = True, **more: object
) -> pb.Switchboard:
    request = pb.SetKillSwitchRequest(scope=scope, stopped=stopped, reason="for a test", **more)  # type: ignore[arg-type]
    return (await promo.SetKillSwitch(request, metadata=ADMIN)).switches


async def said(server: Running) -> list[tuple[str, log_pb2.ControlRecord]]:
    """What was said of switches, with the key that decides where it goes."""
    async with server.app.core.database.read() as tx:
        rows = await tx.fetch("select key, payload from core.outbox order by seq")
    records = [(row["key"], log_pb2.LogRecord.FromString(row["payload"]).control) for row in rows]
    return [(key, record) for key, record in records if record.WhichOneof("subject") == "switches"]


async def test_a_switch_is_in_force_wherever_it_concerns_somebody(
    server: Running, promo: PromoServiceStub, name: str
) -> None:
    everything = await switch(promo, pb.KILL_SWITCH_SCOPE_EVERYTHING)
    assert (everything.version, everything.everything) == (1, True)
    assert (await budget_of(promo, name)).charging == budget_pb2.CHARGING_STOPPED
    on = await switch(promo, pb.KILL_SWITCH_SCOPE_EVERYTHING, stopped=False)
    assert (on.version, on.everything) == (2, False)
    assert (await budget_of(promo, name)).charging == budget_pb2.CHARGING_ON
    rule = await switch(promo, pb.KILL_SWITCH_SCOPE_RULE, rule=click_pb2.CLICK_RULE_METRONOME)
    assert list(rule.rules) == [click_pb2.CLICK_RULE_METRONOME]
    one = await switch(promo, pb.KILL_SWITCH_SCOPE_CAMPAIGN, campaign_id=name)
    assert (one.version, list(one.campaign_ids)) == (4, [name])
    assert (await budget_of(promo, name)).charging == budget_pb2.CHARGING_STOPPED

    records = await said(server)
    assert [(key, record.version) for key, record in records] == [("switches", n) for n in (1, 2, 3, 4)]
    assert [record.switches.everything for _, record in records] == [True, False, False, False]
    newest = records[3][1].switches
    assert (list(newest.rules), list(newest.campaigns)) == (["metronome"], [name])
    where = place(4)
    assert (list(where("switches")), len(where(name))) == ([0, 1, 2, 3], 1)
    async with server.app.core.database.read() as tx:
        events = await tx.fetch("select version, scope, subject, stopped, actor_user_id from promo_switch_event")
    assert [(row["scope"], row["subject"], row["stopped"]) for row in events] == [
        ("everything", "", True),
        ("everything", "", False),
        ("rule", "metronome", True),
        ("campaign", name, True),
    ]
    assert {row["actor_user_id"] for row in events} == {"usr_admin"}
    stands = await promo.GetKillSwitches(pb.GetKillSwitchesRequest(), metadata=lasting("usr_x", Role.AGENT))
    assert stands.switches == one


async def test_many_switches_at_once_are_all_thrown(promo: PromoServiceStub, name: str) -> None:
    rules = [click_pb2.CLICK_RULE_METRONOME, click_pb2.CLICK_RULE_CLICK_RATE, click_pb2.CLICK_RULE_PREFETCH]
    await asyncio.gather(*(switch(promo, pb.KILL_SWITCH_SCOPE_RULE, rule=rule) for rule in rules))
    stands = (await promo.GetKillSwitches(pb.GetKillSwitchesRequest(), metadata=ADMIN)).switches
    assert (stands.version, set(stands.rules)) == (3, set(rules))


async def test_what_cannot_be_switched(promo: PromoServiceStub, name: str) -> None:
    async def refused(caller: tuple[tuple[str, str], ...] = ADMIN, **fields: object) -> tuple[str, set[str]]:
        request = pb.SetKillSwitchRequest(stopped=True, reason="why", **fields)  # type: ignore[arg-type]
        answer = await refusal(promo.SetKillSwitch(request, metadata=caller))
        return answer.reason, set(answer.violations)

    rule, campaign_, all_ = (
        pb.KILL_SWITCH_SCOPE_RULE,
        pb.KILL_SWITCH_SCOPE_CAMPAIGN,
        pb.KILL_SWITCH_SCOPE_EVERYTHING,
    )
    assert await refused(scope=rule) == ("FIELD_INVALID", {"rule"})
    assert await refused(scope=rule, rule=click_pb2.CLICK_RULE_CTR_SPIKE) == ("FIELD_INVALID", {"rule"})
    assert await refused(scope=campaign_) == ("FIELD_INVALID", {"campaign_id"})
    assert await refused(scope=all_, campaign_id=name) == ("FIELD_INVALID", {"campaign_id"})
    assert await refused(scope=campaign_, campaign_id="pcmp_x") == ("NOT_FOUND", set())
    assert await refused(OWNER, scope=all_) == ("ROLE_REQUIRED", set())


async def test_a_partition_that_stands_still_pauses_charging(
    promo: PromoServiceStub, stream: Stream, name: str, clock: ManualClock
) -> None:
    assert (await budget_of(promo, name)).charging == budget_pb2.CHARGING_ON
    await stream.click(Click(campaign_id=name, at=clock.now()))
    assert (await budget_of(promo, name)).charging == budget_pb2.CHARGING_ON
    clock.advance(timedelta(minutes=1))
    assert (await budget_of(promo, name)).charging == budget_pb2.CHARGING_PAUSED


async def test_a_watcher_sees_each_click_once_and_goes_on_where_it_was(
    promo: PromoServiceStub, stream: Stream, name: str, clock: ManualClock
) -> None:
    await stream.click(Click(campaign_id=name, at=clock.now(), price_cents=50))
    call = promo.WatchCampaign(report_pb2.WatchCampaignRequest(campaign_id=name), metadata=OWNER)
    first = await call.read()
    assert isinstance(first, report_pb2.WatchCampaignResponse)
    assert (first.budget.spent_today_cents, list(first.clicks)) == (50, [])
    assert (first.pacing.spent_today_cents, first.pacing.allotted_cents) == (50, 5_000)
    one = await stream.click(Click(campaign_id=name, at=clock.now(), price_cents=70))
    second = await call.read()
    assert isinstance(second, report_pb2.WatchCampaignResponse)
    assert ([click.event_id for click in second.clicks], second.budget.spent_today_cents) == ([one], 120)
    call.cancel()
    # What happens meanwhile is not missed.
    missed = [await stream.click(Click(campaign_id=name, at=clock.now(), verdict="cap_daily")) for _ in range(3)]
    request = report_pb2.WatchCampaignRequest(campaign_id=name, cursor=second.cursor)
    again = promo.WatchCampaign(request, metadata=OWNER)
    third = await again.read()
    assert isinstance(third, report_pb2.WatchCampaignResponse)
    assert [click.event_id for click in third.clicks] == missed
    again.cancel()


async def test_a_watcher_sees_what_is_spent_between_its_looks_at_everything(
    promo: PromoServiceStub, stream: Stream, name: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usecases, "GLANCES", 1_000_000)
    call = promo.WatchCampaign(report_pb2.WatchCampaignRequest(campaign_id=name), metadata=OWNER)
    first = await call.read()
    assert isinstance(first, report_pb2.WatchCampaignResponse)
    assert first.budget.spent_today_cents == 0
    await stream.click(Click(campaign_id=name, at=clock.now(), price_cents=50))
    second = await call.read()
    assert isinstance(second, report_pb2.WatchCampaignResponse)
    assert second.budget.spent_today_cents == 50
    call.cancel()


async def test_whom_a_campaign_does_not_concern_watches_nothing(promo: PromoServiceStub, name: str) -> None:
    call = promo.WatchCampaign(report_pb2.WatchCampaignRequest(campaign_id=name), metadata=lasting(STRANGER))
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await call.read()
    assert refused.value.code() == grpc.StatusCode.NOT_FOUND
    bad = promo.WatchCampaign(report_pb2.WatchCampaignRequest(campaign_id=name, cursor="-1.x"), metadata=OWNER)
    with pytest.raises(grpc.aio.AioRpcError) as wrong:
        await bad.read()
    assert wrong.value.code() == grpc.StatusCode.INVALID_ARGUMENT


async def erase(promo: PromoServiceStub, viewer: str) -> pb.EraseViewerResponse:
    return await promo.EraseViewer(pb.EraseViewerRequest(viewer_id=viewer, reason="request 7"), metadata=ADMIN)


async def test_a_viewer_is_one_pseudonym_from_then_on(
    server: Running, database: DatabaseUrls, promo: PromoServiceStub, stream: Stream, name: str, clock: ManualClock
) -> None:
    """The test's viewer is `usr_viewer` on the device `device`."""
    for _ in range(2):
        await stream.click(Click(campaign_id=name, at=clock.now()))
    decisions = "select array_agg(d::text order by event_id) from promo_click_decision d"
    async with server.app.core.database.read() as tx:
        before = await tx.fetchval(decisions)
    first = await erase(promo, "usr_viewer")
    assert (first.events, first.pseudonym.startswith("pvwr_")) == (4, True)
    async with server.app.core.database.read() as tx:
        rows = await tx.fetch("select user_id, anon_fp_hash from promo_event")
        assert {(row["user_id"], row["anon_fp_hash"]) for row in rows} == {(first.pseudonym, first.pseudonym)}
        assert await tx.fetchval(decisions) == before
    await stream.click(Click(campaign_id=name, at=clock.now()))
    again = await erase(promo, "usr_viewer")
    assert (again.pseudonym, again.events) == (first.pseudonym, 2)
    assert (await erase(promo, "device_of_nobody")).events == 0
    async with server.app.core.database.read() as tx:
        kept = await tx.fetch("select events, requested_by, e::text as row from promo_viewer_erasure e order by events")
    assert [(row["events"], row["requested_by"]) for row in kept] == [(0, "usr_admin"), (6, "usr_admin")]
    assert not any("usr_viewer" in row["row"] for row in kept)
    refused = await refusal(
        promo.EraseViewer(pb.EraseViewerRequest(viewer_id="usr_viewer", reason="x"), metadata=OWNER)
    )
    assert refused.reason == "ROLE_REQUIRED"
    # Nobody else may change an event, nor by saying that somebody is being erased.
    connection = await asyncpg.connect(database.stream_url)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("update promo_event set user_id = 'usr_x'")
    finally:
        await connection.close()


async def test_days_to_come_are_there_and_days_past_go_one_by_one(
    server: Running, database: DatabaseUrls, clock: ManualClock
) -> None:
    async def days() -> list[str]:
        rows = await server.app.core.database.run(
            lambda tx: tx.fetch(
                "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid "
                "where i.inhparent = 'promo_event'::regclass order by 1"
            )
        )
        return [row["relname"].removeprefix("promo_event_p") for row in rows]

    today = clock.now().date()
    async with server.app.core.database.read() as tx:
        old = today - timedelta(days=95)
        await tx.fetchval("select promo_event_ensure_partitions($1, $2)", old, old + timedelta(days=4))
    assert f"{old:%Y%m%d}" in await days()
    await enqueue(server, KEEP_PARTITIONS)
    await server.worker().run_due()
    left = await days()
    assert left[0] == f"{today - timedelta(days=92):%Y%m%d}"
    assert left[-1] == f"{today + timedelta(days=3):%Y%m%d}"
    connection = await asyncpg.connect(database.app_url)
    try:
        with pytest.raises(asyncpg.InvalidParameterValueError):
            await connection.fetchval("select promo_event_drop_partition(current_date - 30)")
    finally:
        await connection.close()
