"""Orders between buyers and providers, from a quote on.

Owns schema `booking`. Invariants: a price is computed here and nowhere else; every change of an order writes one event
with the next sequence in the same transaction, and the order's version is that sequence; no two orders of a provider
hold overlapping slots.
"""
