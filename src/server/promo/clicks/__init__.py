"""Clicks as their advertiser sees them, and what gives back those that were none.

Reads promo_click_decision, and revises it; owns promo_click_claim. Invariants: a charged click is given back once,
whatever finds it, as it was taken; the decision that stands says so; the first decision stays.
"""
