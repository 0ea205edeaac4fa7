"""Auto-accept rules: protobuf and domain, in both directions."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from callsheet.booking.v1 import policy_pb2 as pb
from server.booking.providers.convert import WEEKDAYS
from server.booking.providers.hours import WEEK
from server.booking.rules.domain import Conditions, Rule
from server.booking.rules.usecases import CreateRule, ListRules, UpdateRule
from server.core.call import Actor
from server.core.errors import FieldInvalid, Violation
from server.core.grpc.proto import timestamp
from server.core.pagination import Page

_CHANGES: Mapping[str, Callable[[Conditions, Conditions], Conditions]] = {
    "min_price_cents": lambda old, new: replace(old, min_price_cents=new.min_price_cents),
    "weekdays": lambda old, new: replace(old, weekdays=new.weekdays),
    "max_distance_mi": lambda old, new: replace(old, max_distance_mi=new.max_distance_mi),
    "allow_ib": lambda old, new: replace(old, allow_ib=new.allow_ib),
    "active": lambda old, new: replace(old, active=new.active),
}


def create_rule(request: pb.CreateAutoAcceptRuleRequest, actor: Actor) -> CreateRule:
    return CreateRule(actor, request.service_profile_id, _conditions(request, active=True))


def create_rule_response(rule: Rule) -> pb.CreateAutoAcceptRuleResponse:
    return pb.CreateAutoAcceptRuleResponse(rule=_rule(rule))


def update_rule(request: pb.UpdateAutoAcceptRuleRequest, actor: Actor) -> UpdateRule:
    paths = set(request.update_mask.paths)
    if not paths or not paths <= _CHANGES.keys():
        raise FieldInvalid(Violation("update_mask", f"must name some of {', '.join(_CHANGES)}"))
    asked = _conditions(request, active=request.active)

    def change(conditions: Conditions) -> Conditions:
        for path in paths:
            conditions = _CHANGES[path](conditions, asked)
        return conditions

    return UpdateRule(actor, request.rule_id, change)


def update_rule_response(rule: Rule) -> pb.UpdateAutoAcceptRuleResponse:
    return pb.UpdateAutoAcceptRuleResponse(rule=_rule(rule))


def delete_rule_response(_: None) -> pb.DeleteAutoAcceptRuleResponse:
    return pb.DeleteAutoAcceptRuleResponse()


def list_rules(request: pb.ListAutoAcceptRulesRequest, actor: Actor) -> ListRules:
    return ListRules(actor, request.service_profile_id, request.page_size, request.page_token)


def list_rules_response(page: Page[Rule]) -> pb.ListAutoAcceptRulesResponse:
    return pb.ListAutoAcceptRulesResponse(rules=map(_rule, page.items), next_page_token=page.next_token)


def _conditions(
    request: pb.CreateAutoAcceptRuleRequest | pb.UpdateAutoAcceptRuleRequest, *, active: bool
) -> Conditions:
    return Conditions(
        min_price_cents=request.min_price_cents if request.HasField("min_price_cents") else None,
        weekdays=frozenset(WEEKDAYS.member(day) for day in request.weekdays),
        max_distance_mi=Decimal(request.max_distance_mi) if request.max_distance_mi else None,
        allow_ib=request.allow_ib,
        active=active,
    )


def _rule(rule: Rule) -> pb.AutoAcceptRule:
    conditions = rule.conditions
    distance = conditions.max_distance_mi
    return pb.AutoAcceptRule(
        rule_id=rule.rule_id,
        service_profile_id=rule.service_profile_id,
        min_price_cents=conditions.min_price_cents,
        weekdays=[WEEKDAYS.number(day) for day in WEEK if day in conditions.weekdays],
        max_distance_mi="" if distance is None else format(distance, "f"),
        allow_ib=conditions.allow_ib,
        active=conditions.active,
        created_at=timestamp(rule.created_at),
        updated_at=timestamp(rule.updated_at),
    )
