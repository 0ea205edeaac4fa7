"""What goes back to the buyer and what stays with whom. All of it integer cents, and pure.

Every part of a price remembers what of it was returned and what was forfeited. A refund computes what the parts should
have come to after all refunds so far, and takes off what they came to before: so that many small steps end exactly
where one large step would, and no step gives back a cent that another one gave back already.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from server.booking.pricing import FeePolicy, Price
from server.core.money import bips_of, clamp, half_up, largest_remainder


@dataclass(frozen=True, slots=True)
class Part:
    """An amount beside the subtotal, what of it went back, and what its payer lost for good."""

    amount_cents: int
    returned_cents: int = 0
    forfeited_cents: int = 0

    @property
    def kept_cents(self) -> int:
        """What did not go back."""
        return self.amount_cents - self.returned_cents

    def due(self, returned_subtotal_cents: int, subtotal_cents: int) -> int:
        """What is to be settled of it once that much of the subtotal is returned. Without a subtotal it is settled
        whole, or not at all.
        """
        goal = self.amount_cents
        if subtotal_cents:
            goal = min(goal, half_up(self.amount_cents * returned_subtotal_cents, subtotal_cents))
        return max(0, goal - self.returned_cents - self.forfeited_cents)

    def settled(self, cents: int, *, returned: bool) -> "Part":
        """The part after that much more of it went back, or was forfeited."""
        if returned:
            return replace(self, returned_cents=self.returned_cents + cents)
        return replace(self, forfeited_cents=self.forfeited_cents + cents)

    def given_back(self) -> "Part":
        """The part after all of it went back, what was forfeited included."""
        return replace(self, returned_cents=self.amount_cents, forfeited_cents=0)


_NOTHING = Part(0)


@dataclass(frozen=True, slots=True)
class Refund:
    """One step back: what the buyer gets in cash and in credit, and what the provider no longer owes."""

    subtotal_cents: int
    fee_cents: int
    tax_cents: int
    tip_cents: int
    credit_cents: int
    commission_cents: int
    fee_refundable: bool

    @property
    def cash_cents(self) -> int:
        """What goes back to the cards."""
        return self.subtotal_cents + self.fee_cents + self.tax_cents + self.tip_cents


@dataclass(frozen=True, slots=True)
class Balance:
    """Where the money of an order is."""

    charged_cents: int = 0
    refunded_cents: int = 0
    subtotal_cents: int = 0
    subtotal_returned_cents: int = 0
    fee: Part = field(default=_NOTHING)
    """In cash: the fee less the credit."""
    credit: Part = field(default=_NOTHING)
    tax: Part = field(default=_NOTHING)
    commission: Part = field(default=_NOTHING)
    tip_cents: int = 0
    tip_returned_cents: int = 0
    withdrawn_cents: int = 0
    reinstated_cents: int = 0
    transferred_cents: int = 0
    reversed_cents: int = 0

    @property
    def refundable_cents(self) -> int:
        """The cash that can still go back: a buyer is not paid twice, by a refund and by their bank."""
        return max(0, self.charged_cents - self.refunded_cents - self.lost_to_bank_cents)

    @property
    def lost_to_bank_cents(self) -> int:
        """What chargebacks took and did not bring back."""
        return self.withdrawn_cents - self.reinstated_cents

    @property
    def earned_cents(self) -> int:
        """What the order brings its provider, chargebacks aside."""
        subtotal = self.subtotal_cents - self.subtotal_returned_cents
        return subtotal - self.commission.kept_cents + self.tip_cents - self.tip_returned_cents

    @property
    def payable_cents(self) -> int:
        """What the provider gets in all."""
        return max(0, self.earned_cents - self.lost_to_bank_cents)

    @property
    def loss_cents(self) -> int:
        """What chargebacks took beyond what the provider would have got."""
        return max(0, self.lost_to_bank_cents - self.earned_cents)

    @property
    def net_transferred_cents(self) -> int:
        return self.transferred_cents - self.reversed_cents

    @property
    def owed_cents(self) -> int:
        """What the provider has not got yet; negative where they have got too much."""
        return self.payable_cents - self.net_transferred_cents

    @property
    def to_reverse_cents(self) -> int:
        """What the provider has to give back."""
        return max(0, -self.owed_cents)

    def transferable_cents(self, held_cents: int = 0) -> int:
        """What may be paid out now, while that much is held back."""
        return max(0, self.owed_cents - held_cents)

    def explained_cents(self) -> int:
        """Where the charged money is, party by party. It equals `remaining_cents` or a cent is missing."""
        platform = self.fee.kept_cents + self.commission.kept_cents + self.tax.kept_cents
        return self.net_transferred_cents + self.owed_cents + platform - self.loss_cents

    def remaining_cents(self) -> int:
        """What is left of the charges after refunds and chargebacks."""
        return self.charged_cents - self.refunded_cents - self.lost_to_bank_cents


def captured(price: Price) -> Balance:
    """The balance of an order whose whole price was captured just now."""
    return Balance(
        charged_cents=price.total_cents,
        subtotal_cents=price.subtotal_cents,
        fee=Part(price.platform_fee_cents - price.credit_cents),
        credit=Part(price.credit_cents),
        tax=Part(price.tax_cents),
        commission=Part(bips_of(price.subtotal_cents, price.policy.commission_bips)),
        tip_cents=price.tip_cents,
    )


def extended(balance: Balance, policy: FeePolicy, *, subtotal_cents: int = 0, tip_cents: int = 0) -> Balance:
    """The balance after more was agreed and captured: fee, tax and commission follow the whole subtotal by the order's
    own policy, and what was returned before stays returned.
    """
    subtotal = balance.subtotal_cents + subtotal_cents
    fee = clamp(bips_of(subtotal, policy.fee_bips), policy.fee_min_cents, policy.fee_max_cents)
    in_cash = fee - balance.credit.amount_cents
    tax = bips_of(in_cash if policy.credit_shrinks_tax else fee, policy.tax_bips)
    after = replace(
        balance,
        subtotal_cents=subtotal,
        fee=replace(balance.fee, amount_cents=in_cash),
        tax=replace(balance.tax, amount_cents=tax),
        commission=replace(balance.commission, amount_cents=bips_of(subtotal, policy.commission_bips)),
        tip_cents=balance.tip_cents + tip_cents,
    )
    charged = after.subtotal_cents + after.fee.amount_cents + after.tax.amount_cents + after.tip_cents
    return replace(after, charged_cents=charged)


def refunded(
    balance: Balance, subtotal_cents: int, *, fee_refundable: bool, tip_cents: int = 0
) -> tuple[Balance, Refund]:
    """Returns that much of the subtotal with its share of fee, tax and credit, which the buyer forfeits where the fee
    is not refundable; the commission's share always goes back to the provider. The tip is a matter of its own.
    """
    returned = balance.subtotal_returned_cents + subtotal_cents
    tips = balance.tip_returned_cents + tip_cents
    if min(subtotal_cents, tip_cents, balance.subtotal_cents - returned, balance.tip_cents - tips) < 0:
        raise ValueError("a refund returns no more than is left of subtotal and tip")
    moves = subtotal_cents > 0 or balance.subtotal_cents == 0
    fee, tax, credit, commission = (
        part.due(returned, balance.subtotal_cents) if moves else 0
        for part in (balance.fee, balance.tax, balance.credit, balance.commission)
    )
    after = replace(
        balance,
        subtotal_returned_cents=returned,
        fee=balance.fee.settled(fee, returned=fee_refundable),
        tax=balance.tax.settled(tax, returned=fee_refundable),
        credit=balance.credit.settled(credit, returned=fee_refundable),
        commission=balance.commission.settled(commission, returned=True),
        tip_returned_cents=tips,
    )
    return _paid_back(balance, after, fee_refundable=fee_refundable)


def wholly_refunded(balance: Balance) -> tuple[Balance, Refund]:
    """Returns everything that has not gone back yet, tip and what was forfeited before included: the buyer is not to
    lose by a provider who does not come.
    """
    after = replace(
        balance,
        subtotal_returned_cents=balance.subtotal_cents,
        fee=balance.fee.given_back(),
        tax=balance.tax.given_back(),
        credit=balance.credit.given_back(),
        commission=balance.commission.given_back(),
        tip_returned_cents=balance.tip_cents,
    )
    return _paid_back(balance, after, fee_refundable=True)


def _paid_back(before: Balance, after: Balance, *, fee_refundable: bool) -> tuple[Balance, Refund]:
    refund = Refund(
        subtotal_cents=after.subtotal_returned_cents - before.subtotal_returned_cents,
        fee_cents=after.fee.returned_cents - before.fee.returned_cents,
        tax_cents=after.tax.returned_cents - before.tax.returned_cents,
        tip_cents=after.tip_returned_cents - before.tip_returned_cents,
        credit_cents=after.credit.returned_cents - before.credit.returned_cents,
        commission_cents=after.commission.returned_cents - before.commission.returned_cents,
        fee_refundable=fee_refundable,
    )
    if refund.cash_cents > before.refundable_cents:
        raise ValueError("a refund pays no more than is left of the charges")
    return replace(after, refunded_cents=before.refunded_cents + refund.cash_cents), refund


def milestone_share(balance: Balance, approved_before_cents: int, amount_cents: int) -> int:
    """What approving a milestone brings its provider: its amount less the commission on all approved so far, less that
    on those before. Rounding each milestone by itself would miss the total.
    """
    if not 0 <= approved_before_cents <= approved_before_cents + amount_cents <= balance.subtotal_cents:
        raise ValueError("milestones share out the subtotal")
    if not balance.subtotal_cents:
        return 0
    before, after = (
        half_up(balance.commission.amount_cents * approved, balance.subtotal_cents)
        for approved in (approved_before_cents, approved_before_cents + amount_cents)
    )
    return amount_cents - (after - before)


def over_lines(subtotal_cents: int, remaining_cents: Sequence[int]) -> list[int]:
    """Splits a refund over what is left of each line, to the cent; the earlier line wins a tie."""
    if subtotal_cents > sum(remaining_cents):
        raise ValueError("lines return no more than is left of them")
    if not subtotal_cents:
        return [0 for _ in remaining_cents]
    return largest_remainder(subtotal_cents, remaining_cents)


def over_charges(refund: Refund, left_cents: Sequence[int]) -> list[Refund]:
    """Splits a refund over charges, given newest first with what is left of each: no charge gives more than it has
    left. Tip, tax and fee leave before the subtotal. Credit and commission move no cash and stay with the first
    piece.
    """
    if refund.cash_cents > sum(left_cents):
        raise ValueError("charges return no more than is left of them")
    parts = [refund.tip_cents, refund.tax_cents, refund.fee_cents, refund.subtotal_cents]
    pieces = []
    for left in left_cents:
        taken = []
        for index, part in enumerate(parts):
            taken.append(min(part, left))
            left -= taken[index]
        parts = [part - took for part, took in zip(parts, taken, strict=True)]
        tip, tax, fee, subtotal = taken
        pieces.append(replace(refund, tip_cents=tip, tax_cents=tax, fee_cents=fee, subtotal_cents=subtotal))
    return [pieces[0], *(replace(piece, credit_cents=0, commission_cents=0) for piece in pieces[1:])]
