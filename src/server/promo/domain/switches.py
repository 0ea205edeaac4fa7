"""What is switched off: all charging, single rules, the charging of single campaigns."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from server.core.errors import FieldInvalid, Violation
from server.promo.domain.verdicts import LATE_RULES, Rule


class KillSwitchScope(StrEnum):
    """What a switch is for."""

    EVERYTHING = "everything"
    RULE = "rule"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, slots=True)
class Switch:
    """One switch: of everything, of one rule, or of one campaign."""

    scope: KillSwitchScope
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Switchboard:
    """Everything that is switched off, by one version."""

    version: int = 0
    everything: bool = False
    rules: frozenset[Rule] = frozenset()
    campaigns: frozenset[str] = frozenset()

    def stops(self, campaign_id: str) -> bool:
        """Whether the campaign is charged for nothing."""
        return self.everything or campaign_id in self.campaigns


@dataclass(frozen=True, slots=True)
class Switched:
    """What was switched, by whom, and why; its version is the switchboard's."""

    version: int
    switch: Switch
    stopped: bool
    reason: str
    actor_user_id: str
    created_at: datetime


def switch_of(scope: KillSwitchScope, rule: Rule | None, campaign_id: str) -> Switch:
    """The switch that is meant; a subject belongs to its own scope."""
    if (scope is KillSwitchScope.RULE) != (rule is not None):
        raise FieldInvalid(Violation("rule", "must be given exactly where the scope is a rule"))
    if (scope is KillSwitchScope.CAMPAIGN) != bool(campaign_id):
        raise FieldInvalid(Violation("campaign_id", "must be given exactly where the scope is a campaign"))
    if rule in LATE_RULES:
        raise FieldInvalid(Violation("rule", "must be one that the stream asks"))
    return Switch(scope, rule.value if rule else campaign_id)


def switched(board: Switchboard, switch: Switch, *, stopped: bool) -> Switchboard:
    """The switchboard with one switch thrown. Throwing it again is a version of its own: somebody meant it."""
    board = replace(board, version=board.version + 1)
    match switch.scope:
        case KillSwitchScope.EVERYTHING:
            return replace(board, everything=stopped)
        case KillSwitchScope.RULE:
            rules = _with({rule.value for rule in board.rules}, switch.subject, stopped=stopped)
            return replace(board, rules=frozenset(map(Rule, rules)))
        case KillSwitchScope.CAMPAIGN:
            return replace(board, campaigns=frozenset(_with(board.campaigns, switch.subject, stopped=stopped)))


def _with(members: Collection[str], member: str, *, stopped: bool) -> set[str]:
    return {*members, member} if stopped else {*members} - {member}
