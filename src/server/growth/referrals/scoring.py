"""How likely a referral is one person inviting themselves. Pure, and explainable: a score is the sum of its reasons.

One device, one card or one mailbox for two people speaks for one person behind both. One address does not: people share
offices and cafés. So an address adds little and never suffices, however many come from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

REVIEW_FROM = 40
BLOCK_FROM = 90
MANY_IN_A_DAY = 10

WEIGHTS: Mapping[str, int] = {
    "same_mailbox": 100,
    "same_payment": 60,
    "same_device": 50,
    "ring": 60,
    "mutual": 40,
    "same_address": 10,
    "velocity": 20,
    "other_mailbox": 5,
}


class SignalKind(StrEnum):
    """What people are seen with."""

    MAILBOX = "mailbox"
    DEVICE = "device"
    ADDRESS = "address"
    PAYMENT = "payment"


class Decision(StrEnum):
    """What a score asks for."""

    AWARD = "award"
    REVIEW = "review"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a referral."""

    shared: frozenset[SignalKind]
    """What inviter and invitee have in common."""
    ring: bool
    """The invitee is, or shares a device, card or mailbox with, somebody further up the inviter's own line."""
    mutual: bool
    """The invitee has invited the inviter."""
    accepted_in_a_day: int
    """How many of the inviter's invitations were accepted within the day before this one was."""
    other_mailbox: bool
    """The invitee signed up with another mailbox than was invited."""


@dataclass(frozen=True, slots=True)
class Score:
    """A score, the reasons that add up to it, and what it asks for."""

    points: int
    reasons: Mapping[str, int]

    @property
    def decision(self) -> Decision:
        if self.points >= BLOCK_FROM:
            return Decision.BLOCK
        return Decision.REVIEW if self.points >= REVIEW_FROM else Decision.AWARD


def score(evidence: Evidence) -> Score:
    """Adds up what speaks for abuse."""
    found = {
        "same_mailbox": SignalKind.MAILBOX in evidence.shared,
        "same_payment": SignalKind.PAYMENT in evidence.shared,
        "same_device": SignalKind.DEVICE in evidence.shared,
        "ring": evidence.ring,
        "mutual": evidence.mutual,
        "same_address": SignalKind.ADDRESS in evidence.shared,
        "velocity": evidence.accepted_in_a_day >= MANY_IN_A_DAY,
        "other_mailbox": evidence.other_mailbox,
    }
    reasons = {name: WEIGHTS[name] for name, present in found.items() if present}
    return Score(sum(reasons.values()), reasons)
