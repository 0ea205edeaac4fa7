"""Sponsored listings: advertisers, campaigns, and what they may spend.

Owns the `promo_…` tables but for what the click stream alone writes. Invariants: a campaign belongs to one advertiser
and an advertiser to one person; every change of what decides about money raises a campaign's `limits_version` and
leaves, in the same transaction, a control record for the campaign's partition of the click log.
"""
