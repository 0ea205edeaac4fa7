"""What an advertiser is told about money, and when it is time to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from server.promo.domain.campaign import Campaign

LOW_SHARE_OF_A_DAY = 5
"""A balance is low below this part of a day's budget."""


class NoticeKind(StrEnum):
    """What an advertiser is told."""

    BALANCE_LOW = "campaign_balance_low"
    BALANCE_SPENT = "campaign_balance_spent"
    DAY_SPENT = "campaign_day_spent"
    TOTAL_SPENT = "campaign_total_spent"
    AUTOMATIC_TOPUP_FAILED = "campaign_automatic_topup_failed"
    TOPUP_CHARGED_BACK = "campaign_topup_charged_back"
    WITHDRAWAL_REFUSED = "campaign_withdrawal_refused"
    REFUND_FAILED = "campaign_refund_failed"
    CLICKS_CREDITED = "campaign_clicks_credited"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that an advertiser is told, once for its cause."""

    notice_id: str
    campaign_id: str
    campaign_name: str
    user_id: str
    kind: NoticeKind
    cause: str
    payload: Mapping[str, str | int]
    created_at: datetime

    @property
    def related_id(self) -> str:
        """What a notification about it is keyed by."""
        return f"{self.campaign_id}:{self.cause}"


@dataclass(frozen=True, slots=True)
class Due:
    """Something that an advertiser should hear of; the cause makes it one thing."""

    kind: NoticeKind
    cause: str
    payload: Mapping[str, str | int]


def due(campaign: Campaign, today: date, spent_today_cents: int) -> Iterator[Due]:
    """What the owner of an active campaign should hear of, by what is left.

    A cause names what has to change before the same is said again: the money that was put in, the day, the cap.
    """
    budget, price = campaign.terms.budget, campaign.terms.budget.cpc_cents
    funded, balance = str(campaign.funded.total_cents), campaign.balance_cents
    left = {"balance_cents": balance}
    if balance < price:
        yield Due(NoticeKind.BALANCE_SPENT, funded, left)
    elif balance * LOW_SHARE_OF_A_DAY < budget.daily_cents:
        yield Due(NoticeKind.BALANCE_LOW, funded, left)
    if spent_today_cents + price > budget.daily_cents:
        yield Due(NoticeKind.DAY_SPENT, today.isoformat(), {"spent_today_cents": spent_today_cents})
    total = campaign.total_limit_cents
    if total is not None and campaign.clicked_cents + price > total:
        yield Due(NoticeKind.TOTAL_SPENT, str(total), {"spent_cents": campaign.clicked_cents})


_SENTENCES: Mapping[NoticeKind, str] = {
    NoticeKind.BALANCE_LOW: "has {balance} left, less than a fifth of a day's budget.",
    NoticeKind.BALANCE_SPENT: "has {balance} left, which does not pay for another click. Top it up to be shown again.",
    NoticeKind.DAY_SPENT: "has spent its budget of this day. It goes on tomorrow.",
    NoticeKind.TOTAL_SPENT: "has spent its total budget. Raise it to be shown again.",
    NoticeKind.AUTOMATIC_TOPUP_FAILED: (
        "could not be topped up automatically ({failure_code}). Automatic top-ups are off until you turn them on."
    ),
    NoticeKind.TOPUP_CHARGED_BACK: "is suspended: your bank took {owed} of a top-up back.",
    NoticeKind.WITHDRAWAL_REFUSED: "kept its balance: clicks had spent a part of what you asked back.",
    NoticeKind.REFUND_FAILED: "has {amount} again that could not be refunded to your card ({failure_code}).",
    NoticeKind.CLICKS_CREDITED: "got {amount} back for {clicks} clicks that were found invalid.",
}


def sentence(notice: Notice) -> str:
    """The notice in words. Amounts of the payload end in `_cents` and are written as money."""
    words = {name.removesuffix("_cents"): _word(name, value) for name, value in notice.payload.items()}
    return f"“{notice.campaign_name}” {_SENTENCES[notice.kind].format(**words)}"


def _word(name: str, value: str | int) -> str:
    if name.endswith("_cents") and isinstance(value, int):
        return f"${value // 100}.{value % 100:02}"
    return str(value)
