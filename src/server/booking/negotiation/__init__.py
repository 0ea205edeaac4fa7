"""How an order comes to be agreed on: what is sent, answered, countered, accepted by rule, or left to expire.

Owns booking.request. Invariants: of an order's offers one is pending at most; nobody answers their own offer, or one
whose time is over; a provider sees no offer that no money stands behind.
"""
