"""The money of an order: what its buyer was charged and given back, and what its provider was paid.

Owns booking.payment, refund, refund_balance, transfer, transfer_reversal, provider_debt and money_finding. Invariants:
nothing is charged, given back or paid out but by a row here, written before the processor is asked and settled once by
its answer or its event, whichever comes first; the balance of an order is locked before any of it moves, and adds up to
the cent after every step.
"""
