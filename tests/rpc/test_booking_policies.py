"""Auto-accept rules and fee policies over a socket."""

from datetime import UTC, datetime, timedelta

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from callsheet.booking.v1 import ordering_pb2, provider_pb2
from callsheet.booking.v1 import policy_pb2 as pb
from callsheet.booking.v1.booking_pb2_grpc import BookingServiceStub
from devstack.roles import DatabaseUrls
from server.booking.rules import usecases
from server.core.call import Role
from server.core.clock import ManualClock
from tests.rpc.booking import BUYER, PROVIDER, STRANGER, change, created, offered, stamp, terms
from tests.rpc.harness import Running, as_user, refusal, running_server

ADMIN = "usr_admin"


async def ruled(booking: BookingServiceStub, profile: str, **changes: object) -> pb.AutoAcceptRule:
    """A rule of the provider's."""
    request = pb.CreateAutoAcceptRuleRequest(
        service_profile_id=profile,
        min_price_cents=20_000,
        weekdays=[provider_pb2.WEEKDAY_SUNDAY, provider_pb2.WEEKDAY_MONDAY],
        max_distance_mi="12.5",
        allow_ib=True,
    )
    change(request, changes)
    return (await booking.CreateAutoAcceptRule(request, metadata=as_user(PROVIDER))).rule


def policy(**changes: object) -> pb.PutFeePolicyRequest:
    """A decision of an administrator."""
    request = pb.PutFeePolicyRequest(
        city="berlin", currency="usd", fee_bips=2000, fee_max_cents=4_000, tax_bips=1900, commission_bips=500
    )
    change(request, changes)
    return request


