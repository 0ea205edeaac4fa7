"""Payments into campaigns: begun here, made by payments' stored calls, booked once however often they are heard of.

Owns promo_topup and promo_receivable. Invariants: what is paid has one entry in the ledger, of its amount; of a
campaign one automatic payment is open at most; no client secret is stored.
"""
