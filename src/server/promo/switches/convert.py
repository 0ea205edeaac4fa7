"""Switches on the wire."""

from callsheet.promo.v1 import click_pb2
from callsheet.promo.v1 import switch_pb2 as pb
from server.core.call import Actor
from server.core.grpc.proto import EnumMap
from server.promo.domain.switches import KillSwitchScope, Switchboard, switch_of
from server.promo.domain.verdicts import Rule
from server.promo.switches.usecases import SetKillSwitch

SCOPES = EnumMap(pb.KillSwitchScope, KillSwitchScope, "KILL_SWITCH_SCOPE_", pb.KillSwitchScope.ValueType)
RULES = EnumMap(click_pb2.ClickRule, Rule, "CLICK_RULE_", click_pb2.ClickRule.ValueType)


def set_kill_switch(request: pb.SetKillSwitchRequest, actor: Actor) -> SetKillSwitch:
    rule = RULES.member(request.rule) if request.rule else None
    return SetKillSwitch(
        actor=actor,
        switch=switch_of(SCOPES.member(request.scope), rule, request.campaign_id),
        stopped=request.stopped,
        reason=request.reason,
    )


def set_kill_switch_response(board: Switchboard) -> pb.SetKillSwitchResponse:
    return pb.SetKillSwitchResponse(switches=_switches(board))


def get_kill_switches_response(board: Switchboard) -> pb.GetKillSwitchesResponse:
    return pb.GetKillSwitchesResponse(switches=_switches(board))


def _switches(board: Switchboard) -> pb.Switchboard:
    return pb.Switchboard(
        version=board.version,
        everything=board.everything,
        rules=sorted(RULES.number(rule) for rule in board.rules),
        campaign_ids=sorted(board.campaigns),
    )
