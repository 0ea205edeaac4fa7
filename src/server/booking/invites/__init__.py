"""Calls for bookings that go out to several providers, and orders that are made together.

Owns booking.invite, booking.invite_recipient and booking.group. Invariants: an invite stays within its cap; each
recipient has an order of their own; of all of them one is awarded, and nothing is charged before.
"""
