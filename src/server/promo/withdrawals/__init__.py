"""What is left of budgets, given back: asked for here, taken or refused by the stream, refunded by payments' calls.

Owns promo_withdrawal and its parts. Invariants: no charge is promised back beyond what was paid by it; nothing is
refunded before the stream has taken it; what cannot be refunded is in the budget again.
"""
