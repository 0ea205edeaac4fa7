"""What happens to an order's balance beside its refunds. Pure."""

from dataclasses import replace

from server.booking.refunds import Balance, Part, Refund, refunded


def late(balance: Balance, cents: int) -> Balance:
    """A payment came in that no order waited for. It goes back whole, and until it has it is booked as a tip: the one
    part whose return moves nothing else, so that the order's own arithmetic never hears of it.
    """
    return replace(balance, charged_cents=balance.charged_cents + cents, tip_cents=balance.tip_cents + cents)


def refunded_elsewhere(balance: Balance, cash_cents: int) -> tuple[Balance, Refund]:
    """Somebody refunded a charge at the processor itself. The cash is taken from the subtotal, whose share of fee and
    tax the buyer then forfeits, from the tip, and last from what was forfeited.
    """
    subtotal = min(cash_cents, balance.subtotal_cents - balance.subtotal_returned_cents)
    tip = min(cash_cents - subtotal, balance.tip_cents - balance.tip_returned_cents)
    after, refund = refunded(balance, subtotal, fee_refundable=False, tip_cents=tip)
    fee = min(cash_cents - refund.cash_cents, after.fee.amount_cents - after.fee.returned_cents)
    tax = min(cash_cents - refund.cash_cents - fee, after.tax.amount_cents - after.tax.returned_cents)
    after = replace(
        after,
        refunded_cents=after.refunded_cents + fee + tax,
        fee=_returned(after.fee, fee),
        tax=_returned(after.tax, tax),
    )
    refund = replace(refund, fee_cents=fee, tax_cents=tax, fee_refundable=fee + tax > 0)
    if refund.cash_cents != cash_cents:
        raise ValueError("a refund pays no more than is left of the charges")
    return after, refund


def _returned(part: Part, cents: int) -> Part:
    """What goes back is taken from what was forfeited, where that is what is left."""
    forfeited = min(part.forfeited_cents, part.amount_cents - part.returned_cents - cents)
    return replace(part, returned_cents=part.returned_cents + cents, forfeited_cents=forfeited)


def voided(balance: Balance, *, subtotal: int, fee: int, tax: int, tip: int, commission: int) -> Balance:
    """A refund did not happen, because the bank had paid the buyer out of the same charge. Credit that went back with
    it stays with the buyer.
    """
    return replace(
        balance,
        refunded_cents=balance.refunded_cents - subtotal - fee - tax - tip,
        subtotal_returned_cents=balance.subtotal_returned_cents - subtotal,
        fee=replace(balance.fee, returned_cents=balance.fee.returned_cents - fee),
        tax=replace(balance.tax, returned_cents=balance.tax.returned_cents - tax),
        commission=replace(balance.commission, returned_cents=balance.commission.returned_cents - commission),
        tip_returned_cents=balance.tip_returned_cents - tip,
    )