async def test_a_rule_is_created_changed_listed_and_ended(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await offered(booking)
    rule = await ruled(booking, profile)
    assert (rule.min_price_cents, list(rule.weekdays), rule.max_distance_mi, rule.allow_ib, rule.active) == (
        20_000,
        [provider_pb2.WEEKDAY_MONDAY, provider_pb2.WEEKDAY_SUNDAY],
        "12.5",
        True,
        True,
    )
    update = pb.UpdateAutoAcceptRuleRequest(
        rule_id=rule.rule_id, update_mask=FieldMask(paths=["min_price_cents", "weekdays", "active"]), allow_ib=False
    )
    changed = (await booking.UpdateAutoAcceptRule(update, metadata=as_user(PROVIDER))).rule
    assert not changed.HasField("min_price_cents")
    assert (list(changed.weekdays), changed.max_distance_mi, changed.allow_ib, changed.active) == (
        [],
        "12.5",
        True,
        False,
    )
    rest = pb.UpdateAutoAcceptRuleRequest(
        rule_id=rule.rule_id, update_mask=FieldMask(paths=["max_distance_mi", "allow_ib"])
    )
    changed = (await booking.UpdateAutoAcceptRule(rest, metadata=as_user(PROVIDER))).rule
    assert (changed.max_distance_mi, changed.allow_ib, changed.active) == ("", False, False)

    listing = pb.ListAutoAcceptRulesRequest(service_profile_id=profile)
    assert list((await booking.ListAutoAcceptRules(listing, metadata=as_user(PROVIDER))).rules) == [changed]
    deletion = pb.DeleteAutoAcceptRuleRequest(rule_id=rule.rule_id)
    await booking.DeleteAutoAcceptRule(deletion, metadata=as_user(PROVIDER))
    assert (await refusal(booking.DeleteAutoAcceptRule(deletion, metadata=as_user(PROVIDER)))).reason == "NOT_FOUND"
    assert list((await booking.ListAutoAcceptRules(listing, metadata=as_user(PROVIDER))).rules) == []


async def test_rules_are_their_owners_business(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await offered(booking)
    rule = await ruled(booking, profile)
    mask = FieldMask(paths=["active"])
    for call in (
        booking.CreateAutoAcceptRule(
            pb.CreateAutoAcceptRuleRequest(service_profile_id=profile), metadata=as_user(STRANGER)
        ),
        booking.UpdateAutoAcceptRule(
            pb.UpdateAutoAcceptRuleRequest(rule_id=rule.rule_id, update_mask=mask), metadata=as_user(STRANGER)
        ),
        booking.DeleteAutoAcceptRule(pb.DeleteAutoAcceptRuleRequest(rule_id=rule.rule_id), metadata=as_user(STRANGER)),
        booking.ListAutoAcceptRules(
            pb.ListAutoAcceptRulesRequest(service_profile_id=profile), metadata=as_user(STRANGER)
        ),
    ):
        refused = await refusal(call)
        assert (refused.code, refused.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")


@pytest.mark.parametrize("paths", [[], ["rule_id"], ["active", "nothing"]])
async def test_an_update_names_what_it_changes(server: Running, paths: list[str]) -> None:
    booking = BookingServiceStub(server.channel)
    rule = await ruled(booking, await offered(booking))
    request = pb.UpdateAutoAcceptRuleRequest(rule_id=rule.rule_id, update_mask=FieldMask(paths=paths))
    refused = await refusal(booking.UpdateAutoAcceptRule(request, metadata=as_user(PROVIDER)))
    assert (refused.reason, list(refused.violations)) == ("FIELD_INVALID", ["update_mask"])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"min_price_cents": -1}, "min_price_cents"),
        ({"max_distance_mi": "-3"}, "max_distance_mi"),
        ({"weekdays": [provider_pb2.WEEKDAY_MONDAY]}, "weekdays"),
        ({"weekdays": [provider_pb2.WEEKDAY_UNSPECIFIED]}, "weekdays[2]"),
    ],
)
async def test_a_rule_that_cannot_be_is_refused(server: Running, changes: dict[str, object], field: str) -> None:
    booking = BookingServiceStub(server.channel)
    request = pb.CreateAutoAcceptRuleRequest(
        service_profile_id=await offered(booking),
        weekdays=[provider_pb2.WEEKDAY_SUNDAY, provider_pb2.WEEKDAY_MONDAY],
    )
    change(request, changes)
    refused = await refusal(booking.CreateAutoAcceptRule(request, metadata=as_user(PROVIDER)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
    assert field in refused.violations


async def test_a_profile_has_room_for_so_many_rules(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usecases, "MOST_RULES", 1)
    booking = BookingServiceStub(server.channel)
    profile = await offered(booking)
    await ruled(booking, profile)
    one_more = pb.CreateAutoAcceptRuleRequest(service_profile_id=profile)
    refused = await refusal(booking.CreateAutoAcceptRule(one_more, metadata=as_user(PROVIDER)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "LIMIT_REACHED")


async def test_a_policy_prices_from_its_moment_on_and_never_before(database: DatabaseUrls) -> None:
    clock = ManualClock(datetime.now(UTC))
    async with running_server(database, clock=clock) as server:
        booking = BookingServiceStub(server.channel)
        profile = await offered(booking)
        asked = ordering_pb2.QuoteOrderRequest(terms=terms(profile, tip_cents=0))
        order_id = await created(booking, asked.terms)
        later = clock.now() + timedelta(minutes=30)
        request = policy(effective_from=stamp(later))
        stored = (await booking.PutFeePolicy(request, metadata=as_user(ADMIN, Role.ADMIN))).fee_policy
        assert (stored.created_by, stored.fee_max_cents, stored.effective_from) == (ADMIN, 4_000, stamp(later))

        before = (await booking.QuoteOrder(asked, metadata=as_user(BUYER))).price
        clock.advance(timedelta(minutes=31))
        after = (await booking.QuoteOrder(asked, metadata=as_user(BUYER))).price
        kept = await booking.GetOrder(ordering_pb2.GetOrderRequest(order_id=order_id), metadata=as_user(BUYER))
        assert (before.platform_fee_cents, before.tax_cents) == (3_125, 278)
        assert (after.platform_fee_cents, after.tax_cents) == (4_000, 760)
        assert kept.order.price == before


async def test_a_policy_names_the_terms_of_cancellation_and_changes_what_is_confirmed(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    asked = ordering_pb2.QuoteOrderRequest(terms=terms(await offered(booking)))
    before = await booking.QuoteOrder(asked, metadata=as_user(BUYER))
    same_fees = pb.PutFeePolicyRequest(
        city="berlin",
        currency="usd",
        fee_bips=1250,
        tax_bips=888,
        commission_bips=1000,
        cancellation_policy=provider_pb2.CANCELLATION_POLICY_STRICT,
    )
    await booking.PutFeePolicy(same_fees, metadata=as_user(ADMIN, Role.ADMIN))
    after = await booking.QuoteOrder(asked, metadata=as_user(BUYER))
    assert after.price == before.price
    assert after.quote_hash != before.quote_hash


async def test_policies_are_listed_newest_first_by_city(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    made = [
        (await booking.PutFeePolicy(policy(city=city), metadata=as_user(ADMIN, Role.ADMIN))).fee_policy
        for city in ("berlin", "paris", "")
    ]
    finance = as_user("usr_finance", Role.FINANCE)
    listed = list((await booking.ListFeePolicies(pb.ListFeePoliciesRequest(), metadata=finance)).fee_policies)
    assert listed[:3] == made[::-1]
    assert listed[-1].created_by == "svc_migration"
    of_paris = await booking.ListFeePolicies(pb.ListFeePoliciesRequest(city="paris"), metadata=finance)
    assert list(of_paris.fee_policies) == [made[1]]
    first = await booking.ListFeePolicies(pb.ListFeePoliciesRequest(page_size=3), metadata=finance)
    rest = pb.ListFeePoliciesRequest(page_size=3, page_token=first.next_page_token)
    assert list((await booking.ListFeePolicies(rest, metadata=finance)).fee_policies) == listed[3:]


async def test_only_administrators_decide_and_only_finance_looks_too(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    for role in (Role.USER, Role.AGENT, Role.FINANCE):
        refused = await refusal(booking.PutFeePolicy(policy(), metadata=as_user(ADMIN, role)))
        assert (refused.code, refused.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_REQUIRED")
    looking = booking.ListFeePolicies(pb.ListFeePoliciesRequest(), metadata=as_user(ADMIN, Role.AGENT))
    assert (await refusal(looking)).reason == "ROLE_REQUIRED"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"effective_from": stamp(datetime(2020, 1, 1, tzinfo=UTC))}, "effective_from"),
        ({"fee_bips": 10_001}, "fee_bips"),
        ({"tax_bips": -1}, "tax_bips"),
        ({"commission_bips": 10_001}, "commission_bips"),
        ({"fee_min_cents": 4_001}, "request"),
        ({"currency": "eur"}, "currency"),
        ({"city": "Big City"}, "city"),
    ],
)
async def test_a_policy_that_cannot_be_is_refused(server: Running, changes: dict[str, object], field: str) -> None:
    booking = BookingServiceStub(server.channel)
    refused = await refusal(booking.PutFeePolicy(policy(**changes), metadata=as_user(ADMIN, Role.ADMIN)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
    assert field in refused.violations


async def test_a_city_has_one_policy_from_a_moment_on(server: Running) -> None:
    booking = BookingServiceStub(server.channel)
    request = policy(city="", effective_from=stamp(datetime(2040, 1, 1, tzinfo=UTC)))
    await booking.PutFeePolicy(request, metadata=as_user(ADMIN, Role.ADMIN))
    refused = await refusal(booking.PutFeePolicy(request, metadata=as_user(ADMIN, Role.ADMIN)))
    assert (refused.code, refused.reason) == (grpc.StatusCode.ALREADY_EXISTS, "ALREADY_EXISTS")


@pytest.mark.parametrize(
    ("method", "most"),
    [
        ("CreateAutoAcceptRule", 3),
        ("UpdateAutoAcceptRule", 2),
        ("DeleteAutoAcceptRule", 1),
        ("ListAutoAcceptRules", 2),
        ("PutFeePolicy", 1),
        ("ListFeePolicies", 1),
    ],
)
async def test_each_rpc_keeps_its_statement_budget(server: Running, method: str, most: int) -> None:
    booking = BookingServiceStub(server.channel)
    profile = await offered(booking)
    rule = await ruled(booking, profile)
    requests = {
        "CreateAutoAcceptRule": pb.CreateAutoAcceptRuleRequest(service_profile_id=profile),
        "UpdateAutoAcceptRule": pb.UpdateAutoAcceptRuleRequest(
            rule_id=rule.rule_id, update_mask=FieldMask(paths=["active"])
        ),
        "DeleteAutoAcceptRule": pb.DeleteAutoAcceptRuleRequest(rule_id=rule.rule_id),
        "ListAutoAcceptRules": pb.ListAutoAcceptRulesRequest(service_profile_id=profile),
        "PutFeePolicy": policy(),
        "ListFeePolicies": pb.ListFeePoliciesRequest(),
    }
    server.statements.forget()
    metadata = as_user(PROVIDER, Role.USER, Role.ADMIN)
    await getattr(booking, method)(requests[method], metadata=metadata)
    assert 0 < server.statements.count(method) <= most
