"""What can go wrong with a campaign, beyond what every slice knows."""

from datetime import date, datetime

from server.core.errors import Failure, FailureKind, Violation


class AdvertiserInactive(Failure):
    """An advertiser that is paused or suspended shows nothing."""

    kind = FailureKind.PRECONDITION
    reason = "ADVERTISER_INACTIVE"

    def __init__(self, advertiser_id: str, status: str) -> None:
        super().__init__(
            f"{advertiser_id} is {status} and shows nothing",
            metadata={"advertiser_id": advertiser_id, "status": status},
        )


class CampaignOver(Failure):
    """The last day has passed in the campaign's zone."""

    kind = FailureKind.PRECONDITION
    reason = "CAMPAIGN_OVER"

    def __init__(self, campaign_id: str, end_date: date) -> None:
        super().__init__(
            f"the last day of {campaign_id} was {end_date}; set a later end_date first",
            metadata={"campaign_id": campaign_id, "end_date": end_date.isoformat()},
            violations=[Violation("terms.end_date", "must not be in the past in the campaign's time_zone")],
        )


class CityNotServed(Failure):
    """There is no policy for a place, so nothing is sold there."""

    kind = FailureKind.PRECONDITION
    reason = "CITY_NOT_SERVED"

    def __init__(self, surface: str, role: str, city: str) -> None:
        named = f"{role} in {city}" if role else city
        rule = f"must be sold on {surface}: there is no policy for {named}"
        super().__init__(
            f"nothing is sold for {named} on {surface}",
            metadata={"surface": surface, "role": role, "city": city},
            violations=[Violation("terms.city_targets", rule)],
        )


class ClickTooCheap(Failure):
    """A place asks for more than the campaign pays for a click."""

    kind = FailureKind.PRECONDITION
    reason = "CPC_BELOW_FLOOR"

    def __init__(self, campaign_id: str, floor_cents: int) -> None:
        super().__init__(
            f"a click has to pay {floor_cents} cents at least where {campaign_id} wants to be shown",
            metadata={"campaign_id": campaign_id, "cpc_floor_cents": str(floor_cents)},
            violations=[
                Violation("terms.cpc_cents", f"must be at least {floor_cents}, the highest floor of its places")
            ],
        )


class BalanceEmpty(Failure):
    """There is nothing to spend."""

    kind = FailureKind.PRECONDITION
    reason = "BALANCE_EMPTY"

    def __init__(self, campaign_id: str) -> None:
        super().__init__(f"{campaign_id} has no balance; top it up first", metadata={"campaign_id": campaign_id})


class SecondPersonNeeded(Failure):
    """Money is put right by two people, never by one."""

    kind = FailureKind.FORBIDDEN
    reason = "FOUR_EYES"

    def __init__(self, adjustment_id: str) -> None:
        super().__init__(
            f"{adjustment_id} was proposed by you; somebody else approves it", metadata={"adjustment_id": adjustment_id}
        )


class NotWithdrawable(Failure):
    """Less cash is left, or less of it can be refunded, than is asked back."""

    kind = FailureKind.PRECONDITION
    reason = "NOT_WITHDRAWABLE"

    def __init__(self, campaign_id: str, withdrawable_cents: int) -> None:
        super().__init__(
            f"{withdrawable_cents} cents of {campaign_id} can be refunded",
            metadata={"campaign_id": campaign_id, "withdrawable_cents": str(withdrawable_cents)},
        )


class MoneyOwed(Failure):
    """A payment was taken back; what is owed for it comes first."""

    kind = FailureKind.PRECONDITION
    reason = "MONEY_OWED"

    def __init__(self, campaign_id: str, owed_cents: int) -> None:
        super().__init__(
            f"{owed_cents} cents are owed for payments of {campaign_id} that were taken back",
            metadata={"campaign_id": campaign_id, "owed_cents": str(owed_cents)},
        )


class WithdrawalOpen(Failure):
    """One request waits for its place among the clicks already."""

    kind = FailureKind.PRECONDITION
    reason = "WITHDRAWAL_OPEN"

    def __init__(self, campaign_id: str) -> None:
        super().__init__(
            f"a withdrawal of {campaign_id} is not decided yet; wait for it", metadata={"campaign_id": campaign_id}
        )


class SettlementExceedsDebt(Failure):
    """Less is owed than was to be settled."""

    kind = FailureKind.PRECONDITION
    reason = "SETTLEMENT_EXCEEDS_DEBT"

    def __init__(self, topup_id: str, owed_cents: int) -> None:
        super().__init__(
            f"{owed_cents} cents are owed for {topup_id}",
            metadata={"topup_id": topup_id, "owed_cents": str(owed_cents)},
        )


class NothingCollected(Failure):
    """The adjustment has not taken so much out of the budget, or settles a debt already."""

    kind = FailureKind.PRECONDITION
    reason = "NOTHING_COLLECTED"

    def __init__(self, adjustment_id: str) -> None:
        super().__init__(
            f"{adjustment_id} has not taken so much cash out of the campaign's budget, or settles a debt already",
            metadata={"adjustment_id": adjustment_id},
        )


class ClickNotCharged(Failure):
    """Nothing was charged for the click, so nothing can be given back."""

    kind = FailureKind.PRECONDITION
    reason = "CLICK_NOT_CHARGED"

    def __init__(self, event_id: str) -> None:
        super().__init__(f"nothing was charged for {event_id}", metadata={"event_id": event_id})


class ClickCredited(Failure):
    """The click was given back already."""

    kind = FailureKind.PRECONDITION
    reason = "CLICK_CREDITED"

    def __init__(self, event_id: str) -> None:
        super().__init__(f"{event_id} was given back already", metadata={"event_id": event_id})


class ClaimTooLate(Failure):
    """The click was charged too long ago to be claimed."""

    kind = FailureKind.PRECONDITION
    reason = "CLAIM_TOO_LATE"

    def __init__(self, event_id: str, until: datetime) -> None:
        super().__init__(
            f"{event_id} could be claimed until {until.isoformat()}",
            metadata={"event_id": event_id, "until": until.isoformat()},
        )
